internal import GRDB

/// Fills an index, or brings one up to date. Its owner holds the lock of the index.
///
/// Nothing is synced: after a crash of the machine an index is made anew, and a process that dies leaves a main file that
/// is as it was before, with a write-ahead log that nobody believes.
package final class IndexWriter {
    private let queue: DatabaseQueue
    /// Of a new index.
    private let batches: IndexBatches?
    private var waiting: [IndexedEntry] = []

    private static let batch = 4_096

    /// Begins a new index in a file that is not there yet.
    package init(creating path: String) throws {
        var configuration = Self.configuration(cacheKiB: 65_536)
        // One transaction for all batches: each end of one would write what is collected of the words.
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
        batches = IndexBatches(queue)
        // No journal: a file that is not finished is no index.
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = OFF")
            try database.execute(sql: IndexSchema.tables)
            try database.execute(
                sql: """
                    INSERT INTO search (search, rank) VALUES ('automerge', 0);
                    INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);
                    BEGIN;
                    """)
        }
    }

    /// Opens one that the caller vouches for.
    package init(updating path: String) throws {
        queue = try DatabaseQueue(path: path, configuration: Self.configuration(cacheKiB: 2048))
        batches = nil
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
    ///
    /// - Throws: what went wrong with this one or an earlier one.
    package func append(_ entry: IndexedEntry) throws {
        waiting.append(entry)
        guard let batches, waiting.count >= Self.batch else { return }
        try batches.add(waiting)
        waiting = []
    }

    /// Writes what is waiting, and of which tree the index now tells; then closes the file.
    package func finish(_ head: IndexHead) throws {
        if let batches {
            try batches.add(waiting)
            try batches.finish()
            try complete(head)
        } else {
            try update(head)
        }
        waiting = []
        try queue.close()
    }

    private func complete(_ head: IndexHead) throws {
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: IndexSchema.indices)
            try database.execute(
                sql: """
                    INSERT INTO search (search) VALUES ('optimize');
                    INSERT INTO search (search, rank) VALUES ('automerge', 4);
                    INSERT INTO search (search, rank) VALUES ('hashsize', 1048576);
                    """)
            try IndexSchema.write(head, to: database)
            // The form of the file in which it is brought up to date.
            try database.execute(sql: "COMMIT; PRAGMA journal_mode = WAL")
        }
    }

    private func update(_ head: IndexHead) throws {
        try queue.write { database in
            let addDocument = try database.cachedStatement(sql: IndexRows.insertDocument)
            try IndexRows.insert(waiting, into: database) { content, entry in
                try addDocument.execute(arguments: [content, entry])
            }
            try IndexSchema.write(head, to: database)
        }
        // Everything from the log into the main file, which alone is vouched for.
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }
}
