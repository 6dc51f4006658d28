import Support
import Testing

@testable import Agreements

@Suite("Table of agreements")
struct AgreementTableTests {
    @Test("searches begin everywhere in a segment, in the order of the tags")
    func homes() {
        let homes = (UInt64(0)..<64).map { AgreementTable.home(of: $0 << 18, in: 640) }
        #expect(homes == (0..<64).map { $0 * 10 })
        #expect(AgreementTable.home(of: 1 << 24 - 1, in: 5001) == 5000)
    }

    @Test("what was put in is found, through all growth, and what was replaced is not", arguments: [Int64(0), 3000])
    func findsAll(_ expected: Int64) {
        var generator = SeededGenerator(seed: 1)
        let hashes = (0..<20_000).map { _ in generator.next() }
        var table = AgreementTable(reservedFor: expected)
        for (entry, hash) in hashes.enumerated() {
            #expect(!table.entries(under: hash).contains(Int64(entry)))
            table.insert(Int64(entry), under: hash)
        }
        for (entry, hash) in hashes.enumerated() where entry.isMultiple(of: 3) {
            table.replace(Int64(entry), by: AgreementTable.maximumEntry - Int64(entry), under: hash)
        }
        for (entry, hash) in hashes.enumerated() {
            let isReplaced = entry.isMultiple(of: 3)
            let found = table.entries(under: hash)
            #expect(found.contains(isReplaced ? AgreementTable.maximumEntry - Int64(entry) : Int64(entry)))
            #expect(!isReplaced || !found.contains(Int64(entry)))
        }
    }

    @Test("of one hash all are found")
    func oneHash() {
        var table = AgreementTable(reservedFor: 0)
        for entry: Int64 in 0..<200 { table.insert(entry, under: 5 << 8) }
        #expect(table.entries(under: 5 << 8).sorted() == Array(0..<200))
        #expect(table.entries(under: 6 << 8) == [])
    }
}
