/// The form of a draft: a statement, who must sign it, and what they have signed so far. See docs/draft.md.
///
///     {"format":"bitim-draft","offered":[],"required":["KZ","UZ"],"signatures":["MII…"],"statement":{…},"version":1}
///
/// One line of canonical JSON and a newline. What signatures and certificates are is opaque here, and nothing is believed of them.
package struct DraftFile: Hashable, Sendable {
    package let statement: Statement
    /// DER of each certificate that comes with the statement.
    package let offered: [[UInt8]]
    /// Ascending; as whoever wrote the draft says.
    package let required: [PartyID]
    /// DER of a CMS SignedData each.
    package let signatures: [[UInt8]]

    package static let maximumBytes = 4 << 20
    package static let maximumSignatures = 16
    package static let maximumOffered = 64
    private static let format = "bitim-draft"
    private static let version: Int64 = 1

    package init(statement: Statement, offered: [[UInt8]] = [], required: [PartyID], signatures: [[UInt8]]) {
        self.statement = statement
        self.offered = offered
        self.required = required
        self.signatures = signatures
    }

    /// Whether a file that begins so means to be a draft, well formed or not: `format` is the first of its members.
    package static func isDraft(beginning bytes: some Sequence<UInt8>) -> Bool {
        let expected = Array("{\"format\":\"\(format)\"".utf8)
        let found = bytes.lazy.filter { !" \t\r\n".utf8.contains($0) }
        return found.starts(with: expected)
    }

    package init(bytes: [UInt8]) throws(StatementError) {
        let json: CanonicalJSON
        do {
            guard bytes.last == UInt8(ascii: "\n") else { throw StatementError("no newline at the end") }
            json = try CanonicalJSON(
                parsing: Array(bytes.dropLast()), maximumBytes: Self.maximumBytes,
                maximumDepth: Statement.maximumDepth + 1)
        } catch let error as StatementError {
            throw error
        } catch {
            throw StatementError("not canonical JSON: \(error)")
        }
        if case .object(let members) = json,
            case .integer(let number)? = members.first(where: { $0.key == "version" })?.value,
            number != Self.version
        {
            throw StatementError("version \(number) is not known to this program", at: "version")
        }
        var reader = try ObjectReader(json)
        guard try reader.string("format") == Self.format else {
            throw StatementError("not \(Self.format)", at: "format")
        }
        offered = try reader.texts("offered", of: BinaryText.self).map(\.bytes)
        required = try reader.texts("required", of: PartyID.self, atLeast: 1)
        let encoded = try reader.texts("signatures", of: BinaryText.self)
        let value = try reader.value("statement")
        _ = try reader.integer("version")
        try reader.finish()

        try ListRules.requireAscending(required, in: "required") { $0 }
        guard required.count <= Self.maximumSignatures else {
            throw StatementError("more than \(Self.maximumSignatures) parties", at: "required")
        }
        guard offered.count <= Self.maximumOffered else {
            throw StatementError("more than \(Self.maximumOffered) certificates", at: "offered")
        }
        guard encoded.count <= required.count else {
            throw StatementError("more signatures than there are parties to sign", at: "signatures")
        }
        signatures = encoded.map(\.bytes)
        // A value that was read prints as it was read: these are the bytes that are signed.
        do throws(StatementError) {
            statement = try Statement(canonicalBytes: value.bytes)
        } catch {
            throw error.inside("statement")
        }
        guard statement.version == Statement.currentVersion else {
            throw StatementError("version \(statement.version) is not known to this program", at: "statement.version")
        }
    }

    package var bytes: [UInt8] {
        var printer = ObjectPrinter()
        printer.string("format", Self.format)
        printer.texts("offered", offered.map(BinaryText.init))
        printer.texts("required", required)
        printer.texts("signatures", signatures.map(BinaryText.init))
        printer.value("statement", statement.json)
        printer.integer("version", Self.version)
        return printer.json.bytes + [UInt8(ascii: "\n")]
    }
}

/// Bytes, spelled in base 64.
private struct BinaryText: TextValue {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init?(text: String) {
        guard let bytes = Base64.decode(text), !bytes.isEmpty else { return nil }
        self.bytes = bytes
    }

    var text: String { Base64.encode(bytes) }

    static var expectation: String { "padded base 64" }
}
