import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

@Suite struct FileModesTests {
    /// What is served can be read by the server, tiles that are full never change, and secrets are their owner's alone.
    @Test(arguments: ["000", "022", "077"])
    func `Files have their modes whatever the umask is`(mask: String) throws {
        let scratch = ScratchFolder()
        try scratch.write("A text.\n", to: "a.txt")
        let script = """
            umask \(mask) && "$0" keys new KZ --unencrypted && "$0" keys new UZ --unencrypted \
            && "$0" init --origin test.example/modes --unencrypted-log --yes \
            && "$0" add a.txt --title en=A --kind agreement --sign KZ,UZ --yes
            """
        let run = try CommandRun.run("/bin/sh", ["-c", script, CommandRun.program], folder: scratch.path)
        #expect(run.status == 0, "\(run.standardError)")
        var seen = 0
        for path in try FileManager.default.subpathsOfDirectory(atPath: scratch.path) {
            let full = scratch.file(path)
            guard Files.kind(full) == .regular else {
                if path == "keys/private" { #expect(Files.permissions(full) == 0o700) }
                // What is in it is public.
                if path == "keys" { #expect(Files.permissions(full) == 0o755 & ~UInt32(mask, radix: 8)!) }
                continue
            }
            let mode = try Files.attributes(full).mode
            if path.hasPrefix("keys/private/") {
                #expect(mode == 0o600, "\(path)")
            } else if path.hasPrefix("keys/") || path.hasPrefix("registry/"), path != "registry/state/lock" {
                let tile = TilePath(path: String(path.dropFirst("registry/ledger/".count)))
                #expect(mode == (tile?.isPartial == false ? 0o444 : 0o644), "\(path)")
                seen += 1
            }
        }
        #expect(seen > 15)
    }
}
