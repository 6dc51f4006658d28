internal import Agreements
internal import OpenSSLKit

/// One entry, judged with nothing but `keys/` and its own file.
struct OfflineEntry {
    let file: EntryFile
    /// As the proof has it.
    let index: Int64
    /// Of the proof's checkpoint.
    let origin: String
    let identity: ContentDigest?
    let keys: KeysFolder
    /// When the quorum of the proof's checkpoint was complete; nil when it is not. In POSIX seconds, as is `now`.
    let provedBy: Int64?
    let now: Int64

    private var entry: Entry { file.entry }
    private var time: Int64 { provedBy ?? now }
    private var agreement: String? { entry.statement?.agreement?.text }

    /// - Throws: `RegistryError` when a file in `keys/` cannot be read as what it should be.
    func judged() throws -> JudgedEntry {
        var findings = file.findings
        findings += entry.deviations.map { Finding("entry.profile", $0) }
        if let error = entry.statementError { findings.append(Finding("statement.malformed", error)) }
        if entry.statement == nil, findings.isEmpty {
            findings.append(Finding("statement.missing", "the entry has no statement"))
        }
        findings += placeFindings()
        let proved = ProvedInterval(notBefore: nil, notAfter: provedBy)
        let pinned = try PinnedSigners(keys, entry: entry, embedded: file.certificates)
        let outcomes = SignatureCheck.outcomes(of: entry, certificates: pinned.certificates)
        var signers: [JudgedSigner] = []
        let signerJudge = SignerJudge(directory: pinned.directory, proved: proved, time: time)
        for ((signer, found), outcome) in zip(signerJudge.judge(entry, outcomes: outcomes), outcomes) {
            signers.append(signer)
            findings += offline(found, of: signer, outcome, pinned)
        }
        findings += requirementFindings(signers, pinned)
        findings = findings.map { $0.of(entry: index, agreement: agreement) }
        let judged = JudgedEntry(index: index, entry: entry, signers: signers, proved: proved, findings: findings)
        return JudgedEntry(
            index: index, entry: entry, signers: signers, proved: proved,
            findings: findings + variantFindings(judged, pinned).map { $0.of(entry: index, agreement: agreement) })
    }

    // MARK: The statement

    /// Whether the statement was made for this place in this registry.
    private func placeFindings() -> [Finding] {
        guard let statement = entry.statement else { return [] }
        var findings: [Finding] = []
        if case .unrecognised(let name, _) = statement.event {
            findings.append(
                Finding(
                    "statement.version.unknown", .indeterminate, expected: String(Statement.currentVersion),
                    actual: String(statement.version),
                    "\(name) of version \(statement.version) is not known to this program"))
        }
        let establishes = statement.event.name == RegistryEstablished.eventName
        if establishes != (index == 0) {
            findings.append(
                Finding(
                    "event.order", actual: statement.event.name,
                    "entry 0, and no other, is \(RegistryEstablished.eventName)"))
        }
        let leafHash = ContentDigest(entry.leafHash)
        if establishes, let identity, identity != leafHash {
            findings.append(
                Finding(
                    "identity.mismatch", path: "keys/identity", expected: identity.text, actual: leafHash.text,
                    "this is not the registry whose identity is pinned"))
        }
        if let expected = establishes ? origin : identity?.text, expected != statement.ledger.text {
            findings.append(
                Finding(
                    "statement.ledger.mismatch", expected: expected, actual: statement.ledger.text,
                    "the statement was made for another ledger"))
        }
        if let tree = statement.tree, tree.size > index {
            findings.append(
                Finding(
                    "statement.tree.unknown", expected: "at most \(index)", actual: String(tree.size),
                    "the statement names a tree of \(tree.size) entries, of which \(index) came before it"))
        }
        if let expires = statement.expires, expires.posixSeconds < time {
            findings.append(
                Finding(
                    "statement.expired", .indeterminate, expected: "by \(expires)",
                    actual: UTCTime(posixSeconds: time)?.text,
                    "the draft had lapsed at the time of this checkpoint; an earlier one may show that it was registered before"
                ))
        }
        return findings
    }

    // MARK: Signatures

