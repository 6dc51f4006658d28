import Foundation
import Registry
import Support
import Testing
import TiledLog

/// The power may go at any moment: whatever the disk then has, what was acknowledged is there.
@Suite(.serialized) struct PowerLossTests {
    @Test(
        .hangLimit,
        arguments: [
            ["add"] + ProgramFolder.newAgreement,
            ["record", "consented", "OLD", "--party", "KZ", "--means", "ratification", "--yes"],
            ["publish"], ["cosign"],
        ])
    func `Every state that a power cut may leave opens, audits, and holds what was acknowledged`(
        arguments: [String]
    ) async throws {
        let folder = try ProgramFolder()
        if arguments.count == 1 { try folder.leavePending() }
        let before = try folder.kept()
        let recording = try DiskRecording(arguments, folder: folder.path)
        let campaign = try PowerCampaign(recording, of: folder.path) { try before.restore() }
        for left in campaign.tried {
            try before.restore()
            try campaign.put(left)
            let found = try await folder.audit()
            #expect(found.verdict != .failed, "\(left.names): \(found.findings)")
            #expect(found.entries >= folder.entries)
            if left.isAcknowledged { #expect(found.treeSize == folder.entries + 1, "\(left.names)") }
            try folder.run(arguments, status: nil)
            try folder.run(["publish"])
            let after = try await folder.audit()
            #expect(after.verdict == .passed, "\(left.names): \(after.findings)")
            #expect(after.treeSize == folder.entries + 1)
        }
        #expect(campaign.tried.contains { $0.isAcknowledged })
        print("power: \(arguments[0]): \(campaign.words)")
    }

    @Test func `A checkpoint that a killed process has stored is on disk before it is the latest`() throws {
        let folder = try ProgramFolder()
        try folder.leavePending()
        let before = try folder.kept()
        let latest = try #require(
            try FaultedRun(["publish"], folder: folder.path).calls
                .first { $0.description == "rename registry/ledger/checkpoint" })
        try before.restore()
        let killed = try FaultedRun(["publish"], folder: folder.path, fault: Fault(.killed, at: latest, number: 1))
        try #require(killed.run.status == -SIGKILL)
        try #require(Files.kind("\(folder.path)/registry/checkpoints/003") == .regular)
        let again = try FaultedRun(["publish"], folder: folder.path)
        #expect(again.run.status == 0)
        let calls = again.calls.map(\.description)
        let named = try #require(calls.firstIndex(of: latest.description))
        #expect(calls[..<named].contains { $0 == "syncfs registry" })
    }
}
