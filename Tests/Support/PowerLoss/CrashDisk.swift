/// A file system of which nothing is certain but what was synced: what POSIX promises, and no more.
///
/// Names and bytes that were not synced may be there or not, in any combination; of bytes also a beginning, cut at 512,
/// or as many zeros. A rename is one step: the old name goes only when the new one is there.
package struct CrashDisk {
    package struct Change: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case name(file: Int)
            case noName
            case folder
            case noFolder
        }

        package let path: String
        package let kind: Kind
        /// The change that must be there before this one may be: the new name of what is renamed.
        var after: Int?
    }

    /// Of a file.
    private struct Contents: Hashable {
        var certain: [UInt8] = []
        var written: [UInt8] = []
        var isCertain: Bool { certain == written }
    }

    private var contents: [Int: Contents] = [:]
    /// In order; those that were synced first.
    private var certainChanges: [Change] = []
    private var openChanges: [(number: Int, change: Change)] = []
    private var names: [String: Int] = [:]
    private var count = 0

    /// - Parameter files: what was on it, certainly, before the run.
    package init(holding files: [String: [UInt8]] = [:]) {
        // The files of a recording are numbered from 0.
        for (number, (path, bytes)) in files.enumerated() {
            names[path] = -1 - number
            contents[-1 - number] = Contents(certain: bytes, written: bytes)
        }
    }

    package mutating func take(_ step: DiskRecording.Step) {
        switch step {
        case .made(let file, let path):
            contents[file] = Contents()
            names[path] = file
            change(path, .name(file: file))
        case .wrote(let file, let position, let bytes):
            var written = contents[file]?.written ?? []
            if written.count < position + bytes.count {
                written += Array(repeating: 0, count: position + bytes.count - written.count)
            }
            written.replaceSubrange(position..<(position + bytes.count), with: bytes)
            contents[file, default: Contents()].written = written
        case .cut(let file, let size):
            let left = Array(contents[file]?.written.prefix(size) ?? [])
            contents[file, default: Contents()].written = left
        case .linked(let from, let to):
            names[to] = names[from]
            if let file = names[from] { change(to, .name(file: file)) }
        case .renamed(let from, let to):
            guard let file = names.removeValue(forKey: from) else { return }
            names[to] = file
            let new = change(to, .name(file: file))
            change(from, .noName, after: new)
        case .removed(let path):
            names[path] = nil
            change(path, .noName)
        case .madeFolder(let path): change(path, .folder)
        case .removedFolder(let path): change(path, .noFolder)
        case .syncedFile(let file):
            let written = contents[file]?.written ?? []
            contents[file, default: Contents()].certain = written
        case .syncedFolder(let folder): settle { Self.parent(of: $0.path) == folder }
        case .answered: break
        case .syncedAll:
            contents = contents.mapValues { Contents(certain: $0.written, written: $0.written) }
            settle { _ in true }
        }
    }

    @discardableResult
    private mutating func change(_ path: String, _ kind: Change.Kind, after: Int? = nil) -> Int {
        count += 1
        openChanges.append((count, Change(path: path, kind: kind, after: after)))
        return count
    }

    private mutating func settle(_ isSynced: (Change) -> Bool) {
        certainChanges += openChanges.filter { isSynced($0.change) }.map(\.change)
        let settled = Set(openChanges.filter { isSynced($0.change) }.map(\.number))
        openChanges.removeAll { settled.contains($0.number) }
        // What had to come before is there.
        for position in openChanges.indices where openChanges[position].change.after.map(settled.contains) ?? false {
            openChanges[position].change.after = nil
        }
    }

    private static func parent(of path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }

    // MARK: What may be found

    private static let block = 512

    /// What is there of bytes that were not synced.
    private enum Bytes {
        case all, none, zeros, firstBlock, half, butLastBlock
        /// Each block by itself, another choice for each file.
        case torn(UInt64)

        static let plain: [Bytes] = [.none, .zeros, .firstBlock, .half, .butLastBlock]
    }

    /// One state that the machine may come back with.
    package struct State: Hashable, Sendable {
        package let changes: [Change]
        /// Of each file that has a name in it.
        package let files: [Int: [UInt8]]
    }

    /// Whether all that may have happened is tried, or a part of it.
    package struct Choice: Sendable {
        /// Up to so many open changes, every subset of them.
        let mostChanges: Int
        let randomStates: Int
        /// Of each set of names: so many in which blocks are there or not as chance has it.
        let tornStates: Int

        package static var current: Choice {
            Campaign.isWhole
                ? Choice(mostChanges: 8, randomStates: 60, tornStates: 6)
                : Choice(mostChanges: 2, randomStates: 2, tornStates: 1)
        }
    }

    /// One may be among them more than once.
    package func states(_ choice: Choice, using random: inout some RandomNumberGenerator) -> [State] {
        var states: [State] = []
        for chosen in subsets(choice, using: &random) {
            let changes = certainChanges + chosen
            let uncertain = contents.keys.filter { contents[$0]?.isCertain == false }.sorted()
            states.append(state(changes) { _ in .all })
            guard !uncertain.isEmpty else { continue }
            let torn = (0..<choice.tornStates).map { _ in Bytes.torn(random.next()) }
            for bytes in Bytes.plain + torn {
                states.append(state(changes) { _ in bytes })
                // Each file for itself.
                for file in uncertain { states.append(state(changes) { $0 == file ? bytes : .all }) }
            }
        }
        return states
    }

    private func subsets(_ choice: Choice, using random: inout some RandomNumberGenerator) -> [[Change]] {
        let count = openChanges.count
        func chosen(_ isThere: (Int) -> Bool) -> [Change] {
            var there: Set<Int> = []
            var changes: [Change] = []
            for (position, open) in openChanges.enumerated() where isThere(position) {
                if let after = open.change.after, !there.contains(after) { continue }
                there.insert(open.number)
                changes.append(open.change)
            }
            return changes
        }
        guard count > choice.mostChanges else {
            return (0..<(1 << count)).map { mask in chosen { mask >> $0 & 1 == 1 } }
        }
        // None, all, each beginning, each alone, all but each; and some at random.
        var subsets = (0...count).map { end in chosen { $0 < end } }
        subsets += (0..<count).map { only in chosen { $0 == only } }
        subsets += (0..<count).map { without in chosen { $0 != without } }
        for _ in 0..<choice.randomStates {
            let mask = UInt64.random(in: 0...UInt64.max, using: &random)
            subsets.append(chosen { mask >> UInt64($0 % 64) & 1 == 1 })
        }
        return subsets
    }

    private func state(_ changes: [Change], _ bytes: (Int) -> Bytes) -> State {
        var files: [Int: [UInt8]] = [:]
        for case .name(let file) in changes.map(\.kind) {
            guard let contents = contents[file] else { continue }
            let (certain, written) = (contents.certain, contents.written)
            let block = Self.block
            files[file] =
                if contents.isCertain { written } else {
                    switch bytes(file) {
                    case .all: written
                    case .none: certain
                    case .zeros: Array(repeating: 0, count: written.count)
                    case .firstBlock: Array(written.prefix(block))
                    case .half: Array(written.prefix(written.count / 2 / block * block))
                    case .butLastBlock: Array(written.prefix(max(0, written.count - 1) / block * block))
                    case .torn(let seed): Self.torn(certain, written, SeededGenerator(seed: seed ^ UInt64(file)))
                    }
                }
        }
        return State(changes: changes, files: files)
    }

    private static func torn(_ certain: [UInt8], _ written: [UInt8], _ chance: SeededGenerator) -> [UInt8] {
        var chance = chance
        var bytes = certain + Array(repeating: 0, count: max(0, written.count - certain.count))
        for start in stride(from: 0, to: written.count, by: block) where chance.next() & 1 == 0 {
            let range = start..<min(start + block, written.count)
            bytes.replaceSubrange(range, with: written[range])
        }
        return bytes
    }
}
