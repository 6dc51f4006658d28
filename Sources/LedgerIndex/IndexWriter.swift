internal import Agreements
internal import GRDB

/// Fills an index, or brings one up to date. Its owner holds the lock of the index.
///
/// Nothing is synced: after a crash of the machine an index is made anew, and a process that dies leaves a main file that
/// is as it was before, with a write-ahead log that nobody believes.
package final class IndexWriter {
    private let queue: DatabaseQueue
    private let isNew: Bool
    private var documents: [(content: Int64, entry: Int64)] = []
    private var waiting: [IndexedEntry] = []

    /// How many entries go into one transaction.
    private static let batch = 20_000

    /// Begins a new index in a file that is not there yet.
    package init(creating path: String) throws {
        queue = try DatabaseQueue(path: path, configuration: Self.configuration(cacheKiB: 65_536))
        isNew = true
        // No journal: a file that is not finished is no index.
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = OFF")
            try database.execute(sql: IndexSchema.tables)
            try database.execute(
                sql: """
                    INSERT INTO search (search, rank) VALUES ('automerge', 0);
                    INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);
                    """)
        }
    }

    /// Opens one that the caller vouches for.
    package init(updating path: String) throws {
        queue = try DatabaseQueue(path: path, configuration: Self.configuration(cacheKiB: 2048))
        isNew = false
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
    }

    private static func configuration(cacheKiB: Int) -> Configuration {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA synchronous = OFF;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -\(cacheKiB);
                    """)
        }
        return configuration
    }

    /// Takes in the next entry.
    package func append(_ entry: IndexedEntry) throws {
        waiting.append(entry)
        if isNew, waiting.count >= Self.batch { try flush(head: nil) }
    }

    /// Writes what is waiting, and of which tree the index now tells; then closes the file.
    package func finish(_ head: IndexHead) throws {
        guard isNew else {
            try flush(head: head)
            // Everything from the log into the main file, which alone is vouched for.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            return try queue.close()
        }
        try flush(head: nil)
        try queue.write { database in
            let statement = try database.makeStatement(sql: "INSERT OR IGNORE INTO document VALUES (?, ?)")
            for (content, entry) in documents.sorted(by: { $0 < $1 }) { try statement.run([content, entry]) }
            try database.execute(sql: IndexSchema.indices)
            try database.execute(
                sql: """
                    INSERT INTO search (search) VALUES ('optimize');
                    INSERT INTO search (search, rank) VALUES ('automerge', 4);
                    INSERT INTO search (search, rank) VALUES ('hashsize', 1048576);
                    """)
            try IndexSchema.write(head, to: database)
        }
        // The form of the file in which it is brought up to date.
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        try queue.close()
    }

    private func flush(head: IndexHead?) throws {
        try queue.write { database in
            let addEntry = try database.cachedStatement(sql: "INSERT INTO entry VALUES (?, ?, ?, ?)")
            let addAgreement = try database.cachedStatement(sql: "INSERT OR IGNORE INTO agreement VALUES (?, ?)")
            let findAgreement = try database.cachedStatement(sql: "SELECT number FROM agreement WHERE id = ?")
            let addText = try database.cachedStatement(sql: "INSERT INTO search (rowid, text) VALUES (?, ?)")
            let addDocument = try database.cachedStatement(sql: "INSERT OR IGNORE INTO document VALUES (?, ?)")
            for entry in waiting {
                var number: Int64?
                if let id = entry.agreement?.text {
                    // The number of an agreement is the index of its first entry.
                    try addAgreement.run([entry.index, id])
                    number =
                        try database.changesCount > 0 ? entry.index : Int64.fetchOne(findAgreement, arguments: [id])
                }
                try addEntry.run([
                    entry.index, number, entry.statement.map { ContentKey($0).number }, entry.isSkipped,
                ])
                if let text = entry.searchText {
                    try addText.run([entry.index, String(decoding: text, as: UTF8.self)])
                }
                for document in entry.documents {
                    if isNew {
                        documents.append((document.number, entry.index))
                    } else {
                        try addDocument.run([document.number, entry.index])
                    }
                }
            }
            if let head { try IndexSchema.write(head, to: database) }
        }
        waiting.removeAll(keepingCapacity: true)
    }
}

extension GRDB.Statement {
    fileprivate func run(_ arguments: StatementArguments) throws {
        try execute(arguments: arguments)
    }
}
