import Foundation
import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

@Suite struct LogReaderTests {
    @Test func `A partial tile and a partial bundle are taken from the full ones when only those are there`() throws {
        let log = try ScratchLog(steps: [200, 100])
        let reference = ReferenceLog(log.entries)
        #expect(Files.kind("\(log.ledger)/tile/0/000.p") == nil)
        for width in [1, 17, 200, 255] {
            let tile = try #require(TilePath(.hashes(level: 0), index: 0, width: width))
            #expect(try log.reader.hashes(tile).map(\.bytes) == (0..<width).map(reference.leafHash))
            let bundle = try #require(TilePath(.entries, index: 0, width: width))
            #expect(try log.reader.entries(bundle).map { Array($0) } == Array(log.entries.prefix(width)))
        }
    }

    @Test func `A partial tile is preferred to the full one, for its bytes are what was promised`() throws {
        let log = try ScratchLog(steps: [200, 100], removing: false)
        try log.overwrite("tile/0/000.p/200", [UInt8](repeating: 9, count: 200 * 32))
        let tile = try #require(TilePath(.hashes(level: 0), index: 0, width: 200))
        #expect(try log.reader.hashes(tile).first?.bytes == [UInt8](repeating: 9, count: 32))
    }

    @Test func `A full tile is never taken from a partial one, nor a partial one from another`() throws {
        let log = try ScratchLog(steps: [200])
        for width in [199, 201, 256] {
            for content in [TilePath.Content.hashes(level: 0), .entries] {
                let tile = try #require(TilePath(content, index: 0, width: width))
                #expect(throws: LogError(path: tile.path, problem: .missing)) {
                    if content == .entries { _ = try log.reader.entries(tile) } else { _ = try log.reader.hashes(tile) }
                }
            }
        }
    }

    @Test(arguments: [-32, -1, 1, 32])
    func `A tile of another length is malformed`(change: Int) throws {
        let log = try ScratchLog(steps: [300])
        for path in ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"] {
            let bytes = try #require(try log.files()[path])
            try log.overwrite(
                path, change < 0 ? Array(bytes.dropLast(-change)) : bytes + [UInt8](repeating: 0, count: change))
            let tile = try #require(TilePath(path: path))
            let error = #expect(throws: LogError.self) { try log.reader.hashes(tile) }
            #expect(error?.path == path)
        }
    }

    @Test(arguments: [1, 2, 255, 256, 257, 300, 513])
    func `Proofs made from the tiles on disk verify, for every older size`(size: Int) throws {
        let log = try ScratchLog(steps: [size])
        let subtrees = log.reader.subtrees(size: Int64(size))
        let reference = ReferenceLog(log.entries)
        for index in stride(from: 0, to: size, by: size > 50 ? 7 : 1) {
            let leafHash = MerkleTree.leafHash(log.entries[index])
            let inclusion = try InclusionProof(index: Int64(index), size: Int64(size), from: subtrees)
            try inclusion.verify(leafHash: leafHash, root: log.head.root)
            let old = try #require(SHA256Digest(reference.root(size: index + 1)))
            let consistency = try ConsistencyProof(oldSize: Int64(index + 1), newSize: Int64(size), from: subtrees)
            try consistency.verify(oldRoot: old, newRoot: log.head.root)
        }
    }

    @Test func `A tree's whole check passes for a good log and blames the right file of a bad one`() throws {
        let log = try ScratchLog(steps: [600])
        #expect(try problems(log) == [])
        for path in ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/88"] {
            let bytes = try #require(try log.files()[path])
            var damaged = bytes
            damaged[bytes.count - 1] ^= 1
            try log.overwrite(path, damaged)
            #expect(try problems(log) == [path])
            try log.overwrite(path, bytes)
        }
    }

    @Test func `A buffer that is used again holds one bundle after the other, and nothing of one that fails`() throws {
        let log = try ScratchLog(steps: [600])
        var buffer = BundleBuffer()
        var hasher = SHA256Hasher()
        var found: [[UInt8]] = []
        for bundle in TilePath.bundles(forSize: 600) {
            try log.reader.read(bundle, into: &buffer)
            #expect(buffer.count == bundle.width)
            for position in 0..<buffer.count {
                found.append(Array(buffer[position]))
                #expect(buffer.leafHash(position, using: &hasher) == MerkleTree.leafHash(buffer[position]))
            }
        }
        #expect(found == log.entries)
        let missing = try #require(TilePath(.entries, index: 3, width: 1))
        #expect(throws: LogError(path: missing.path, problem: .missing)) { try log.reader.read(missing, into: &buffer) }
        #expect(buffer.count == 0)
    }

    private func problems(_ log: ScratchLog) throws -> [String] {
        var check = TileCheck(reader: log.reader)
        try check.run(size: log.head.size)
        return check.mismatches(expectedRoot: log.head.root).map(\.path)
    }
}
