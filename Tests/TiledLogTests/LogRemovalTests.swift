import Foundation
import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

/// What goes when a tree has grown, or when a process died before it signed; and that nothing else does.
@Suite struct LogRemovalTests {
    @Test(arguments: [
        (0, 1), (0, 600), (1, 1), (44, 300), (255, 1), (255, 2), (256, 1), (256, 256), (257, 1000), (300, 1), (511, 2),
        (512, 513),
    ])
    func `What lies beyond the signed tree is removed, and nothing else`(signed: Int, unsigned: Int) throws {
        let log = try ScratchLog(steps: signed == 0 ? [] : signed > 3 ? [3, signed - 3] : [signed])
        let before = signed == 0 ? [:] : try log.files()
        var dying = try log.writer()
        _ = try dying.append(log.nextEntries(unsigned))
        #expect(try log.files() != before)
        try log.scratch.write("mine", to: "registry/ledger/notes.txt")
        try log.scratch.write("mine", to: "registry/ledger/tile/0/notes.txt")
        try log.writer().removeUnpromised()
        var after = try log.files()
        #expect(after.removeValue(forKey: "notes.txt") != nil)
        #expect(after.removeValue(forKey: "tile/0/notes.txt") != nil)
        #expect(after == before)
        // And the log goes on as if nothing had been.
        let untouched = try ScratchLog(
            steps: (signed == 0 ? [] : signed > 3 ? [3, signed - 3] : [signed]) + [unsigned])
        try log.grow(by: unsigned)
        #expect(log.head == untouched.head)
    }

    @Test func `Other entries than those left behind may follow the signed tree`() throws {
        let log = try ScratchLog(steps: [250])
        var dying = try log.writer()
        _ = try dying.append((0..<20).map { Array("never signed \($0)".utf8) })
        // No removal in between: what was left is written over.
        try log.grow(by: 20)
        let reference = ReferenceLog(log.entries)
        #expect(log.head.root.bytes == reference.root(size: 270))
        #expect(try log.files() == reference.files(signedSizes: [250, 270], superseded: false))
    }

    @Test(arguments: [[255, 1], [200, 100], [256, 256], [100, 100, 400], [300, 3, 300]])
    func `Partial tiles go when the full ones are there, and only those`(steps: [Int]) throws {
        let log = try ScratchLog(steps: Array(steps.dropLast()))
        let oldSize = log.head.size
        var writer = try log.writer()
        try log.grow(by: steps.last ?? 0, writer: &writer, removing: false)
        let before = try log.files()
        try writer.removeSupersededPartials(from: oldSize)
        let after = try log.files()
        let gone = Set(before.keys).subtracting(after.keys)
        #expect(
            gone
                == Set(
                    before.keys.filter { path in
                        path.contains(".p/") && before[String(path.prefix { $0 != "." })] != nil
                    }))
        #expect(after.allSatisfy { before[$0.key] == $0.value })
        for path in gone {
            #expect(Files.kind("\(log.ledger)/\(path.prefix { $0 != "." }).p") == nil, "an empty folder is left")
        }
        // Again is as good as once.
        try writer.removeSupersededPartials(from: oldSize)
        #expect(try log.files() == after)
    }

    /// Within one step nothing is ordered: after a power cut a later file may be there without an earlier one.
    @Test func `What was left behind with gaps is removed too`() throws {
        let log = try ScratchLog(steps: [300])
        let before = try log.files()
        var dying = try log.writer()
        _ = try dying.append(log.nextEntries(1500))
        for path in ["tile/entries/001", "tile/entries/003", "tile/0/002", "tile/0/004"] {
            try FileManager.default.removeItem(atPath: "\(log.ledger)/\(path)")
        }
        try log.writer().removeUnpromised()
        #expect(try log.files().keys.sorted() == before.keys.sorted())
    }

    /// The folders of later thousands are found from the right edge on, one after the other.
    @Test func `What was left behind beyond the folder of the right edge is removed too`() throws {
        let log = try ScratchLog(steps: [300])
        let before = try log.files()
        for path in ["tile/entries/x001/000", "tile/entries/x001/999", "tile/entries/x002/007.p/3", "tile/0/x001/004"] {
            try log.scratch.write([1], to: "registry/ledger/\(path)")
        }
        try log.writer().removeUnpromised()
        #expect(try log.files() == before)
    }

    /// What was pending lies beyond the published tree, whatever has been signed since.
    @Test func `Partial tiles of a tree that was only pending go, those of published ones stay`() throws {
        let log = try ScratchLog(steps: [200, 90, 300], removing: false)
        // Published were 200 and 590; 290 was pending.
        try log.writer().removeUnpromised(since: 200) { tile in
            [200, 590].contains { size in
                TilePath.rightEdge(forSize: size).contains(tile)
                    || Array(TilePath.bundles(forSize: size)).contains(tile)
            }
        }
        let reference = ReferenceLog(log.entries)
        #expect(try log.files() == reference.files(signedSizes: [200, 590], superseded: true))
    }

    /// At any rate of publication, beyond the last, unfinished tile (DESIGN, section 4).
    @Test func `After 1,024 trees of one entry each, a ledger takes at most 1.2 times its entries' bytes`() throws {
        let log = ScratchLog()
        var writer = try log.writer()
        var bytes = 0
        for number in 0..<1024 {
            let entry = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1500 + number % 7)
            let old = writer.head.size
            _ = try writer.append([entry])
            try writer.removeSupersededPartials(from: old)
            bytes += entry.count
        }
        let files = try log.files()
        // Of partial ones there is the tile of four roots, at each of its sizes.
        #expect(files.keys.filter { $0.contains(".p/") }.sorted() == (1...4).map { "tile/1/000.p/\($0)" })
        let taken = files.values.reduce(0) { $0 + $1.count }
        #expect(taken * 10 <= bytes * 12, "\(taken) bytes for \(bytes)")
    }
}
