package import Agreements
internal import GRDB

/// Looks things up in an index. What it finds is a hint where to read; what is read is checked.
///
/// The file is opened as one that nobody changes: no locks, and nothing is written beside it. Whether somebody did change
/// it meanwhile the caller finds out afterwards.
package final class IndexReader: Sendable {
    private let queue: DatabaseQueue
    package let head: IndexHead

    package init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA temp_store = MEMORY;")
        }
        queue = try DatabaseQueue(path: Self.immutable(path), configuration: configuration)
        head = try queue.unsafeRead { try IndexSchema.head(in: $0) }
    }

    /// A file name as a URI (https://www.sqlite.org/uri.html).
    private static func immutable(_ path: String) -> String {
        var escaped = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16)
                escaped += "%" + (digits.utf8.count < 2 ? "0" + digits : digits)
            }
        }
        return "file:\(escaped)?immutable=1"
    }

    /// All entries whose statement names the agreement, ascending.
    package func entries(of agreement: AgreementID) throws -> [(index: Int64, isSkipped: Bool)] {
        let sql = """
            SELECT position, skipped FROM entry
            WHERE agreement = (SELECT number FROM agreement WHERE id = ?) ORDER BY position
            """
        return try queue.unsafeRead { database in
            try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: [agreement.text]).map { row in
                guard let index = Int64.fromDatabaseValue(row[0]), let isSkipped = Bool.fromDatabaseValue(row[1]) else {
                    throw IndexFault("the index holds something else than it should")
                }
                return (index, isSkipped)
            }
        }
    }

    /// The entries that are of no agreement, ascending: the registry's own events, and what cannot be read.
    package func ownEntries() throws -> [Int64] {
        try numbers("SELECT position FROM entry WHERE agreement IS NULL ORDER BY position", [])
    }

    /// Entries that may have the statement, ascending.
    package func entries(statement: ContentDigest) throws -> [Int64] {
        try numbers("SELECT position FROM entry WHERE statement = ? ORDER BY position", [ContentKey(statement).number])
    }

    /// Entries that may name the document, ascending.
    package func entries(document: ContentKey) throws -> [Int64] {
        try numbers("SELECT entry FROM document WHERE content = ? ORDER BY entry", [document.number])
    }

    package func isSkipped(_ index: Int64) throws -> Bool {
        guard let skipped = try numbers("SELECT skipped FROM entry WHERE position = ?", [index]).first else {
            throw IndexFault("the index has no entry \(index)")
        }
        return skipped != 0
    }

    /// The agreement of an entry; nil when it has none.
    package func agreement(at index: Int64) throws -> AgreementID? {
        let sql = "SELECT id FROM agreement WHERE number = (SELECT agreement FROM entry WHERE position = ?)"
        return try strings(sql, [index]).first.flatMap { AgreementID($0) }
    }

    /// Agreements that may be found by words that begin so, in the order of their first entries.
    ///
    /// - Parameter words: folded (`SearchText`), at least one.
    /// - Returns: nil when there are more than the limit.
    package func search(_ words: [String], limit: Int) throws -> [AgreementID]? {
        // Of letters and digits only, so that nothing in them is an operator.
        let query = words.map { "\"\($0)\"*" }.joined(separator: " AND ")
        let sql = """
            SELECT id FROM agreement WHERE number IN (
                SELECT agreement FROM entry WHERE position IN (
                    SELECT rowid FROM search WHERE search MATCH ? LIMIT ?
                )
            ) ORDER BY number
            """
        return try queue.unsafeRead { database in
            let found = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH ? LIMIT ?)",
                arguments: [query, limit + 1])
            guard found ?? 0 <= limit else { return nil }
            return try String.fetchAll(database, sql: sql, arguments: [query, limit]).compactMap { AgreementID($0) }
        }
    }

    private func numbers(_ sql: String, _ arguments: StatementArguments) throws -> [Int64] {
        try queue.unsafeRead { try Int64.fetchAll(try $0.cachedStatement(sql: sql), arguments: arguments) }
    }

    private func strings(_ sql: String, _ arguments: StatementArguments) throws -> [String] {
        try queue.unsafeRead { try String.fetchAll(try $0.cachedStatement(sql: sql), arguments: arguments) }
    }
}
