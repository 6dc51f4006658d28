internal import Agreements
internal import GRDB

/// What an entry is in the tables of an index.
enum IndexRows {
    static let insertDocument = "INSERT OR IGNORE INTO document VALUES (?, ?)"

    /// - Parameter takeDocument: handed what the documents' table is to hold, for the caller to insert.
    static func insert(
        _ entries: [IndexedEntry], into database: Database,
        takeDocument: (_ content: Int64, _ entry: Int64) throws -> Void
    ) throws {
        let addEntry = try database.cachedStatement(sql: "INSERT INTO entry VALUES (?, ?, ?, ?)")
        let addAgreement = try database.cachedStatement(sql: "INSERT OR IGNORE INTO agreement VALUES (?, ?)")
        let findAgreement = try database.cachedStatement(sql: "SELECT number FROM agreement WHERE id = ?")
        let addText = try database.cachedStatement(sql: "INSERT INTO search (rowid, text) VALUES (?, ?)")
        for entry in entries {
            var number: Int64?
            if let id = entry.agreement?.text {
                // The number of an agreement is the index of its first entry.
                try addAgreement.execute(arguments: [entry.index, id])
                number = try database.changesCount > 0 ? entry.index : Int64.fetchOne(findAgreement, arguments: [id])
            }
            try addEntry.execute(arguments: [
                entry.index, number, entry.statement.map { ContentKey($0).number }, entry.isSkipped,
            ])
            if let text = entry.searchText { try addText.execute(arguments: [entry.index, text]) }
            for document in entry.documents { try takeDocument(document.number, entry.index) }
        }
    }
}
