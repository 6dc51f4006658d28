internal import Foundation
internal import Testing
internal import TiledLog

/// The states that a power cut may leave of a recorded run, at any moment of it and after it.
package struct PowerCampaign: Sendable {
    /// What is there when the machine comes back.
    package struct Left: Sendable {
        let state: CrashDisk.State
        /// Whether it may be found after the run has said that it is done.
        package fileprivate(set) var isAcknowledged: Bool

        /// For messages: names that are there or gone.
        package var names: [String] { state.changes.map(\.path) }
    }

    package let tried: [Left]
    private let folder: String
    private let stepCount: Int
    private let stateCount: Int

    /// - Parameters:
    ///   - folder: as the run has left it; it is put back to what it was before.
    ///   - isServer: whether the run is done when it has answered, and not only when it has ended.
    ///   - before: puts the folder back.
    package init(
        _ recording: DiskRecording, of folder: String, isServer: Bool = false, before: () throws -> Void
    ) throws {
        self.folder = folder
        let expected = try Self.contents(folder)
        try before()
        var disk = CrashDisk(holding: try Self.contents(folder))
        var random = SeededGenerator(seed: 2025)
        // In the order in which they came, so that the same ones are tried in every run.
        var states: [Left] = []
        var places: [CrashDisk.State: Int] = [:]
        var isAcknowledged = false
        func take(_ disk: CrashDisk) {
            for state in disk.states(.current, using: &random) {
                if let place = places[state] {
                    // What could be found before as well must have all that was acknowledged.
                    states[place].isAcknowledged = states[place].isAcknowledged || isAcknowledged
                } else {
                    places[state] = states.count
                    states.append(Left(state: state, isAcknowledged: isAcknowledged))
                }
            }
        }
        for step in recording.steps {
            take(disk)
            disk.take(step)
            if isServer, case .answered = step { isAcknowledged = true }
        }
        try #require(isAcknowledged == isServer, "the recording has no answer")
        isAcknowledged = true
        take(disk)
        stepCount = recording.steps.count
        stateCount = states.count
        let all = states
        let most = ProcessInfo.processInfo.environment["BITIM_POWER_STATES"] == "all" ? all.count : 1_000
        let share = max(1, all.count / (Campaign.isWhole ? most : 20))
        tried = [false, true].flatMap { isAcknowledged in
            let states = all.filter { $0.isAcknowledged == isAcknowledged }
            // Those after its end are few: there are always some of them.
            let step = isAcknowledged ? max(1, min(share, (states.count - 1) / 4)) : share
            return states.enumerated().filter { $0.offset % step == 0 }.map(\.element)
        }
        try #require(tried.contains { $0.isAcknowledged }, "no state after the end is tried")
        // That the recording tells everything: replayed to its end it is what the run has left.
        disk.take(.syncedAll)
        let final = try #require(disk.states(.current, using: &random).first)
        try before()
        try put(final)
        let replayed = try Self.contents(folder)
        let differing = Set(replayed.keys).union(expected.keys).filter { replayed[$0] != expected[$0] }
        try #require(differing.isEmpty, "\(differing)")
        try before()
    }

    package var words: String { "\(stepCount) steps, \(stateCount) states, \(tried.count) tried" }

    /// Does to the folder what is there of the run.
    package func put(_ left: Left) throws { try put(left.state) }

    private func put(_ state: CrashDisk.State) throws {
        let files = FileManager.default
        for change in state.changes {
            let full = "\(folder)/\(change.path)"
            let parent = full.lastIndex(of: "/").map { String(full[..<$0]) } ?? folder
            // A name in a folder that is not there is not there either.
            guard Files.kind(parent) == .folder else { continue }
            switch change.kind {
            case .name(let file):
                try? files.removeItem(atPath: full)
                try Data(state.files[file] ?? []).write(to: URL(fileURLWithPath: full))
                let isSecret = change.path.contains("keys/private")
                try files.setAttributes([.posixPermissions: isSecret ? 0o600 : 0o644], ofItemAtPath: full)
            case .noName: try? files.removeItem(atPath: full)
            // One that still holds something stays.
            case .noFolder: rmdir(full)
            case .folder: try? files.createDirectory(atPath: full, withIntermediateDirectories: false)
            }
        }
    }

    /// Every file, and what is in it.
    private static func contents(_ folder: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
        where Files.kind("\(folder)/\(name)") == .regular {
            contents[name] = try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
        }
        return contents
    }
}
