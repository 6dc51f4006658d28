import Foundation
import Registry
import Support
import Testing
import TiledLog

/// The power of a mirror's machine, or of a witness's, may go at any moment.
@Suite(.serialized) struct NetworkPowerTests {
    @Test(.hangLimit)
    func `Whatever a power cut leaves of a copy, it is whole, and the next run completes it`() async throws {
        let capitals = try TwoCapitals()
        let (folder, arguments) = try await capitals.copyThatIsBehind()
        let recording = try DiskRecording(arguments, folder: folder.path)
        let campaign = try PowerCampaign(recording, of: folder.path) { try folder.restore() }
        for left in campaign.tried {
            try folder.restore()
            try campaign.put(left)
            let found = try await folder.audit("copy")
            #expect(found.verdict != .failed, "\(left.names): \(found.findings)")
            #expect(found.treeSize == 4 || !left.isAcknowledged && found.treeSize == 2, "\(left.names)")
            let again = try CommandRun.bitim(arguments, folder: folder.path)
            #expect(again.status == 0, "\(left.names): \(again.standardError)")
            let after = try await folder.audit("copy")
            #expect(after.verdict == .passed && after.treeSize == 4, "\(left.names): \(after.findings)")
        }
        print("power: mirror: \(campaign.words)")
        capitals.stopServing()
    }

    @Test(.hangLimit)
    func `Whatever a power cut leaves of a witness, it remembers what it has cosigned, and goes on`() async throws {
        let capitals = try TwoCapitals()
        // One that comes back is enough.
        let witnessed = try await capitals.witnessThatHasCosigned()
        let log = capitals.scratch.file("KZ.recording")
        try await capitals.startWitness("KZ", recordedIn: log)
        try #require(try capitals.add("A-2").status == 0)
        // Not killed in the middle of a call, of which nobody could tell whether it was done.
        try #require(capitals.witnesses["KZ"]?.terminate() == 0)
        capitals.stopServing()
        let recording = try DiskRecording(log: log, folder: witnessed.path)
        let campaign = try PowerCampaign(recording, of: witnessed.path, isServer: true) { try witnessed.restore() }
        let operated = try KeptFolder(capitals.scratch.file("op"))
        try operated.keep()
        for left in campaign.tried {
            for folder in [operated, witnessed] { try folder.restore() }
            try campaign.put(left)
            let memory = try String(contentsOfFile: "\(witnessed.path)/keys/private/KZ-witness.state", encoding: .utf8)
            if left.isAcknowledged { #expect(memory.contains("\(TwoCapitals.origin) 3 "), "\(left.names): \(memory)") }
            let found = try await witnessed.audit("registry")
            #expect(found.verdict != .failed, "\(left.names): \(found.findings)")
            try await capitals.serve()
            try await capitals.startWitness("KZ")
            let next = try await TwoCapitals.offThread { try capitals.add("NEXT", "--witness-timeout", "20") }
            #expect(next.status == 0, "\(left.names): \(next.standardError)")
            capitals.killWitness("KZ")
            capitals.stopServing()
            let after = try await operated.audit("registry")
            #expect(after.verdict == .passed && after.treeSize == 4, "\(left.names): \(after.findings)")
        }
        print("power: witness: \(campaign.words)")
    }
}
