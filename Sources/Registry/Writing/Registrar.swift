package import Agreements
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
        /// Signed and not yet cosigned by these witnesses.
        case pending(TreeHead, missing: [String])
    }

    package private(set) var ledger: OpenedLedger
    package let vault: KeyVault
    private let lock: FileLock
    /// Two copies of a registry share what their signers remember.
    private let keysLock: FileLock
    private let now: () -> Int64
    private var certificates: CertificateStore
    private var judge: EntryJudge
    private var publications: Publications
    private var writer: LogWriter
    /// Up to here this process relies on what was checked before it came.
    private let sizeAtOpening: Int64

    private struct QueuedEntry {
        let entry: Entry
        let outcomes: [SignatureCheck.Outcome]
        let proved: ProvedInterval
    }

    private var queuedLeaves: [[UInt8]] = []
    private var queuedEntries: [QueuedEntry] = []
    /// As it was before anything was queued.
    private var judgeBeforeQueue: EntryJudge?
    /// The tree before the last commit, and the time that what was added to it was judged by.
    private var judgedCommit: (oldSize: Int64, time: Int64)?
    private var queuedDocuments: [ContentDigest: String] = [:]
    private var queuedCertificates: [Certificate] = []
    private var offeredCertificates: [Certificate] = []
    private var queuedRestricted: [DocumentCommitment: RestrictedDocument] = [:]

    package var state: LedgerState { judge.state }
    package var identity: ContentDigest { ledger.identity }

    /// Locks the registry, and finds it as it was left: what a process that died had begun is taken up or put away.
    package static func open(
        registry: RegistryFolder, keys: KeysFolder, vault: KeyVault, now: @escaping () -> Int64,
        purpose: Purpose = .adding, patienceSeconds: Double = 10
    ) async throws -> Registrar {
        if purpose == .adding { try vault.requireLogKey() }
        let lock = try Self.lock(registry, patienceSeconds: patienceSeconds)
        let keysLock = try Self.lock(keys, patienceSeconds: patienceSeconds)
        try registry.files.sweepTemporaryFiles()
        try registry.restrictedFiles.sweepTemporaryFiles()
        try keys.files.sweepTemporaryFiles()
        let ledger: OpenedLedger
        do {
            ledger = try OpenedLedger.open(registry: registry, keys: keys, now: now())
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry cannot be added to: \(error.findings.first?.message ?? "it does not hold")",
                hint: "see 'bitim audit'", findings: error.findings)
        }
        guard ledger.pinnedIdentity != nil else {
            throw RegistryError(
                .refused, "no identity is pinned in \(keys.path), so nothing is signed for this registry",
                hint: "write the registry's identity, known from elsewhere, to \(keys.path)/identity")
        }
        return try await Registrar(
            lock: lock, keysLock: keysLock, ledger: ledger, vault: vault, purpose: purpose, now: now)
    }

    /// Held while what local signers remember is read and written.
    static func lock(_ keys: KeysFolder, patienceSeconds: Double) throws -> FileLock {
        try keys.files.makeFolder(keys.fullPath("private"), mode: 0o700)
        guard
            let lock = try FileLock.acquire(
                keys.fullPath("private/lock"), mode: 0o600, patienceSeconds: patienceSeconds)
        else {
            throw RegistryError(
                .conflict, "the keys in \(keys.path) are in use by another process",
                hint: "wait until it is done, then run the command again")
        }
        return lock
    }

    static func lock(_ registry: RegistryFolder, patienceSeconds: Double) throws -> FileLock {
        try registry.files.makeFolder(registry.fullPath("state"), mode: 0o755)
        guard
            let lock = try FileLock.acquire(
                registry.fullPath(RegistryFolder.lockName), patienceSeconds: patienceSeconds)
        else {
            throw RegistryError(
                .conflict, "the registry is locked by another process",
                hint: "wait until it is done, then run the command again")
        }
        return lock
    }

    private init(
        lock: consuming FileLock, keysLock: consuming FileLock, ledger: OpenedLedger, vault: KeyVault,
        purpose: Purpose, now: @escaping () -> Int64
    ) async throws {
        self.lock = lock
        self.keysLock = keysLock
        self.vault = vault
        self.now = now
        var ledger = ledger
        var signing = Self.signing(ledger, ledger.history, vault: vault)
        // A party that only cosigns needs no key of the log.
        let head = signing.hasLogKey ? try Self.signedHead(ledger, signing) : ledger.fullHead
        if head.size > ledger.fullHead.size {
            // Entries that no checkpoint here speaks of may have changed the keys.
            ledger = try OpenedLedger.open(
                registry: ledger.registry, keys: ledger.keys, readingTo: head.size, now: now())
            signing = Self.signing(ledger, ledger.history, vault: vault)
        }
        do {
            writer = try LogWriter(folder: ledger.registry.files, head: head)
        } catch let error as LogError {
            throw Self.damage(error, head: head, ledger: ledger)
        }
        // Who only cosigns is checked on its own when it does.
        if purpose == .adding {
            try signing.logSigner()
            try signing.requireWitnesses(continue: head, of: ledger)
        }
        var current = ledger
        if head.size > ledger.fullHead.size {
            // Remembered, and then the process died: the very tree that was signed is signed again.
            _ = try signing.signAsLog(head, continuing: head)
            current = try OpenedLedger.open(
                registry: ledger.registry, keys: ledger.keys, history: ledger.history)
        }
        certificates = CertificateStore(ledger.registry)
        let publications = Publications(ledger.registry, history: ledger.history).including(ledger.published)
        var scan = LedgerScan(
            current, publications: publications, certificates: certificates, scope: .all, comparesTiles: false,
            now: now())
        var undecided: Finding?
        try await scan.run(size: head.size) { judged in
            guard case .registryChanged? = judged.entry.statement?.event else { return }
            undecided = undecided ?? judged.findings.first { $0.key == "statement.tree.unknown" }
        }
        if let undecided {
            // Without it the change would not count, and what is added would be judged by other keys once it is back.
            throw RegistryError(
                .refused,
                "a change of the registry's keys rests on a checkpoint that is not here: \(undecided.message)",
                hint: "restore the file in checkpoints/ from another copy, then try again", findings: [undecided])
        }
        if let finding = scan.findings.first {
            throw RegistryError(
                .refused, "the ledger is damaged: \(finding.path.map { "\($0): " } ?? "")\(finding.message)",
                hint: "see 'bitim audit'")
        }
        guard scan.tiles.root == head.root else {
            throw RegistryError(
                .refused, "the entries do not lead to the tree that was signed",
                hint: "'bitim audit' names what is damaged; restore it, then try again")
        }
        // Only the log's own machine knows what was never promised: to a witness it may be the tree that it waits for.
        if signing.hasLogKey {
            try Self.removeUnpromised(writer, publications, pending: head)
            // A pending checkpoint that says nothing new, or nothing at all.
            if current.pending == nil { ledger.registry.files.remove(RegistryFolder.pendingName) }
        }
        judge = scan.judge
        self.publications = publications.confirmed(by: scan.tiles.roots)
        self.ledger = current
        sizeAtOpening = head.size
    }

    /// Signers of the trees to come: every change so far is in effect for them.
    private static func signing(
        _ ledger: OpenedLedger, _ history: RegistryHistory, vault: KeyVault
    ) -> CheckpointSigning {
        CheckpointSigning(
            registry: ledger.registry, keys: ledger.keys, vault: vault, constitution: history.state.constitution,
            policy: history.policy(forTreeSize: .max))
    }

    /// With the changes that are queued.
    private func history() throws -> RegistryHistory {
        guard let registry = judge.state.registry else { return ledger.history }
        return try ledger.history.including(registry)
    }

    private func signing() throws -> CheckpointSigning {
        Self.signing(ledger, try history(), vault: vault)
    }

    /// The tree to go on from: what the log remembers, which must not lie behind what the registry shows.
    private static func signedHead(_ ledger: OpenedLedger, _ signing: CheckpointSigning) throws -> TreeHead {
        let remembered = try signing.logHead()
        let stored = ledger.fullHead
        guard remembered.size >= stored.size else {
            throw RegistryError(
                .refused,
                "the log remembers \(remembered.size) signed entries, and the registry has \(stored.size): it signs nothing",
                hint: "restore keys/private/log.state, or say what to go on from: "
                    + "bitim keys resume log --tree \(stored.size):\(stored.root.hex)")
        }
        guard remembered.size > stored.size || remembered == stored else {
            throw RegistryError(
                .refused, "the log has signed another tree of \(stored.size) entries than the registry shows",
                hint: "this is another history: keep both copies, they are evidence")
        }
        return remembered
    }

    private static func damage(_ error: LogError, head: TreeHead, ledger: OpenedLedger) -> RegistryError {
        if head.size > ledger.fullHead.size {
            return RegistryError(
                .refused,
                "the log has signed \(head.size) entries, and the registry here has only \(ledger.fullHead.size)",
                hint: "it is an older copy: restore the newer one; a second history is never signed",
                findings: [error.finding])
        }
        return RegistryError(
            .refused, "\(ledger.registry.fullPath("ledger"))/\(error)",
            hint: "the damage is not signed over: restore the file from a copy, then try again",
            findings: [error.finding])
    }

    // MARK: Statements

    /// The statement that would make the event the next of its life, naming the published tree.
    package func statement(
        of event: Event, agreement: AgreementID?, expires: UTCTime? = nil
    ) throws -> Statement {
        try state.nextStatement(
            of: event, agreement: agreement, expires: expires, identity: identity, published: ledger.publishedHead)
    }

    /// Signs with the keys at hand and queues the entry.
    package func sign(
        _ statement: Statement, documents: [ContentDigest: String],
        restricted: [DocumentCommitment: RestrictedDocument] = [:]
    ) throws -> Registered {
        guard let directory = judge.directory else {
            throw RegistryError(.refused, "the registry has no lists of signers", hint: "see 'bitim audit'")
        }
        let signing = EntrySigning(vault: vault, directory: directory)
        let (leaf, _) = try signing.leaf(
            of: statement, parties: state.requiredSigners(of: statement).sorted(), signingTime: now())
        return try queue(leaf: leaf, documents: documents, restricted: restricted)
    }

    /// Checks a leaf against everything that an audit would, and queues it for `commit`.
    ///
    /// - Parameters:
    ///   - documents: where the bytes of its public documents are, by digest.
    ///   - restricted: where the bytes of its restricted documents are, with their keys.
    package func queue(
        leaf: [UInt8], documents: [ContentDigest: String],
        restricted: [DocumentCommitment: RestrictedDocument] = [:]
    ) throws -> Registered {
        let entry = Entry(leaf: leaf)
        if let digest = entry.statementDigest,
            let known = try registered(digest, agreement: entry.statement?.agreement)
        {
            return known
        }
        let needed = hold(for: entry)
        let outcomes = SignatureCheck.outcomes(of: entry, certificates: certificates)
        let proved = ProvedInterval(
            notBefore: entry.statement?.tree.flatMap { publications[$0.size]?.earliestCosignature }, notAfter: nil)
        let queued = QueuedEntry(entry: entry, outcomes: outcomes, proved: proved)
        let judged = try requirePassed(queued, by: &judge, at: now())
        for document in entry.statement?.event.documents ?? [] {
            let source =
                document.digest.flatMap { documents[$0] } ?? document.commitment.flatMap { restricted[$0]?.path }
            try requireDocument(document, source: source)
        }
        queueCertificates(needed)
        if judgeBeforeQueue == nil { judgeBeforeQueue = judge }
        judge.take(judged)
        queuedLeaves.append(leaf)
        queuedEntries.append(queued)
        queuedDocuments.merge(documents) { first, _ in first }
        queuedRestricted.merge(restricted) { first, _ in first }
        return Registered(
            index: judged.index, leafHash: ContentDigest(entry.leafHash), agreement: entry.statement?.agreement,
            wasThere: false)
    }

    private func requirePassed(
        _ queued: QueuedEntry, by judge: inout EntryJudge, at time: Int64
    ) throws(RegistryError) -> JudgedEntry {
        let publications = publications
        let judged = judge.judge(queued.entry, outcomes: queued.outcomes, proved: queued.proved, now: time) { size in
            publications[size].map { ContentDigest($0.head.root) }
        }
        guard judged.verdict == .passed else {
            let reasons = judged.findings.filter { $0.severity != .warning }
            throw RegistryError(
                .refused, "the entry is refused: \(reasons.map(\.message).joined(separator: "; "))",
                hint: "finding \(reasons.first?.key ?? judged.verdict.rawValue); nothing was added", findings: reasons)
        }
        return judged
    }

    /// Judges all that is queued once more: since then a draft may have lapsed, or a certificate expired.
    private func requirePassed(at time: Int64) throws(RegistryError) {
        guard var judge = judgeBeforeQueue else { return }
        judge.hold(certificatesOf: self.judge)
        for queued in queuedEntries { judge.take(try requirePassed(queued, by: &judge, at: time)) }
    }

    /// The entry that has the statement of that digest, written or queued; nil when there is none, or it is of no effect:
    /// it is refused as a duplicate then, not taken for done.
    package func registered(_ statement: ContentDigest, agreement: AgreementID?) throws -> Registered? {
        guard let index = state.indexByStatement[statement], state.isOfEffect(index) else { return nil }
        return Registered(index: index, leafHash: try leafHash(at: index), agreement: agreement, wasThere: true)
    }

    /// Of an entry that is there or queued: another leaf with the same statement has another one.
    private func leafHash(at index: Int64) throws -> ContentDigest {
        let written = writer.head.size
        if index >= written { return ContentDigest(Entry(leaf: queuedLeaves[Int(index - written)]).leafHash) }
        return ContentDigest(try ledger.registry.ledger.subtrees(size: written)(0, index))
    }

    /// The document has to be there with the size that was signed. A given file's bytes are checked as it is copied.
    private func requireDocument(_ document: Document, source: String?) throws {
        guard let source else {
            guard case .present = DocumentCheck.check(document, registry: ledger.registry) else {
                throw RegistryError(
                    .unavailable,
                    "the document \(document.name) (\(document.digest?.text ?? document.commitment?.text ?? "")) is not here",
                    hint: document.digest != nil
                        ? "an entry is registered together with its public documents: give the file"
                        : "an entry is registered where its restricted documents and their keys are held: give the file"
                )
            }
            return
        }
        let size = try Files.attributes(source, followingLinks: true).sizeBytes
        guard Int64(size) == document.sizeBytes else {
            throw RegistryError(
                .refused, "\(source) has \(size) bytes, and the statement says \(document.sizeBytes)",
                hint: "nothing was added; give the very file that was signed")
        }
    }

    // MARK: Certificates

    /// Certificates that a change may need: kept in the registry with the change that does, and no others.
    package func offer(_ offered: [Certificate]) { offeredCertificates += offered }

    private func hold(for entry: Entry) -> [Certificate] {
        guard case .registryChanged(let change)? = entry.statement?.event else { return [] }
        return judge.hold(offeredCertificates, for: change, held: certificates)
    }

    private func queueCertificates(_ needed: [Certificate]) {
        for certificate in needed { certificates.insert(certificate) }
        queuedCertificates += needed
    }

    // MARK: Committing

    /// Writes, signs and publishes what is queued. All of it or, if it fails, nothing that anyone was promised.
    package func commit() async throws -> Publishing {
        guard !queuedLeaves.isEmpty else { return try await publish() }
        // Of the cosignatures too: whatever holds by this time holds in every audit to come.
        let time = now()
        try requirePassed(at: time)
        for (digest, source) in queuedDocuments.sorted(by: { $0.key < $1.key }) {
            try place(digest, source)
        }
        try ledger.registry.placeCertificates(queuedCertificates)
        try ledger.registry.placeRestricted(queuedRestricted)
        if !queuedDocuments.isEmpty || !queuedRestricted.isEmpty || !queuedCertificates.isEmpty {
            try ledger.registry.files.barrier()
        }
        let old = writer.head
        if try history().state != ledger.history.state {
            // Witnesses that come with a change are asked before the log signs, as the others were at the opening.
            try signing().requireWitnesses(continue: old, of: ledger)
        }
        let head: TreeHead
        do {
            head = try writer.append(queuedLeaves)
        } catch let error as LogError {
            throw RegistryError(
                .unavailable, "what was written is not what the disk gives back: \(error)",
                hint: "nothing was signed; check the disk, then try again", findings: [error.finding])
        }
        queuedLeaves = []
        queuedEntries = []
        judgeBeforeQueue = nil
        judgedCommit = (old.size, time)
        queuedDocuments = [:]
        queuedCertificates = []
        queuedRestricted = [:]
        let pending = try signing().signAsLog(head, continuing: old)
        if ledger.pending != nil {
            // The tree that was pending until now will never be published.
            try Self.removeUnpromised(writer, publications, pending: head)
        }
        return try await finish(pending, at: time)
    }

    private static func removeUnpromised(
        _ writer: LogWriter, _ publications: Publications, pending head: TreeHead
    ) throws {
        // A checkpoint that cannot be read here may still be somebody's, and its partial tiles with it.
        let allAreRead = publications.findings.isEmpty
        try writer.removeUnpromised { !allAreRead || publications.promise($0, pending: head) }
    }

    /// Completes what is pending, as far as the keys at hand and the copies allow.
    ///
    /// - Parameter copies: the same checkpoint, cosigned on other machines. Once it is published they say nothing new.
    package func publish(taking copies: [CheckpointCopy] = []) async throws -> Publishing {
        try requireReadablePending()
        guard let pending = ledger.pending else {
            try signing().require(copies, within: ledger.publishedHead)
            return .published(ledger.publishedHead)
        }
        return try await finish(try signing().take(copies, into: pending), at: now())
    }

    /// Adds the cosignatures of the named parties' witnesses, or of all that are here.
    package func cosign(parties: Set<PartyID>?) async throws -> Publishing {
        for party in parties ?? []
        where !(state.registry?.constitution ?? ledger.constitution).quorum.witnesses.contains(where: {
            $0.party == party
        }) {
            throw RegistryError(
                .usage, "\(party) has no witness in this registry", hint: "'bitim keys list' shows the parties")
        }
        try requireReadablePending()
        guard let pending = ledger.pending else { return .published(ledger.publishedHead) }
        return try await finish(pending, parties: parties, at: now())
    }

    private func requireReadablePending() throws {
        guard let fault = ledger.pendingFault, try !signing().hasLogKey else { return }
        throw RegistryError(
            .refused, "\(fault.path ?? ""): \(fault.message)",
            hint: "ask for the pending checkpoint again: the machine with the log's key signs the same tree anew",
            findings: [fault])
    }

    /// - Parameter time: of the cosignatures, and what everything that is not published yet is judged by.
    private func finish(
        _ pending: PendingCheckpoint, parties: Set<PartyID>? = nil, at time: Int64
    ) async throws -> Publishing {
        let signing = try signing()
        let publishedSize = ledger.publishedHead.size
        // All that is new came with the last commit, and was judged by this very time.
        let isJudged = judgedCommit.map { $0.oldSize == publishedSize && $0.time == time } ?? false
        let cosigned = try await signing.cosign(pending, parties: parties, at: time) { lastChecked in
            // What this process added it has checked as an audit would; what came before only if the witness did.
            if lastChecked < sizeAtOpening {
                try await requireSound(pending.head, unseenFrom: lastChecked, at: time)
            } else if !isJudged {
                // The witness did, at another time: what is not published yet may have lapsed since.
                try await requireSound(
                    pending.head, unseenFrom: lastChecked, scope: .from(publishedSize), at: time)
            }
        }
        guard cosigned.quorumMet else {
            ledger = try reopened()
            return .pending(cosigned.head, missing: cosigned.missing)
        }
        publications.append(try signing.publish(cosigned))
        try writer.removeSupersededPartials(from: publishedSize)
        ledger = try reopened()
        // Also after a process that died between publishing a change and this.
        if ledger.history.state.epochs.count > 1 { updateKeys() }
        return .published(cosigned.head)
    }

    /// What a witness's cosignature means: every entry was checked in full, documents' bytes included.
    private func requireSound(
        _ head: TreeHead, unseenFrom: Int64, scope: LedgerScan.Scope = .all, at time: Int64
    ) async throws {
        // The ledger was opened before this tree was signed: the head is the one that is to be cosigned.
        let findings = try await EntryAudit.findings(
            of: try reopened(), publications: publications, head: head, unseenFrom: unseenFrom, scope: scope,
            now: time)
        guard findings.verdict == .passed else {
            throw RegistryError(
                .refused, "the witness does not cosign: \(findings.first { $0.severity != .warning }?.message ?? "")",
                hint: "see 'bitim audit'; what can no longer be cosigned is voided by all parties: "
                    + "bitim record voided INDEX",
                findings: findings)
        }
    }

    /// The entry is published whatever becomes of the files for other tools.
    private func updateKeys() {
        do {
            _ = try KeysUpdate(ledger).write()
        } catch {
            vault.notice(
                "note: the public files in \(ledger.keys.path) are not up to date: \(error); see 'bitim keys update'")
        }
    }

    private func reopened() throws -> OpenedLedger {
        try OpenedLedger.open(registry: ledger.registry, keys: ledger.keys, history: try history())
    }

    /// Copies a document to its place, whose name is its own hash.
    private func place(_ digest: ContentDigest, _ source: String) throws {
        let name = RegistryFolder.documentName(digest)
        if Files.kind(ledger.registry.fullPath(name)) == .regular,
            try DocumentCheck.digest(of: ledger.registry.fullPath(name)).digest == digest
        {
            return
        }
        var hasher = SHA256Hasher()
        let placed = try ledger.registry.files.placeCopy(name, of: source) {
            hasher.update($0)
        } isWanted: {
            ContentDigest(hasher.finalize()) == digest
        }
        guard placed else {
            throw RegistryError(
                .conflict, "\(source) has changed since it was read", hint: "nothing was added; try again")
        }
    }
}
