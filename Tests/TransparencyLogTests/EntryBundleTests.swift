import Testing
import TransparencyLog

@Suite("Entry bundles")
struct EntryBundleTests {
    private let bytes: [UInt8] = [0, 5] + Array("hello".utf8) + [0, 0] + [0, 3] + Array("abc".utf8)

    @Test("A bundle is read and printed, an empty entry included")
    func roundTrip() throws {
        let bundle = try EntryBundle(parsing: bytes, width: 3)
        #expect(bundle.entries.map { Array($0) } == [Array("hello".utf8), [], Array("abc".utf8)])
        #expect(bundle.bytes == bytes)
        #expect(bundle.width == 3)
        #expect(try EntryBundle([Array("hello".utf8), [], Array("abc".utf8)]) == bundle)
    }

    @Test("A bundle inside other bytes is read where it stands")
    func slice() throws {
        let slice = ([9, 9] + bytes + [9])[2..<(2 + bytes.count)]
        #expect(try EntryBundle(parsing: slice, width: 3).bytes == bytes)
    }

    @Test("A bundle cut short anywhere names the entry that is not whole")
    func truncation() {
        for count in 0..<bytes.count {
            let entry = count < 7 ? 0 : count < 9 ? 1 : 2
            #expect(throws: EntryBundleError.truncated(entry: entry)) {
                try EntryBundle(parsing: bytes[..<count], width: 3)
            }
        }
    }

    @Test("Bytes after the last entry are refused", arguments: [[0], [0, 0], [0, 1, 7]] as [[UInt8]])
    func trailing(extra: [UInt8]) {
        #expect(throws: EntryBundleError.trailingBytes(extra.count)) {
            try EntryBundle(parsing: bytes + extra, width: 3)
        }
    }

    @Test("A bundle of another width is refused", arguments: [1, 2, 4, 256])
    func otherWidth(width: Int) {
        #expect(throws: EntryBundleError.self) { try EntryBundle(parsing: bytes, width: width) }
    }

    @Test("A width out of range is refused", arguments: [Int.min, -1, 0, 257, .max])
    func badWidth(width: Int) {
        #expect(throws: EntryBundleError.wrongWidth(width)) { try EntryBundle(parsing: bytes, width: width) }
    }

    @Test("Entries of up to 65,535 bytes are written, and no longer ones")
    func longest() throws {
        let longest = [UInt8](repeating: 7, count: 65_535)
        let bundle = try EntryBundle([[1], longest])
        #expect(bundle.bytes.count == 3 + 2 + 65_535)
        #expect(try EntryBundle(parsing: bundle.bytes, width: 2) == bundle)
        #expect(throws: EntryBundleError.entryTooLong(entry: 1)) { try EntryBundle([[1], longest + [7]]) }
    }

    @Test("A bundle has 1 to 256 entries")
    func count() throws {
        #expect(throws: EntryBundleError.wrongWidth(0)) { try EntryBundle([[UInt8]]()) }
        #expect(throws: EntryBundleError.wrongWidth(257)) { try EntryBundle(Array(repeating: [UInt8](), count: 257)) }
        #expect(try EntryBundle(Array(repeating: [UInt8](), count: 256)).bytes == Array(repeating: 0, count: 512))
    }

    @Test("More bytes than 256 entries can have are refused before they are read")
    func tooLong() {
        let bytes = [UInt8](repeating: 0, count: EntryBundle.maximumByteCount + 1)
        #expect(throws: EntryBundleError.tooLong) { try EntryBundle(parsing: bytes, width: 256) }
    }
}
