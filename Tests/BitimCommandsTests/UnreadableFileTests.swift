import Foundation
import Support
import Testing

/// What may not be read is told as that, and not taken for damage.
@Suite struct UnreadableFileTests {
    @Test(arguments: [["list"], ["show", "KZ-UZ-2025-06"], ["checkpoint"], ["audit"], ["status"]])
    func `A checkpoint that may not be read is no broken registry`(arguments: [String]) throws {
        let scratch = ScratchFolder()
        for name in ["registry", "keys"] {
            try FileManager.default.copyItem(atPath: PackageRoot.file(name), toPath: scratch.file(name))
        }
        try FileManager.default.copyItem(atPath: CommandRun.program, toPath: scratch.file("bitim"))
        let checkpoint = scratch.file("registry/ledger/checkpoint")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: checkpoint)
        // Nobody keeps root from reading.
        let nobody = getuid() == 0 ? ["--reuid=65534", "--clear-groups"] : []
        let run = try CommandRun.run(
            "/usr/bin/setpriv", nobody + [scratch.file("bitim")] + arguments, folder: scratch.path)
        #expect(run.status == 4, "\(run.standardOutput)\(run.standardError)")
        #expect(run.standardError.contains("checkpoint: cannot read: Permission denied"), "\(run.standardError)")
        #expect(run.standardError.contains("check the permissions"), "\(run.standardError)")
    }
}
