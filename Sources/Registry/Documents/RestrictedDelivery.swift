internal import Agreements
internal import TiledLog

/// Restricted documents that come after the entries which commit to them, as to a witness with a copy of its own: each is
/// put in its place with its key.
package struct RestrictedDelivery {
    package let ledger: OpenedLedger
    /// The entries that commit to the documents, pending ones included.
    package let entries: [Registrar.Registered]
    private let sources: [DocumentCommitment: RestrictedDocument]

    /// Finds what the ledger commits to. Nothing is written.
    ///
    /// - Parameters:
    ///   - paths: of the documents.
    ///   - keyPaths: of their keys; any key may be any document's.
    ///   - now: POSIX seconds.
    /// - Throws: `RegistryError` unless every document and every key is one that the ledger commits to.
    package init(
        _ paths: [String], keys keyPaths: [String], registry: RegistryFolder, trusted keys: KeysFolder, now: Int64
    ) async throws {
        ledger = try RegistryReading.open(registry: registry, keys: keys, now: now)
        var candidates: [DocumentCommitment: (document: String, keyPath: String, source: RestrictedDocument)] = [:]
        for keyPath in keyPaths {
            let key = try DocumentKey(path: keyPath, followingLinks: true)
            for path in paths {
                let commitment = try key.commitment(to: path, followingLinks: true).commitment
                candidates[commitment] = (path, keyPath, RestrictedDocument(path: path, key: key))
            }
        }
        let reading = try await RegistryReading.read(
            ledger, head: ledger.fullHead, selection: .content([], commitments: Set(candidates.keys)), now: now)
        var entries: [Registrar.Registered] = []
        var sources: [DocumentCommitment: RestrictedDocument] = [:]
        for judged in reading.judged {
            let named = (judged.entry.statement?.event.documents ?? []).compactMap(\.commitment)
                .filter { candidates[$0] != nil }
            for commitment in named { sources[commitment] = candidates[commitment]?.source }
            guard !named.isEmpty else { continue }
            entries.append(
                Registrar.Registered(
                    index: judged.index, leafHash: ContentDigest(judged.entry.leafHash),
                    agreement: judged.entry.statement?.agreement, wasThere: true))
        }
        let found = sources.keys.compactMap { candidates[$0] }
        if let path = paths.first(where: { path in !found.contains { $0.document == path } }) {
            throw RegistryError(
                .refused, "\(path) is, under the keys that are given, no document that the ledger commits to",
                hint: "nothing was added; ask for the very file, and for its key")
        }
        if let path = keyPaths.first(where: { path in !found.contains { $0.keyPath == path } }) {
            throw RegistryError(
                .refused, "\(path) is the key of none of these documents",
                hint: "nothing was added; leave it out, or ask for the right one")
        }
        self.entries = entries
        self.sources = sources
    }

    /// Puts documents and keys into `restricted/`; what is held already stays.
    package func place() throws {
        let lock = try Registrar.lock(ledger.registry, patienceSeconds: 10)
        defer { _ = lock }
        try ledger.registry.placeRestricted(sources)
        try ledger.registry.files.barrier()
    }

    /// Where the entries stand.
    package var publishing: Registrar.Publishing {
        guard let pending = ledger.pending, entries.contains(where: { $0.index >= ledger.publishedHead.size }) else {
            return .published(ledger.publishedHead)
        }
        return .pending(pending.head, missing: pending.missing, waitingFor: pending.waitingFor)
    }
}
