package import Agreements
internal import LedgerIndex
package import OpenSSLKit
package import TiledLog
internal import TransparencyLog

/// Adds entries: the only one who writes to a registry, under its lock.
///
/// The order, each step on disk before the next: documents and certificates, entries, tiles, verified; remembered,
/// signed, pending; cosigned; published.
package final class Registrar {
    /// What became of an entry.
    package struct Registered: Sendable {
        package let index: Int64
        package let leafHash: ContentDigest
        package let agreement: AgreementID?
        /// Whether the ledger had the statement before.
        package let wasThere: Bool

        package init(index: Int64, leafHash: ContentDigest, agreement: AgreementID?, wasThere: Bool) {
            self.index = index
            self.leafHash = leafHash
            self.agreement = agreement
            self.wasThere = wasThere
        }
    }

    package enum Purpose: Sendable {
        case adding
        /// Cosigning and publishing what is pending.
        case completing
    }

    package enum Publishing: Sendable {
        case published(TreeHead)
        /// Signed and not yet cosigned by these witnesses, as names and in words.
        case pending(TreeHead, missing: [String], waitingFor: String)
    }

    package internal(set) var ledger: OpenedLedger
    package let vault: KeyVault
    private var lock: FileLock?
    /// Two copies of a registry share what their signers remember.
    private var keysLock: FileLock?
    let now: () -> Int64
    private var certificates: CertificateStore
    private var judge: EntryJudge
    var publications: Publications
    var writer: LogWriter
    /// What the state is looked up in, of a large registry.
    private let index: VouchedIndex?
    /// What is not in the index yet.
    private var unindexed: [IndexedEntry]
    /// Up to here this process relies on what was checked before it came.
    let sizeAtOpening: Int64
    private var queued = EntryQueue()
    /// What the signers will remember of the tree that is being written.
    private var prepared: PreparedMemories?
    private var offeredCertificates: [Certificate] = []
    /// Shown what is queued before the log signs it; nil where none is asked.
    package var witnesses: RemoteWitnesses?
    /// The checkpoint that was pending, with what was added to it last.
    var cosigned: SignedNote?
    /// The tree before the last commit, and the time that what was added to it was judged by.
    private(set) var judgedCommit: (oldSize: Int64, time: Int64)?

    /// Gives the registry up to others. Nothing may be written after it.
    package func unlock() {
        lock = nil
        keysLock = nil
    }

    package var state: LedgerState { judge.state }
    package var identity: ContentDigest { ledger.identity }

    init(
        lock: consuming FileLock?, keysLock: consuming FileLock?, resumed: ResumedLedger, vault: KeyVault,
        now: @escaping () -> Int64
    ) {
        self.lock = lock
        self.keysLock = keysLock
        self.vault = vault
        self.now = now
        ledger = resumed.ledger
        writer = resumed.writer
        judge = resumed.fold.judge
        publications = resumed.fold.confirmed
        index = resumed.fold.index
        unindexed = resumed.fold.unindexed
        certificates = resumed.certificates
        sizeAtOpening = resumed.writer.head.size
    }

    /// With the changes that are queued.
    func history() throws -> RegistryHistory {
        guard let registry = state.registry else { return ledger.history }
        return try ledger.history.including(registry)
    }

    /// Whether this is where the log is kept.
    package var hasLogKey: Bool { get throws { try signing().hasLogKey } }

    func signing() throws -> CheckpointSigning {
        var signing = CheckpointSigning(ledger, try history(), vault: vault)
        signing.prepared = prepared
        return signing
    }

    /// The statement that would make the event the next of its life, naming the published tree.
    package func statement(
        of event: Event, agreement: AgreementID?, expires: UTCTime? = nil
    ) throws -> Statement {
        try state.nextStatement(
            of: event, agreement: agreement, expires: expires, identity: identity, published: ledger.publishedHead)
    }

    /// Certificates that a change may need: kept in the registry with the change that does, and no others.
    package func offer(_ offered: [Certificate]) { offeredCertificates += offered }

    /// Signs with the keys at hand and queues the entry.
    package func sign(
        _ statement: Statement, documents: [ContentDigest: String],
        restricted: [DocumentCommitment: RestrictedDocument] = [:]
    ) throws -> Registered {
        guard let directory = judge.directory else {
            throw RegistryError(.refused, "the registry has no lists of signers", hint: "see 'bitim audit'")
        }
        let signing = EntrySigning(vault: vault, directory: directory, history: state.registry)
        let (leaf, _) = try signing.leaf(
            of: statement, parties: state.requiredSigners(of: statement).sorted(), signingTime: now())
        return try queue(leaf: leaf, documents: documents, restricted: restricted)
    }

    /// Checks a leaf against everything that an audit would, and queues it for `commit`.
    ///
    /// - Parameters:
    ///   - documents: where the bytes of its public documents are, by digest.
    ///   - restricted: where the bytes of its restricted documents are, with their keys.
    ///   - requiringDocuments: false for who only looks at the entry, and will not commit it.
    package func queue(
        leaf: [UInt8], documents: [ContentDigest: String] = [:],
        restricted: [DocumentCommitment: RestrictedDocument] = [:], requiringDocuments: Bool = true
    ) throws -> Registered {
        let entry = Entry(leaf: leaf)
        return try queue(
            ExaminedEntry(
                entry: entry, outcomes: SignatureCheck.outcomes(of: entry, certificates: certificates)),
            documents: documents, restricted: restricted, requiringDocuments: requiringDocuments)
    }

    /// What reads entries for `queue`, on all cores.
    package var examination: EntryExamination { EntryExamination(certificates: certificates) }

    /// The same with an entry whose signatures are checked already.
    package func queue(
        _ examined: ExaminedEntry, documents: [ContentDigest: String],
        restricted: [DocumentCommitment: RestrictedDocument] = [:], requiringDocuments: Bool = true
    ) throws -> Registered {
        let entry = examined.entry
        if let digest = entry.statementDigest,
            let known = try registered(digest, agreement: entry.statement?.agreement)
        {
            return known
        }
        let needed = hold(for: entry)
        let unjudged = EntryQueue.QueuedEntry(
            entry: entry, outcomes: examined.outcomes,
            proved: ProvedInterval(
                notBefore: entry.statement?.tree.flatMap { publications[$0.size]?.earliestCosignature }, notAfter: nil))
        let time = now()
        let judged: JudgedEntry
        do throws(RegistryError) {
            judged = try judge.requirePassed(unjudged, publications: publications, at: time)
        } catch {
            throw tellingOfPending(error)
        }
        try requireKnownVersions()
        for document in requiringDocuments ? entry.statement?.event.documents ?? [] : [] {
            let source =
                document.digest.flatMap { documents[$0] } ?? document.commitment.flatMap { restricted[$0]?.path }
            try ledger.registry.requireDocument(document, source: source)
        }
        for certificate in needed { certificates.insert(certificate) }
        queued.append(
            unjudged, judgedBy: &judge, at: time, documents: documents, restricted: restricted, certificates: needed)
        judge.take(judged)
        if index != nil { unindexed.append(IndexedEntry(entry, after: judge.state)) }
        return Registered(
            index: judged.index, leafHash: ContentDigest(entry.leafHash), agreement: entry.statement?.agreement,
            wasThere: false)
    }

    /// What an entry of a later version says about what may follow it, this program does not know.
    private func requireKnownVersions() throws(RegistryError) {
        guard let entry = state.firstUnrecognisedEntry else { return }
        let message = "entry \(entry) is of a version that is not known to this program: it adds nothing after it"
        throw RegistryError(
            .refused, message, hint: "use a newer release",
            findings: [Finding("statement.version.unknown", .indeterminate, entry: entry, message)])
    }

    private func hold(for entry: Entry) -> [Certificate] {
        guard case .registryChanged(let change)? = entry.statement?.event else { return [] }
        return judge.hold(offeredCertificates, for: change, held: certificates)
    }

    /// The entry that has the statement of that digest, written or queued; nil when there is none, or it is of no effect:
    /// it is refused as a duplicate then, not taken for done.
    package func registered(_ statement: ContentDigest, agreement: AgreementID?) throws -> Registered? {
        guard let index = try state.index(ofStatement: statement, agreement: agreement), state.isOfEffect(index) else {
            return nil
        }
        return Registered(index: index, leafHash: try leafHash(at: index), agreement: agreement, wasThere: true)
    }

    /// A run that was cut short may have signed what is refused now as the second of its kind.
    private func tellingOfPending(_ error: RegistryError) -> RegistryError {
        guard let pending = ledger.pending else { return error }
        return RegistryError(
            error.code, error.message,
            hint: "\(error.hint); \(pending.head.size - ledger.publishedHead.size) entries that the log has signed "
                + "before are not yet published: 'bitim publish' completes them", findings: error.findings)
    }

    /// Of an entry that is there or queued: another leaf with the same statement has another one.
    private func leafHash(at index: Int64) throws -> ContentDigest {
        let written = writer.head.size
        if index >= written { return ContentDigest(queued.entries[Int(index - written)].entry.leafHash) }
        return ContentDigest(try ledger.registry.ledger.subtrees(size: written)(0, index))
    }

    /// Writes, signs and publishes what is queued. All of it or, if it fails, nothing that anyone was promised.
    package func commit() async throws -> Publishing {
        guard !queued.isEmpty else { return try await publish() }
        // Of the cosignatures too: whatever holds by this time holds in every audit to come.
        let time = now()
        try queued.requirePassed(after: judge, publications: publications, at: time)
        try await showWitnesses()
        try placeFiles()
        let old = writer.head
        if try history().state != ledger.history.state {
            // Witnesses that come with a change are asked before the log signs, as the others were at the opening.
            try signing().requireWitnesses(continue: old, of: ledger)
        }
        let head: TreeHead
        do {
            let signing = try signing()
            head = try writer.append(queued.leaves) { prepared = try signing.prepareMemories(of: $0) }
        } catch let error as LogError {
            throw RegistryError(
                .unavailable, "what was written is not what the disk gives back: \(error)",
                hint: "nothing was signed; check the disk, then try again", findings: [error.finding])
        }
        queued = EntryQueue()
        judge.settle()
        judgedCommit = (old.size, time)
        let pending = try signing().signAsLog(head, continuing: old)
        if ledger.pending != nil {
            // The tree that was pending until now will never be published.
            try writer.removeUnpromised(by: publications, since: ledger.publishedHead, pending: head)
        }
        return try await finish(pending, at: time)
    }

    /// Turns away what a witness would not cosign, as long as it can be.
    private func showWitnesses() async throws {
        guard let witnesses else { return }
        let certificates = queued.certificates.map(\.derBytes)
        for reply in try await witnesses.requireSound(queued.leaves, certificates: certificates, after: ledger) {
            vault.notice("note: witness \(reply.witness) has not seen the entries before: \(reply.message)")
        }
    }

    /// What the queued entries name has to be on disk before they are.
    private func placeFiles() throws {
        guard queued.hasFiles else { return }
        let registry = ledger.registry
        for (digest, source) in queued.documents.sorted(by: { $0.key < $1.key }) {
            try registry.placeDocument(digest, from: source)
        }
        try registry.placeCertificates(queued.certificates)
        try registry.placeRestricted(queued.restricted)
        try registry.files.barrier()
    }

    /// Brings the index up to date with what is published. It is a cache: if that fails, the next one who uses it does.
    func updateIndex() {
        let head = ledger.publishedHead
        guard let index, writer.head == head, let file = IndexFile(ledger.registry, keys: ledger.keys) else { return }
        do {
            try file.update(
                index, with: unindexed,
                IndexHead(
                    identity: identity, size: head.size, root: ContentDigest(head.root), isJudged: true,
                    agreementCount: state.agreementCount, firstUnrecognisedEntry: state.firstUnrecognisedEntry))
            unindexed = []
        } catch {}
    }
}
