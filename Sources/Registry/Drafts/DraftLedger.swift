package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// The registry as a draft needs it: the state, with what is pending, and who may sign.
package struct DraftLedger {
    package let ledger: OpenedLedger
    private let publications: Publications
    private let certificates: CertificateStore
    private let judge: EntryJudge
    /// The entries of the draft's life, in order.
    private let life: [JudgedEntry]
    private let now: Int64

    package var state: LedgerState { judge.state }

    /// Whether there is a registry to read that the draft is for: of entry 0, the one that it has established.
    package static func isThere(_ registry: RegistryFolder, for draft: Draft, keys: KeysFolder) throws -> Bool {
        guard Files.kind(registry.path) == .folder, registry.hasLedger else { return false }
        guard let constitution = try DraftConstitution(draft, keys: keys) else { return true }
        return try registry.hasCheckpoint && constitution.identity == keys.identity()
            && constitution.identity != nil
    }

    /// - Parameters:
    ///   - agreement: whose life the draft goes on with; nil for the registry's own.
    ///   - now: POSIX seconds.
    /// - Throws: `RegistryError` when there is none, or it does not hold, or no identity is pinned.
    package static func read(
        registry: RegistryFolder, keys: KeysFolder, agreement: AgreementID?, now: Int64
    ) async throws -> DraftLedger {
        let ledger: OpenedLedger
        do {
            ledger = try OpenedLedger.open(registry: registry, keys: keys, now: now)
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry does not hold: \(error.findings.first?.message ?? "")",
                hint: "see 'bitim audit'", findings: error.findings)
        }
        let publications = Publications(registry, history: ledger.history).including(ledger.published)
        let certificates = CertificateStore(registry)
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates,
            scope: .matching { $0.agreement == agreement }, comparesTiles: false, now: now)
        var life: [JudgedEntry] = []
        try await scan.run(size: ledger.fullHead.size) { judged, _ in
            if judged.entry.statement?.agreement == agreement { life.append(judged) }
        }
        guard scan.findings.isEmpty, scan.tiles.root == ledger.fullHead.root else {
            throw RegistryError(
                .refused, scan.findings.first?.message ?? "the entries are not those of the checkpoint",
                hint: "see 'bitim audit'", findings: scan.findings)
        }
        return DraftLedger(
            ledger: ledger, publications: publications.confirmed(by: scan.tiles.roots), certificates: certificates,
            judge: scan.judge, life: life, now: now)
    }

    /// A new draft of the event as the next of its life, of which nothing that the rules forbid is written.
    ///
    /// - Parameter offered: certificates that the event brings onto a list, and intermediates.
    package func draft(
        of event: Event, agreement: AgreementID?, expires: UTCTime?, offered: [Certificate] = []
    ) throws -> Draft {
        guard ledger.published != nil else {
            throw RegistryError(
                .refused, "the registry has published nothing yet that a draft could name",
                hint: "run 'bitim publish' where the log's key is, then try again")
        }
        let statement = try state.nextStatement(
            of: event, agreement: agreement, expires: expires, identity: ledger.identity,
            published: ledger.publishedHead)
        if let expires, expires.posixSeconds < now {
            throw RegistryError(
                .usage, "\(expires) is past: the draft would be void", hint: "give a later time with --expires")
        }
        let draft = Draft(statement, required: state.requiredSigners(of: statement), offered: offered)
        let findings = findings(of: draft)
        guard findings.verdict == .passed else {
            throw RegistryError(
                .refused, "no draft is written: \(findings.map(\.message).joined(separator: "; "))",
                hint: "finding \(findings.first?.key ?? "")", findings: findings)
        }
        return draft
    }

    /// The rules that the statement breaks as the next entry; of two rival next steps the second is told of the first.
    package func findings(of draft: Draft) -> [Finding] {
        let statement = draft.statement
        let agreement = statement.agreement?.text
        let violations = state.violations(
            of: statement, statementDigest: draft.statementDigest,
            on: UTCTime(posixSeconds: now)?.date
        ) { size in
            publications[size].map { ContentDigest($0.head.root) }
        }
        var findings = violations.map { violation in
            let finding = Finding(violation, entry: nil, agreement: agreement)
            guard DraftReport.isOvertaken(violation.key), let rival = rival(of: statement),
                let event = rival.entry.statement?.event
            else { return finding }
            return Finding(
                finding.key, finding.severity, agreement: agreement, expected: finding.expected,
                actual: finding.actual, "entry \(rival.index), \(event.name), came in first: \(finding.message)")
        }
        if case .registryChanged(let change) = statement.event {
            var judge = judge
            _ = judge.hold(draft.offered, for: change, held: certificates)
            findings += judge.findings(of: change)
        }
        return findings
    }

    /// The index of the entry of effect that has the statement.
    package func index(of draft: Draft) throws -> Int64? {
        let index = try state.index(ofStatement: draft.statementDigest, agreement: draft.statement.agreement)
        return index.flatMap { state.isOfEffect($0) ? $0 : nil }
    }

    /// Puts those certificates of a draft that is in the ledger into the registry which its change needs and the registry
    /// has not: nobody knows by which way the entry came.
    package func placeCertificates(of draft: Draft, at index: Int64) throws {
        guard case .registryChanged(let change) = draft.statement.event,
            let changed = state.registry?.epochs.first(where: { $0.entry == index })?.constitution
        else { return }
        let needed = NeededCertificates.of(change, after: changed, offered: draft.offered, held: certificates)
        guard !needed.isEmpty else { return }
        let lock = try Registrar.lock(ledger.registry, patienceSeconds: 10)
        defer { _ = lock }
        try ledger.registry.placeCertificates(needed)
        try ledger.registry.files.barrier()
    }

    /// The certificates of all signers on the lists.
    package var listedCertificates: Set<ContentDigest> { judge.directory?.listedCertificates ?? [] }

    /// Why a certificate cannot sign now; empty when it can.
    func faults(of certificate: Certificate) -> [Finding] {
        judge.directory?.faults(of: certificate, at: now) ?? []
    }

    package func certificates(issuer: [UInt8], serialNumber: [UInt8]) -> [Certificate] {
        certificates.certificates(issuer: issuer, serialNumber: serialNumber)
    }

    /// Judges one signature as if it were an entry's own: the same code that admits entries.
    ///
    /// - Parameter index: of the entry that has the statement: its signers are judged by the lists before it, and by the
    ///   time that is proved of it. Nil when there is none: by what holds now.
    package func judge(_ signature: DraftSignature, asOf index: Int64?) throws -> DraftSigner {
        let entry = Entry(leaf: try signature.leaf)
        var store = certificates
        for certificate in signature.certificates { store.insert(certificate) }
        let outcomes = SignatureCheck.outcomes(of: entry, certificates: store)
        let tree = entry.statement?.tree
        let proved =
            index.map { publications.proved(index: $0, tree: tree) }
            ?? ProvedInterval(
                notBefore: tree.flatMap { publications[$0.size]?.earliestCosignature }, notAfter: nil)
        let judging = SignerJudge(
            directory: try index.map { try directory(before: $0, store) } ?? judge.directory, proved: proved,
            time: proved.notAfter ?? now)
        return DraftSigner(signature, entry, judging.judge(entry, outcomes: outcomes))
    }

    /// The lists as they stood before an entry; of entry 0, those that it lays down.
    private func directory(before index: Int64, _ certificates: CertificateStore) throws -> SignerDirectory {
        let registry = ledger.history.state
        return try SignerDirectory(
            registry.constitution(forTreeSize: index),
            withdrawals: registry.withdrawals.filter { $0.value.entry < index }, certificates: certificates)
    }

    /// Whether the entry waits for the quorum: what is pending is not registered.
    func isPending(_ index: Int64) -> Bool { index >= ledger.publishedHead.size }

    /// The entry that came in between: of two rival next steps the first in wins.
    package func rival(of statement: Statement) -> JudgedEntry? {
        if case .agreementRegistered = statement.event { return life.first { state.isOfEffect($0.index) } }
        let start = life.firstIndex { ContentDigest($0.entry.leafHash) == statement.previous }
        return life[(start.map { $0 + 1 } ?? life.endIndex)...].first { judged in
            state.isOfEffect(judged.index) && judged.entry.statement?.event.advancesPrevious == true
        }
    }
}
