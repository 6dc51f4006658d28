internal import Dispatch
internal import GRDB
internal import Synchronization

/// Entries on their way into a new index: written batch by batch, while the next ones are read.
final class IndexBatches: Sendable {
    private struct Written {
        /// What the documents' table will hold: sorted in one go, at the end.
        var documents: [(content: Int64, entry: Int64)] = []
        var fault: (any Error)?
    }

    private let queue: DatabaseQueue
    private let written = Mutex(Written())
    /// For the batch that is being written, and one that waits: more would only take memory.
    private let room = DispatchSemaphore(value: 2)

    init(_ queue: DatabaseQueue) { self.queue = queue }

    /// Waits while there is no room.
    ///
    /// - Throws: what went wrong with an earlier batch.
    func add(_ batch: [IndexedEntry]) throws {
        room.wait()
        queue.asyncWriteWithoutTransaction { database in
            defer { self.room.signal() }
            guard self.written.withLock({ $0.fault == nil }) else { return }
            // Nobody waits for the lock meanwhile.
            var documents: [(content: Int64, entry: Int64)] = []
            let result = Result { try IndexRows.insert(batch, into: database) { documents.append(($0, $1)) } }
            self.written.withLock { written in
                switch result {
                case .success: written.documents += documents
                case .failure(let fault): written.fault = fault
                }
            }
        }
        if let fault = written.withLock({ $0.fault }) { throw fault }
    }

    /// Waits until all are written, and writes their documents.
    func finish() throws {
        try queue.writeWithoutTransaction { database in
            try written.withLock { written in
                if let fault = written.fault { throw fault }
                let insert = try database.makeStatement(sql: IndexRows.insertDocument)
                for (content, entry) in written.documents.sorted(by: { $0 < $1 }) {
                    try insert.execute(arguments: [content, entry])
                }
                written.documents = []
            }
        }
    }
}
