internal import Agreements
internal import GRDB

/// The tables of an index. See docs/index.md.
enum IndexSchema {
    /// Of what is in the tables, the folding of search texts included. Another one is made anew.
    static let version = 2

    static let tables = """
        CREATE TABLE meta (
            version INTEGER NOT NULL, identity TEXT NOT NULL, size INTEGER NOT NULL, root TEXT NOT NULL,
            judged INTEGER NOT NULL, agreements INTEGER NOT NULL, unrecognised INTEGER
        );
        CREATE TABLE agreement (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
        CREATE TABLE entry (
            position INTEGER PRIMARY KEY, agreement INTEGER, statement INTEGER, skipped INTEGER NOT NULL
        );
        CREATE TABLE document (
            content INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (content, entry)
        ) WITHOUT ROWID;
        CREATE VIRTUAL TABLE search USING fts5(
            text, content='', columnsize=0, detail=none, tokenize='ascii'
        );
        """

    /// Made after the tables are filled, which is faster.
    static let indices = """
        CREATE INDEX entry_agreement ON entry (agreement) WHERE agreement IS NOT NULL;
        CREATE INDEX entry_own ON entry (position) WHERE agreement IS NULL;
        CREATE INDEX entry_statement ON entry (statement) WHERE statement IS NOT NULL;
        """

    static func write(_ head: IndexHead, to database: Database) throws {
        try database.execute(sql: "DELETE FROM meta")
        try database.execute(
            sql: "INSERT INTO meta VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                version, head.identity.hex, head.size, head.root.hex, head.isJudged, head.agreementCount,
                head.firstUnrecognisedEntry,
            ])
    }

    static func head(in database: Database) throws -> IndexHead {
        let row = try Row.fetchOne(database, sql: "SELECT * FROM meta")
        guard let row, row.count == 7, Int.fromDatabaseValue(row[0]) == version,
            let identity = String.fromDatabaseValue(row[1]).flatMap({ ContentDigest(hex: $0) }),
            let size = Int64.fromDatabaseValue(row[2]), size > 0,
            let root = String.fromDatabaseValue(row[3]).flatMap({ ContentDigest(hex: $0) }),
            let isJudged = Bool.fromDatabaseValue(row[4]), let count = Int.fromDatabaseValue(row[5])
        else { throw IndexFault("the index is of another version, or of none") }
        return IndexHead(
            identity: identity, size: size, root: root, isJudged: isJudged, agreementCount: count,
            firstUnrecognisedEntry: Int64.fromDatabaseValue(row[6]))
    }
}
