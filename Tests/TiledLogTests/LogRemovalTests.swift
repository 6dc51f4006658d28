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
}
