import Agreements
import Testing

@Suite("Mutations of a statement")
struct StatementMutationTests {
    /// A statement with every kind of value, escapes and letters of more than one byte.
    private func bytes() throws -> [UInt8] {
        let body = AgreementNoted(party: try Fixture.party("KZ"), kind: .report, notes: "\"Ң\" \\ №7")
        return try Fixture.statement(.agreementNoted(body), expires: nil).canonicalBytes
    }

    @Test("changing any one byte is refused, or is read and printed back exactly", arguments: 0..<4)
    func everySingleByteChange(_ quarter: UInt8) throws {
        let valid = try bytes()
        var taken = 0
        for index in valid.indices {
            for value in (quarter * 64)...(quarter * 64 + 63) where value != valid[index] {
                var changed = valid
                changed[index] = value
                guard let statement = try? Statement(canonicalBytes: changed) else { continue }
                taken += 1
                guard statement.canonicalBytes == changed, try statement.validated() == statement else {
                    Issue.record("byte \(index) as \(value) prints as something else")
                    return
                }
            }
        }
        // Digits, letters and the bytes of one letter can be changed to others: the property is not empty.
        #expect(taken > 0)
    }

    @Test("leaving out, doubling or swapping bytes is refused, or is read and printed back exactly")
    func otherChanges() throws {
        let valid = try bytes()
        for index in valid.indices {
            var shorter = valid
            shorter.remove(at: index)
            var longer = valid
            longer.insert(valid[index], at: index)
            var swapped = valid
            swapped.swapAt(index, max(0, index - 1))
            for changed in [shorter, longer, swapped, [UInt8](valid[..<index])] {
                guard let statement = try? Statement(canonicalBytes: changed) else { continue }
                #expect(statement.canonicalBytes == changed)
            }
        }
    }
}
