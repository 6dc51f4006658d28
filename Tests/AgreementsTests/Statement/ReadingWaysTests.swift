import Support
import Testing

@testable import Agreements

/// A registration is read in one pass; everything else, and whatever has a fault, by way of a tree.
@Suite("Ways to read a statement")
struct ReadingWaysTests {
    private static func registrations() throws -> [[UInt8]] {
        let plain = AgreementRegistered(
            title: nil, titleStatus: .unpublished, kind: .document,
            parties: [AgreementParty(party: try Fixture.party("KZ"))], concluded: Conclusion())
        let local = AgreementRegistered(
            title: try Fixture.text("№7 “x” – Оʻзбек", kazakh: "Қазақ ҢҰӘ „ä“ 水 𐐷"), titleStatus: .reported,
            kind: .treaty, binding: false, parties: try Fixture.registered().parties,
            concluded: Conclusion(place: "Тошкент\\\"\u{338}="), relations: [],
            documents: [try Fixture.restrictedDocument("сү\\\"ө.pdf".replacing("\\\"", with: "-"))],
            sources: ["a\"b", "c\\d", "ԯ҂ҋ҃"])
        return try [Fixture.registered(), plain, local].map {
            try Fixture.statement(.agreementRegistered($0), previous: Fixture.digest(3), expires: nil).json.bytes
        } + [Fixture.statement(.agreementRegistered(Fixture.registered())).json.bytes]
    }

    private static func outcome(_ read: () throws(StatementError) -> Statement) -> Result<Statement, StatementError> {
        do throws(StatementError) { return .success(try read()) } catch { return .failure(error) }
    }

    private func requireSame(_ bytes: [UInt8]) -> Bool {
        let tree = Self.outcome { () throws(StatementError) in try Statement(tree: bytes) }
        let fast = bytes.withUnsafeBufferPointer { Statement.registration($0) }
        // What is not read in one pass is read by way of the tree.
        if let fast, tree != .success(fast) { return false }
        return Self.outcome { () throws(StatementError) in try Statement(canonicalBytes: bytes) } == tree
    }

    @Test("a registration is read in one pass, to the same value")
    func readsRegistrations() throws {
        var count = 0
        for bytes in try Self.registrations() {
            guard let tree = try? Statement(tree: bytes) else { continue }
            count += 1
            #expect(bytes.withUnsafeBufferPointer { Statement.registration($0) } == tree)
            #expect(tree.canonicalBytes == bytes)
        }
        #expect(count >= 3)
    }

    @Test("other events are left to the tree")
    func leavesOthers() throws {
        for statement in try Fixture.statements() {
            #expect(requireSame(statement.canonicalBytes))
        }
    }

    @Test("with any byte changed, left out or doubled both ways agree", arguments: 0..<4)
    func mutations(_ part: Int) throws {
        let values: [UInt8] =
            Array("\0\u{1f} \"\\09-az{}[],:.eEnu\u{7f}".utf8) + [0x80, 0x82, 0xC2, 0xD0, 0xD2, 0xD4, 0xE2, 0xEF, 0xFF]
        let bytes = try Self.registrations()[part]
        for index in bytes.indices where Campaign.isWhole || index % 4 == part {
            var changed = bytes
            // A few of them at each byte, and all of them at every byte of all four in the long run.
            let some = Campaign.isWhole ? values : [values[index % values.count]]
            for value in some + [bytes[index] ^ 1, bytes[index] ^ 0x20] {
                changed[index] = value
                guard requireSame(changed) else {
                    Issue.record("byte \(index) as \(value)")
                    return
                }
            }
            changed.remove(at: index)
            var doubled = bytes
            doubled.insert(bytes[index], at: index)
            guard requireSame(changed), requireSame(doubled), requireSame(Array(bytes[..<index])) else {
                Issue.record("byte \(index) left out or doubled")
                return
            }
        }
    }

    @Test("what is plain in UTF-8 is what is plain as a scalar")
    func plainBytes() {
        for value: UInt32 in 0...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isPlain = Array(String(scalar).utf8).withUnsafeBufferPointer { TextRules.isPlain(utf8: $0) }
            if isPlain != TextRules.isPlain(scalar) { Issue.record("\(value)") }
        }
        for bytes: [UInt8] in [[0xD0], [0xD0, 0x41], [0xE2, 0x80], [0xE2, 0x90, 0x80], [0xC0, 0x80], [0x80]] {
            #expect(!bytes.withUnsafeBufferPointer { TextRules.isPlain(utf8: $0) })
        }
    }
}
