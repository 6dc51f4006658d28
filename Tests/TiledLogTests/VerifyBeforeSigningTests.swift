import Foundation
import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

/// One flipped bit that is signed over ends a log for ever: a writer does not even open over one.
@Suite struct VerifyBeforeSigningTests {
    static let sizes = [1, 44, 257, 300]

    /// The files that the next tree is computed from.
    private func rightEdge(_ log: ScratchLog) throws -> [String] {
        try log.files().keys.filter { $0.contains(".p/") && isNewest($0, log) }.sorted()
    }

    private func isNewest(_ path: String, _ log: ScratchLog) -> Bool {
        (TilePath.rightEdge(forSize: log.head.size) + Array(TilePath.bundles(forSize: log.head.size)))
            .contains { $0.path == path }
    }

    @Test(arguments: sizes)
    func `A writer refuses every damaged byte of the right edge, and names the file`(size: Int) throws {
        let log = try ScratchLog(steps: [size])
        let edge = try rightEdge(log)
        #expect(edge.count == (size > 256 ? 3 : 2))
        for path in edge {
            let bytes = try #require(try log.files()[path])
            for position in stride(from: 0, to: bytes.count, by: 3) {
                var damaged = bytes
                damaged[position] ^= 1 << UInt8(position % 8)
                try log.overwrite(path, damaged)
                let error = #expect(throws: LogError.self) { try log.writer() }
                #expect(error?.path == path, "byte \(position) of \(path)")
            }
            try log.overwrite(path, bytes)
        }
        _ = try log.writer()
    }

    @Test(arguments: sizes)
    func `A writer refuses a right edge that is missing, cut, grown or not a file, and names it`(size: Int) throws {
        let log = try ScratchLog(steps: [size])
        for path in try rightEdge(log) {
            let full = "\(log.ledger)/\(path)"
            let bytes = try #require(try log.files()[path])
            for damage in Damage.allCases {
                try FileManager.default.removeItem(atPath: full)
                try damage.inflict(full, bytes)
                let error = #expect(throws: LogError.self, "\(damage)") { try log.writer() }
                #expect(error?.path == path, "\(damage) \(path)")
                try? FileManager.default.removeItem(atPath: full)
                try Data(bytes).write(to: URL(fileURLWithPath: full))
            }
        }
        _ = try log.writer()
    }

    enum Damage: CaseIterable {
        case missing, cut, emptied, grown, folder, link, pipe

        func inflict(_ path: String, _ bytes: [UInt8]) throws {
            switch self {
            case .missing: break
            case .cut: try Data(bytes.dropLast(bytes.count / 2 + 1)).write(to: URL(fileURLWithPath: path))
            case .emptied: try Data().write(to: URL(fileURLWithPath: path))
            case .grown: try Data(bytes + [0]).write(to: URL(fileURLWithPath: path))
            case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            case .link:
                try Data(bytes).write(to: URL(fileURLWithPath: path + "-elsewhere"))
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + "-elsewhere")
            case .pipe: _ = try CommandRun.run("/usr/bin/mkfifo", [path], folder: "/")
            }
        }
    }

    @Test(.hangLimit) func `A writer does not count up a tree that nobody has`() throws {
        let log = try ScratchLog(steps: [300])
        let head = TreeHead(size: .max, root: log.head.root)
        #expect(throws: LogError.self) { try LogWriter(folder: log.folder, head: head) }
    }

    @Test func `A writer does not open at a tree that the entries do not make`() throws {
        let log = try ScratchLog(steps: [300])
        let other = TreeHead(size: 300, root: MerkleTree.emptyRoot)
        #expect(throws: LogError.self) { try LogWriter(folder: log.folder, head: other) }
        #expect(throws: LogError.self) {
            try LogWriter(folder: log.folder, head: TreeHead(size: 299, root: log.head.root))
        }
        #expect(throws: LogError.self) {
            try LogWriter(folder: log.folder, head: TreeHead(size: 301, root: log.head.root))
        }
    }

    /// The old root is derived from the disk once more when the new tree is: it may have rotted in between.
    @Test(arguments: [[300, 5], [255, 2], [600, 1]])
    func `Damage between opening and appending is not signed over`(steps: [Int]) throws {
        let log = try ScratchLog(steps: [steps[0]])
        for path in try rightEdge(log) where !path.contains("entries") {
            let bytes = try #require(try log.files()[path])
            var writer = try log.writer()
            var damaged = bytes
            damaged[0] ^= 1
            try log.overwrite(path, damaged)
            #expect(throws: LogError.self, "\(path)") { try writer.append(log.nextEntries(steps[1])) }
            try log.overwrite(path, bytes)
        }
        // The disk is well again: a new writer goes on where it was.
        try log.grow(by: steps[1])
        #expect(log.head.root.bytes == ReferenceLog(log.entries).root(size: log.entries.count))
    }
}
