import Foundation
import Registry
import Support
import Testing
import TiledLog

/// A repair that does not come to its end loses nothing that it could have saved.
@Suite(.serialized) struct RepairFaultTests {
    private static let bundle = "registry/ledger/tile/entries/000.p/4"

    /// Entry 1 is damaged in the bundle of all four, and right in a smaller one; the last is in that bundle alone.
    private func damaged() throws -> (ProgramFolder, sound: [UInt8]) {
        let folder = try ProgramFolder()
        for number in 1...2 {
            try folder.run([
                "add", "new.txt", "--id", "MORE-\(number)", "--title", "en=More", "--kind", "plan", "--sign", "KZ,UZ",
                "--yes",
            ])
        }
        let path = "\(folder.path)/\(Self.bundle)"
        let sound = try Files.read(path, maximumBytes: 1 << 20)
        var bytes = sound
        bytes[Int(bytes[0]) << 8 | Int(bytes[1]) + 100] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return (folder, sound)
    }

    /// - Parameter place: for messages.
    private func expectMended(_ folder: ProgramFolder, _ sound: [UInt8], _ place: String) async throws {
        let run = try folder.run(["repair"], status: nil)
        #expect(run.status == 0, "\(place): \(run.standardOutput) \(run.standardError)")
        let audit = try await folder.audit()
        #expect(audit.verdict == .passed && audit.treeSize == 4, "\(place): \(audit.findings)")
        #expect(try Files.read("\(folder.path)/\(Self.bundle)", maximumBytes: 1 << 20) == sound, "\(place)")
        #expect(try folder.temporaryFiles() == [], "\(place)")
    }

    @Test(.hangLimit) func `Whatever call of a repair fails, the next one mends all`() async throws {
        let (folder, sound) = try damaged()
        let before = try folder.kept()
        var plainCalls: [FileCall] = []
        let tally = try await FaultCampaign(step: Campaign.isWhole ? 1 : 40).run {
            let plain = try FaultedRun(["repair"], folder: folder.path)
            try #require(plain.run.status == 0, "\(plain.run.standardError)")
            plainCalls = plain.calls
            return plainCalls
        } inject: { fault in
            try before.restore()
            let faulted = try FaultedRun(["repair"], folder: folder.path, fault: fault)
            // Its own audit may have met the fault: then that is its answer.
            let isJudged = [1, 3].contains(faulted.run.status) && faulted.run.standardOutput.contains("findings")
            let wrongEnding = isJudged ? nil : faulted.wrongEnding(after: fault, plain: plainCalls)
            #expect(wrongEnding == nil, "repair: \(fault)")
            try await expectMended(folder, sound, "repair: \(fault)")
            return (faulted.run.status == 0 ? .wentOn : .failed, faulted.calls)
        }
        print("faults: repair: \(tally.words)")
        for unmet in tally.unmet { print("faults: repair: not met: \(unmet)") }
        #expect(tally.failed > 0)
        #expect(tally.unmet.isEmpty)
    }

    @Test(.hangLimit) func `Whatever a power cut leaves of a repair, the next one mends all`() async throws {
        let (folder, sound) = try damaged()
        let before = try folder.kept()
        let recording = try DiskRecording(["repair"], folder: folder.path)
        let campaign = try PowerCampaign(recording, of: folder.path) { try before.restore() }
        for left in campaign.tried {
            try before.restore()
            try campaign.put(left)
            if left.isAcknowledged {
                let audit = try await folder.audit()
                #expect(audit.verdict == .passed, "\(left.names): \(audit.findings)")
            }
            try await expectMended(folder, sound, "\(left.names)")
        }
        print("power: repair: \(campaign.words)")
    }
}
