import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing

/// A draft comes from outside: whatever is changed in it, nothing traps, and nothing changed counts as signed.
@Suite struct DraftMutationTests {
    private static func signed() async throws -> (desk: DraftDesk, draft: Draft) {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1", expires: UTCTime(posixSeconds: desk.now + 100_000))
        return (desk, try await desk.signed(try await desk.signed(draft, by: "KZ"), by: "UZ"))
    }

    /// Nil when the bytes are refused as a draft; else what is made of them, with the registry and without.
    private func states(_ bytes: [UInt8], _ desk: DraftDesk) async throws -> [DraftReport.State]? {
        let draft: Draft
        do throws(RegistryError) {
            draft = try Draft(parsing: bytes, name: "mutated.draft")
        } catch {
            #expect(error.code == .unavailable)
            #expect(error.message.hasPrefix("mutated.draft is not a draft: "))
            return nil
        }
        #expect(draft.bytes == bytes, "what is read prints as it was")
        return [
            try await desk.report(draft).state, try await desk.report(draft, withLedger: false).state,
        ]
    }

    @Test func `Every member changed or dropped`() async throws {
        let (desk, draft) = try await Self.signed()
        let json = try CanonicalJSON(parsing: Array(draft.bytes.dropLast()), maximumBytes: 1 << 20)
        let mutants = Self.mutants(of: json)
        #expect(mutants.count > 200)
        var read = 0
        for mutant in mutants {
            guard let states = try await states(mutant.bytes + [0x0A], desk) else { continue }
            read += 1
            // A signature taken away is no forgery; everything else must not be as good as the draft.
            #expect(
                states.allSatisfy { $0 != .ready && $0 != .unsure }, "\(String(decoding: mutant.bytes, as: UTF8.self))")
        }
        #expect(read > 0, "some are drafts, of other things")
    }

    @Test func `Bytes changed`() async throws {
        let (desk, draft) = try await Self.signed()
        let bytes = draft.bytes
        // Every one takes a minute: see TamperedBytesTests.
        for position in stride(from: 0, to: bytes.count, by: Campaign.isWhole ? 1 : 7) {
            var mutant = bytes
            mutant[position] ^= 1 << UInt8(position % 7)
            guard let states = try await states(mutant, desk) else { continue }
            #expect(states.allSatisfy { $0 != .ready && $0 != .unsure }, "byte \(position)")
        }
    }

    @Test func `Cut short, or grown`() async throws {
        let (_, draft) = try await Self.signed()
        for count in stride(from: 0, to: draft.bytes.count, by: 5) {
            #expect(throws: RegistryError.self) { try Draft(parsing: Array(draft.bytes.prefix(count)), name: "draft") }
        }
        for tail in ["\n", " ", "{}", "\0"] {
            #expect(throws: RegistryError.self) { try Draft(parsing: draft.bytes + Array(tail.utf8), name: "draft") }
        }
    }

    @Test(arguments: [
        ("no canonical JSON", "{ \"format\":\"bitim-draft\"}\n"),
        ("another format", "{\"format\":\"other\"}\n"),
        ("nothing", ""),
        ("a newline", "\n"),
        ("another version", "{\"format\":\"bitim-draft\",\"version\":2}\n"),
        ("no version", "{\"format\":\"bitim-draft\"}\n"),
        ("a list", "[]\n"),
    ])
    func `What is no draft is refused in one message`(what: String, text: String) {
        #expect(throws: RegistryError.self, "\(what)") { try Draft(parsing: Array(text.utf8), name: "draft") }
    }

    @Test func `Huge ones are refused`() async throws {
        let (_, draft) = try await Self.signed()
        let text = String(decoding: draft.bytes, as: UTF8.self)
        let many = text.replacing(
            "\"required\":[\"KZ\",", with: "\"required\":[" + (10...40).map { "\"A\($0)\"," }.joined() + "\"KZ\",")
        #expect(throws: RegistryError.self) { try Draft(parsing: Array(many.utf8), name: "draft") }
        let long = text.replacing(
            "\"signatures\":[\"", with: "\"signatures\":[\"" + String(repeating: "AAAA", count: 1 << 20))
        #expect(throws: RegistryError.self) { try Draft(parsing: Array(long.utf8), name: "draft") }
        let deep = "{\"format\":\"bitim-draft\",\"required\":" + String(repeating: "[", count: 100_000) + "\n"
        #expect(throws: RegistryError.self) { try Draft(parsing: Array(deep.utf8), name: "draft") }
    }

    @Test func `A version that is not known is told as such`() async throws {
        let (_, draft) = try await Self.signed()
        let text = String(decoding: draft.bytes, as: UTF8.self)
        for mutant in [
            text.replacing("\"version\":1}\n", with: "\"version\":2}\n"),
            text.replacing("\"version\":1},", with: "\"version\":2},"),
        ] {
            await DraftDesk.expectRefusal("version 2 is not known to this program", .unavailable) {
                _ = try Draft(parsing: Array(mutant.utf8), name: "draft")
            }
        }
    }

    @Test func `A signature under another statement is refused as it is read`() async throws {
        let (desk, draft) = try await Self.signed()
        let other = try await desk.draft("A-1", title: "Another agreement")
        let file = DraftFile(
            statement: other.statement, required: other.required, signatures: draft.signatures.map(\.derBytes))
        await DraftDesk.expectRefusal("signatures[0]: the signature carries another statement", .unavailable) {
            _ = try Draft(parsing: file.bytes, name: "draft")
        }
    }

    // MARK: Mutants

    private static func mutants(of value: CanonicalJSON) -> [CanonicalJSON] {
        var mutants: [CanonicalJSON] = []
        switch value {
        case .null: mutants = [.string("A"), .integer(1), .object([])]
        case .bool(let flag): mutants = [.bool(!flag), .null]
        case .integer(let number): mutants = [.integer(number + 1), .integer(0), .null, .string("1")]
        case .string(let text):
            mutants = [.null, .string(""), .string(text + "A"), .string(String(text.dropLast())), .array([])]
        case .array(let elements):
            mutants = [.null, .array(elements + elements)]
            if elements.count > 1 { mutants.append(.array(elements.reversed())) }
            for (index, element) in elements.enumerated() {
                var rest = elements
                rest.remove(at: index)
                mutants.append(.array(rest))
                for mutant in Self.mutants(of: element) {
                    rest = elements
                    rest[index] = mutant
                    mutants.append(.array(rest))
                }
            }
        case .object(let members):
            mutants = [.null, .array([])]
            for (index, member) in members.enumerated() {
                var rest = members
                rest.remove(at: index)
                mutants.append(.object(rest))
                for mutant in Self.mutants(of: member.value) {
                    rest = members
                    rest[index] = .init(key: member.key, value: mutant)
                    mutants.append(.object(rest))
                }
                rest = members
                rest[index] = .init(key: member.key + "x", value: member.value)
                mutants.append(.object(rest))
            }
        }
        return mutants.filter { $0.bytes != value.bytes }
    }
}
