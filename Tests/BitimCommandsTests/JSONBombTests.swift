import Foundation
import Glibc
import Support
import Testing

/// JSON of which a tree would take many times its size in memory is refused before there is one.
@Suite struct JSONBombTests {
    /// A sanitizer reserves more addresses than any limit allows.
    private static let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in dlsym(nil, name) != nil
    }
    private static let limitKilobytes = 300_000

    /// A copy of the shipped registry.
    private func folder() throws -> ScratchFolder {
        let scratch = ScratchFolder()
        for name in ["registry", "keys"] {
            try FileManager.default.copyItem(atPath: PackageRoot.file(name), toPath: scratch.file(name))
        }
        return scratch
    }

    private func run(
        _ arguments: String, _ scratch: ScratchFolder, limitKilobytes: Int = limitKilobytes
    ) throws -> CommandRun {
        let limit = Self.isSanitized ? "" : "ulimit -v \(limitKilobytes); "
        return try CommandRun.run(
            "/bin/sh", ["-c", "\(limit)exec '\(CommandRun.program)' \(arguments)"], folder: scratch.path)
    }

    private func bomb(_ value: String, _ rest: String) -> String {
        "{\"agreements\":[],\"many\":[" + String(repeating: value + ",", count: 8_000_000 / (value.utf8.count + 1))
            + "0]"
            + rest + "}"
    }

    @Test(arguments: ["1", "[1]"])
    func `A file of countless values is refused in little memory`(value: String) throws {
        let scratch = try folder()
        try scratch.write(bomb(value, ""), to: "bomb.json")
        try scratch.write(bomb(value, ",\"format\":\"bitim-audit-trail\""), to: "trail.json")
        let document = try run("verify bomb.json", scratch)
        #expect(document.status == 1, "\(document.standardError)")
        #expect(document.standardOutput.contains("document.unknown"), "\(document.standardOutput)")
        let trail = try run("verify trail.json", scratch)
        #expect(trail.status == 1, "\(trail.standardError)")
        #expect(trail.standardOutput.contains("trail.malformed"), "\(trail.standardOutput)")
        #expect(trail.standardOutput.contains("are more than any sound file has"))
        let catalogue = try run("add --from bomb.json --sign KZ,UZ --yes", scratch)
        #expect(catalogue.status == 64, "\(catalogue.standardError)")
        #expect(catalogue.standardError.contains("bomb.json: "))
        #expect(catalogue.standardError.contains("are more than any sound file has"))
    }

    /// The first of them is none, or is none that counts; the rest takes no room on disk and far more than there is in
    /// memory.
    @Test(arguments: ["nothing", "small values", "large values"])
    func `A file that only begins like signed entries is refused in little memory`(_ kind: String) throws {
        let scratch = try folder()
        let header: [UInt8] =
            switch kind {
            case "nothing": [0x30]
            case "small values": (0..<4_000_000).flatMap { _ in [0x30, 0x00] as [UInt8] }
            // Of SignedData, as an entry's.
            default: [0x30, 0x83, 0x0F, 0xFF, 0xFB, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
            }
        try scratch.write(header, to: "entries.der")
        let file = try #require(FileHandle(forWritingAtPath: scratch.file("entries.der")))
        if kind == "large values" {
            for number in 1..<1000 {
                try file.seek(toOffset: UInt64(number) << 20)
                try file.write(contentsOf: header)
            }
        }
        try file.truncate(atOffset: 1000 << 20)
        try file.close()
        // Of entries of a megabyte each some are looked at before more is asked.
        let run = try run("add --from entries.der --yes", scratch, limitKilobytes: 2 * Self.limitKilobytes)
        #expect(run.status == 4, "\(run.standardError)")
        let reason = kind == "large values" ? "the log's key is not in" : "what follows entry 0 of the file is no entry"
        #expect(run.standardError.contains(reason), "\(run.standardError)")
    }

    @Test func `A trail with an object of countless members is refused`() throws {
        let scratch = try folder()
        let members = (0..<1001).map { "\"a long name of the member \($0)\":0," }.joined()
        try scratch.write("{\(members)\"format\":\"bitim-audit-trail\"}", to: "trail.json")
        let trail = try run("verify trail.json", scratch)
        #expect(trail.status == 1)
        #expect(trail.standardOutput.contains("an object of more than 1000 members"), "\(trail.standardOutput)")
    }
}
