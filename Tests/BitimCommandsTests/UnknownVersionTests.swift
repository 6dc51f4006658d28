import Agreements
import Foundation
import Registry
import Support
import Testing

/// What the commands say of a registry with an event of its own that a newer release has written.
@Suite struct UnknownVersionTests {
    @Test func `Listings say from where on nothing can be judged, and nothing is made for a change of keys`()
        async throws
    {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let retiring = try registry.enrolment("KZ").withdraw("signer-2", .retire)
        let statement = try await registry.registrar().statement(of: .registryChanged(retiring), agreement: nil)
        let content = String(decoding: statement.canonicalBytes, as: UTF8.self)
            .replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        try await registry.putByHand([
            registry.leaf(content: Array(content.utf8), signers: [registry.signer("KZ"), registry.signer("UZ")])
        ])
        func bitim(_ arguments: String...) throws -> CommandRun {
            try CommandRun.bitim(arguments, folder: registry.scratch.path)
        }
        // What was registered before may have been voided: only listings, which judge nothing, end with 0.
        for (command, status) in [(["list"], Int32(0)), (["status"], 0), (["show", "KZ-UZ-1"], 3)] {
            let run = try CommandRun.bitim(command, folder: registry.scratch.path)
            #expect(run.status == status, "\(run.standardError)")
            #expect(
                run.standardError.contains(
                    "bitim: note: entry 2 changed the registry in a version that is not known to this program"))
        }
        let audit = try bitim("audit", "--quiet")
        #expect(audit.status == 3 && audit.standardOutput == "indeterminate\n")
        let before = try FileManager.default.subpathsOfDirectory(atPath: registry.keys.path)
        let rotation = try bitim("keys", "rotate", "KZ", "signer", "--sign", "KZ,UZ", "--unencrypted", "--yes")
        #expect(rotation.status == 1)
        #expect(rotation.standardError.contains("use a newer release"))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: registry.keys.path) == before)
        let update = try bitim("keys", "update")
        #expect(update.status == 1 && update.standardError.contains("use a newer release"))
    }
}
