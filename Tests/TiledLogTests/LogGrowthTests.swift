import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

/// tlog-tiles to the byte, however a log has grown.
@Suite struct LogGrowthTests {
    static let growths: [[Int]] = [
        [1], [255], [256], [257], [255, 1], [255, 1, 1], [256, 1], [257, 255], [511, 1], [512], [512, 1], [1, 511],
        [255, 2], [256, 256, 1], [255, 257, 1], [1, 254, 1, 1, 254, 1, 1], [100, 200, 300, 424], [768, 1, 255],
    ]

    @Test(arguments: growths, [false, true])
    func `A log has exactly the specified files after any growth`(steps: [Int], removing: Bool) throws {
        try expectExact(ScratchLog(steps: steps, removing: removing), superseded: !removing)
    }

    @Test(arguments: [false, true])
    func `A log grown one by one to 300 has a partial tile for each size that was signed`(removing: Bool) throws {
        let log = ScratchLog()
        var writer = try log.writer()
        for _ in 0..<300 { try log.grow(by: 1, writer: &writer, removing: removing) }
        try expectExact(log, superseded: !removing)
        let files = try log.files()
        #expect(files["tile/1/000.p/1"]?.count == 32)
        #expect((files["tile/0/000.p/17"] != nil) == !removing)
        #expect(files["tile/0/001.p/44"] != nil && files["tile/0/001.p/1"] != nil)
    }

    @Test func `One writer that appends many times is as good as many writers`() throws {
        let one = ScratchLog()
        var writer = try one.writer()
        for step in [3, 252, 1, 1, 255, 40] { try one.grow(by: step, writer: &writer, removing: true) }
        let many = try ScratchLog(steps: [3, 252, 1, 1, 255, 40])
        #expect(try one.files() == many.files())
        #expect(one.head == many.head)
    }

    @Test func `Seventy thousand entries in a few batches make the tiles of the specification's own example`() throws {
        let log = try ScratchLog(steps: [1, 65_534, 1, 1, 4463])
        try expectExact(log, superseded: false)
        let paths = Set(try log.files().keys)
        #expect(paths.count(where: { $0.hasPrefix("tile/0/") && !$0.contains(".p/") }) == 273)
        #expect(paths.filter { $0.hasPrefix("tile/0/") && $0.contains(".p/") } == ["tile/0/273.p/112"])
        #expect(paths.filter { $0.hasPrefix("tile/1/") }.sorted() == ["tile/1/000", "tile/1/001.p/17"])
        #expect(paths.filter { $0.hasPrefix("tile/2/") } == ["tile/2/000.p/1"])

        // What a process that died before it signed leaves behind goes, at every level, and nothing else does.
        let before = try log.files()
        var dying = try log.writer()
        _ = try dying.append(log.nextEntries(65_536 * 2 - 70_000 + 1))
        #expect(try log.files().count > before.count)
        try log.writer().removeUnpromised()
        #expect(try log.files() == before)
    }

    @Test func `Nothing appended changes nothing`() throws {
        let log = try ScratchLog(steps: [300])
        let before = try log.files()
        var writer = try log.writer()
        #expect(try writer.append([]) == log.head)
        #expect(try log.files() == before)
    }

    @Test func `Entries of every allowed length are kept, and a longer one is refused before anything is written`()
        throws
    {
        let log = ScratchLog()
        var writer = try log.writer()
        let longest = [UInt8](repeating: 7, count: 65_535)
        let head = try writer.append([longest, [], longest])
        let bundle = try #require(TilePath(.entries, index: 0, width: 3))
        #expect(try log.reader.entries(bundle).map { Array($0) } == [longest, [], longest])
        let before = try log.files()
        var second = try LogWriter(folder: log.folder, head: head)
        #expect(throws: EntryBundleError.entryTooLong(entry: 3)) { try second.append([longest + [7]]) }
        #expect(try log.files() == before)
    }

    private func expectExact(_ log: ScratchLog, superseded: Bool) throws {
        let reference = ReferenceLog(log.entries)
        let expected = reference.files(signedSizes: log.signedSizes, superseded: superseded)
        let files = try log.files()
        #expect(Set(files.keys).subtracting(expected.keys) == [], "files that should not be there")
        #expect(Set(expected.keys).subtracting(files.keys) == [], "files that are missing")
        #expect(files.filter { expected[$0.key] != nil && expected[$0.key] != $0.value }.keys.sorted() == [])
        #expect(log.head.root.bytes == reference.root(size: log.entries.count))
        for path in files.keys {
            let tile = try #require(TilePath(path: path), "\(path)")
            #expect(try log.mode(path) == (tile.isPartial ? 0o644 : 0o444), "\(path)")
        }
        for bundle in TilePath.bundles(forSize: log.head.size) {
            let start = Int(bundle.index) * 256
            #expect(
                try log.reader.entries(bundle).map { Array($0) }
                    == Array(log.entries[start..<(start + bundle.width)]))
        }
        #expect(try Files.names(in: log.scratch.file("registry/state/temporary")) == [])
    }
}
