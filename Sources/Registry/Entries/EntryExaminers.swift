internal import OpenSSLKit
internal import Synchronization

/// Examiners of entries for all cores: each is one caller's at a time, and keeps what it has learnt for the next.
package final class EntryExaminers: Sendable {
    // Sendable: handed from thread to thread under the lock, and never used by two.
    private struct Handed: @unchecked Sendable {
        let examiner: EntryExaminer
    }

    private let certificates: CertificateStore
    private let idle = Mutex<[Handed]>([])

    package init(certificates: CertificateStore) {
        self.certificates = certificates
    }

    package func use<Result>(_ body: (EntryExaminer) throws -> Result) rethrows -> Result {
        let handed =
            idle.withLock { $0.popLast() } ?? Handed(examiner: EntryExaminer(certificates: certificates))
        defer { idle.withLock { $0.append(handed) } }
        return try body(handed.examiner)
    }
}
