import Foundation
import Registry
import Support
import Testing
import TiledLog

/// The power may go at any moment: whatever the disk then has, what was acknowledged is there.
@Suite(.serialized) struct PowerLossTests {
    private static let document = ["new.txt", "--title", "en=New", "--kind", "plan", "--sign", "KZ,UZ", "--yes"]

    @Test(
        .hangLimit,
        arguments: [
            ["add", "--id", "NEW"] + document,
            ["record", "consented", "OLD", "--party", "KZ", "--means", "ratification", "--yes"],
        ])
    func `Every state that a power cut may leave opens, audits, and holds what was acknowledged`(
        arguments: [String]
    ) async throws {
        let folder = try ProgramFolder()
        let before = try folder.kept()
        let recording = try DiskRecording(arguments, folder: folder.path)
        // That the recording tells everything: replayed to its end it is what the run has left.
        let expected = try folder.contents()
        var disk = CrashDisk()
        var random = SplitMix(state: 2025)
        var states: Set<CrashDisk.State> = []
        let choice = CrashDisk.Choice(
            mostChanges: Campaign.isWhole ? 8 : 2, randomStates: Campaign.isWhole ? 60 : 2)
        for step in recording.steps {
            states.formUnion(disk.states(choice, using: &random))
            disk.take(step)
        }
        disk.take(.syncedAll)
        let final = try #require(disk.states(choice, using: &random).first)
        try before.restore()
        try folder.put(final)
        #expect(try folder.contents() == expected)
        // After the run has ended, with nothing synced any more, all of it is there.
        states.formUnion(try acknowledged(recording.steps, choice, &random))
        let all = Array(states)
        let chosen = Campaign.isWhole ? all.indices.map { $0 } : all.indices.filter { $0 % max(1, all.count / 30) == 0 }
        for number in chosen {
            try before.restore()
            try folder.put(all[number])
            let left = try await folder.audit()
            #expect(left.verdict != .failed, "\(all[number].changes.map(\.path)): \(left.findings)")
            #expect(left.entries >= folder.entries)
            try folder.run(arguments, status: nil)
            try folder.run(["publish"])
            let after = try await folder.audit()
            #expect(after.verdict == .passed, "\(all[number].changes.map(\.path)): \(after.findings)")
            #expect(after.treeSize == folder.entries + 1)
        }
        print("power: \(arguments[0]): \(recording.steps.count) steps, \(all.count) states, \(chosen.count) tried")
    }

    /// The states after the end of the run: in each of them the entry has to be published.
    private func acknowledged(
        _ steps: [DiskRecording.Step], _ choice: CrashDisk.Choice, _ random: inout SplitMix
    ) throws -> Set<CrashDisk.State> {
        var disk = CrashDisk()
        for step in steps { disk.take(step) }
        let states = disk.states(choice, using: &random)
        for state in states {
            let published = state.changes.contains { $0.path == "registry/checkpoints/003" }
            #expect(published, "acknowledged, and lost by a power cut")
        }
        #expect(!states.isEmpty)
        return states
    }
}

extension ProgramFolder {
    /// Every file of registry and keys, and what is in it.
    func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path)
        where Files.kind("\(path)/\(name)") == .regular {
            contents[name] = try Array(Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
        }
        return contents
    }

    /// Does to the folder what is there of a run after a power cut.
    func put(_ state: CrashDisk.State) throws {
        let files = FileManager.default
        for change in state.changes {
            let full = "\(path)/\(change.path)"
            let parent = full.lastIndex(of: "/").map { String(full[..<$0]) } ?? path
            // A name in a folder that is not there is not there either.
            guard Files.kind(parent) == .folder else { continue }
            switch change.kind {
            case .name(let file):
                try? files.removeItem(atPath: full)
                try Data(state.files[file] ?? []).write(to: URL(fileURLWithPath: full))
                let isSecret = change.path.hasPrefix("keys/private")
                try files.setAttributes([.posixPermissions: isSecret ? 0o600 : 0o644], ofItemAtPath: full)
            case .noName: try? files.removeItem(atPath: full)
            // One that still holds something stays.
            case .noFolder: rmdir(full)
            case .folder: try? files.createDirectory(atPath: full, withIntermediateDirectories: false)
            }
        }
    }
}