    /// What was found on a signature, with what `keys/` alone cannot know said as such.
    private func offline(
        _ found: [Finding], of signer: JudgedSigner, _ outcome: SignatureCheck.Outcome, _ pinned: PinnedSigners
    ) -> [Finding] {
        switch outcome {
        case .certificateMissing:
            return [
                Finding(
                    "certificate.missing", .indeterminate,
                    "a signer's certificate is neither in the file nor in keys/, so the signature cannot be checked")
            ]
        case .otherCertificate:
            return [
                Finding(
                    "certificate.mismatch", "the certificate in the file is not the one that the signer meant")
            ]
        case .invalid, .unreadable: return found
        case .valid(let certificate):
            var findings = found.map { finding in
                switch finding.key {
                case "entry.signer.unlisted": unchained(certificate, pinned)
                case "entry.signer.validity" where hasExpiredSince(certificate, pinned):
                    Finding(
                        "entry.signer.expired", .indeterminate, actual: UTCTime(posixSeconds: time)?.text,
                        "the certificate had expired at the time of this checkpoint; an earlier one may show more")
                default:
                    // Its path would be one in a registry.
                    Finding(
                        finding.key, finding.severity, expected: finding.expected, actual: finding.actual,
                        finding.message)
                }
            }
            if let revoked = pinned.revoked[ContentDigest(certificate.fingerprint)] {
                findings.append(
                    Finding(
                        "entry.signer.unconfirmed", .indeterminate,
                        path: signer.party.map { "keys/\(KeysFolder.revokedName($0))" }, actual: certificate.subject,
                        (revoked == .signer
                            ? "the signer's certificate is revoked: "
                            : "the authority that the signer's certificate chains to is revoked: ")
                            + "whether the entry came before that, only the ledger shows"))
            } else if pinned.presumed.contains(ContentDigest(certificate.fingerprint)) {
                findings.append(
                    Finding(
                        "entry.signer.unconfirmed", .indeterminate, actual: certificate.subject,
                        "the signer's certificate is not in keys/: whether it was on the list of "
                            + "\(signer.party?.text ?? "a party"), only the ledger shows"))
            }
            return findings
        }
    }

    private func unchained(_ certificate: Certificate, _ pinned: PinnedSigners) -> Finding {
        let mayBeUnpinned = !unpinnedParties(pinned).isEmpty || pinned.parties.isEmpty
        return Finding(
            "entry.signer.chain", mayBeUnpinned ? .indeterminate : .failed, actual: certificate.subject,
            "the signer's certificate does not chain to the authorities of any party in keys/")
    }

    private func hasExpiredSince(_ certificate: Certificate, _ pinned: PinnedSigners) -> Bool {
        pinned.directory.standing(of: certificate).chain.map { time > $0.notAfter } ?? false
    }

    // MARK: Who must sign

    /// As far as the statement itself says it; empty when it depends on what came before.
    private var required: Set<PartyID> { entry.statement.map { LedgerState().requiredSigners(of: $0) } ?? [] }

    private func unpinnedParties(_ pinned: PinnedSigners) -> [PartyID] {
        required.subtracting(pinned.parties).sorted()
    }

    private func requirementFindings(_ signers: [JudgedSigner], _ pinned: PinnedSigners) -> [Finding] {
        guard let statement = entry.statement else { return [] }
        let unpinned = unpinnedParties(pinned)
        guard unpinned.isEmpty else {
            return unpinned.map {
                Finding(
                    "keys.authority.missing", .indeterminate, path: "keys/\(KeysFolder.authorityName($0))",
                    "\($0) must have signed, and its authorities are not pinned")
            }
        }
        // A signature that nobody could check speaks neither for a party nor for none.
        guard signers.allSatisfy({ $0.isVerified || $0.certificate != nil }) else { return [] }
        let parties = signers.map(\.party)
        if required.isEmpty, parties.count == pinned.parties.count,
            Set(parties.compactMap { $0 }) == Set(pinned.parties), !pinned.parties.isEmpty
        {
            // Who must sign stands in an earlier entry; more than all of them there are not.
            return []
        }
        guard !required.isEmpty else {
            return [
                Finding(
                    "entry.signers.unknown", .indeterminate,
                    actual: Set(parties.compactMap { $0?.text }).sorted().joined(separator: ", "),
                    "who must sign \(statement.event.name) depends on earlier entries, which only the ledger has")
            ]
        }
        return LedgerState().signerViolations(of: statement, signers: parties)
            .map { Finding($0, entry: nil, agreement: nil) }
    }

    // MARK: The file

    /// What is set aside to find the leaf proves nothing: the file is the leaf, or just what is exported of it.
    private func variantFindings(_ judged: JudgedEntry, _ pinned: PinnedSigners) -> [Finding] {
        let exported = try? ExportedEntry.bytes(judged, directory: pinned.directory, certificates: pinned.certificates)
        guard file.bytes[...] != entry.leaf, file.bytes != exported else { return [] }
        return [
            Finding(
                "entry.variant", .indeterminate,
                "the file holds the entry's signatures, and other things beside them than an export does")
        ]
    }
}
