package import Agreements
package import OpenSSLKit
package import TransparencyLog

/// What a check says of one entry.
package struct JudgedEntry: Sendable {
    package let index: Int64
    package let entry: Entry
    package let signers: [JudgedSigner]
    package let proved: ProvedInterval
    package let findings: [Finding]

    package var verdict: Verdict { findings.verdict }
}

/// One signature, and what it is worth.
package struct JudgedSigner: Sendable {
    /// The party that it speaks for; nil for none.
    package let party: PartyID?
    /// Of the certificate; nil when nobody knows which it was.
    package let certificate: ContentDigest?
    /// As the certificate has it; nil when it is not held.
    package let subject: String?
    /// The signer's own signing-time, in POSIX seconds.
    package let claimedTime: Int64?
    package let isVerified: Bool
}

/// Judges entry after entry of one ledger: the same code when one is added and when all are audited.
package struct EntryJudge {
    package private(set) var state: LedgerState
    /// The lists as they stood, one after the other.
    package private(set) var directories: [SignerDirectory] = []
    package private(set) var policy: WitnessPolicy?
    private(set) var certificates: CertificateStore

    package var directory: SignerDirectory? { directories.last }

    /// - Parameter state: of the entries before the first one that is judged.
    package init(certificates: CertificateStore, state: LedgerState = LedgerState()) {
        self.certificates = certificates
        self.state = state
    }

    /// Takes over those of the offered certificates that the change as the next entry needs.
    ///
    /// - Parameter held: what the registry has.
    /// - Returns: what it has not, and needs.
    package mutating func hold(
        _ offered: [Certificate], for change: RegistryChanged, held: CertificateStore
    ) -> [Certificate] {
        guard let registry = state.registry, let changed = try? change.applied(to: registry.constitution) else {
            return []
        }
        let needed = NeededCertificates.of(change, after: changed, offered: offered, held: held)
        for certificate in needed { certificates.insert(certificate) }
        return needed
    }

    /// All certificates that another judge of the same ledger holds.
    mutating func hold(certificatesOf other: EntryJudge) { certificates = other.certificates }

    /// Judges the next entry without taking it in.
    ///
    /// - Parameters:
    ///   - outcomes: of the entry's signatures, see `SignatureCheck`.
    ///   - now: the time to judge by while the entry has no proved time, in POSIX seconds.
    ///   - publishedRoot: the root of the published checkpoint of a size; nil if there is none.
    package mutating func judge(
        _ entry: Entry, outcomes: [SignatureCheck.Outcome], proved: ProvedInterval, now: Int64,
        publishedRoot: (Int64) -> ContentDigest?
    ) -> JudgedEntry {
        let index = state.size
        let agreement = entry.statement?.agreement?.text
        var findings: [Finding] = []
        for deviation in entry.deviations {
            findings.append(Finding("entry.profile", entry: index, agreement: agreement, deviation))
        }
        if let error = entry.statementError {
            findings.append(Finding("statement.malformed", entry: index, error))
        }
        if index == 0, let statement = entry.statement, case .registryEstablished(let body) = statement.event {
            findings += establish(body)
        }
        if case .registryChanged(let body)? = entry.statement?.event { findings += self.findings(of: body) }
        let time = proved.notAfter ?? now
        var signers: [JudgedSigner] = []
        let signerJudge = SignerJudge(directory: directory, proved: proved, time: time)
        for (judged, faults) in signerJudge.judge(entry, outcomes: outcomes) {
            signers.append(judged)
            findings += faults.map { $0.of(entry: index, agreement: agreement) }
        }
        if let statement = entry.statement, let digest = entry.statementDigest {
            let violations =
                state.violations(
                    of: statement, statementDigest: digest, on: UTCTime(posixSeconds: time)?.date,
                    publishedRoot: publishedRoot)
                + state.signerViolations(of: statement, signers: signers.map(\.party))
            findings += violations.map { Finding($0, entry: index, agreement: agreement) }
            if let expires = statement.expires, expires.posixSeconds < time {
                findings.append(
                    Finding(
                        "statement.expired", entry: index, agreement: agreement, expected: "by \(expires)",
                        actual: UTCTime(posixSeconds: time)?.text, "the draft had lapsed before it was registered"))
            }
        } else if findings.isEmpty {
            findings.append(Finding("statement.missing", entry: index, "the entry has no statement"))
        }
        if state.isRegistryUnknown {
            findings = findings.map { Self.hangsOnLists($0.key) ? $0.undecided() : $0 }
        }
        return JudgedEntry(index: index, entry: entry, signers: signers, proved: proved, findings: findings)
    }

    /// Whether a finding is one of lists and keys, which an event that cannot be read may have changed.
    private static func hangsOnLists(_ key: String) -> Bool {
        if key.hasPrefix("registry.void.") { return key == "registry.void.refused" }
        return key.hasPrefix("registry.") || key.hasPrefix("entry.signers.")
            || ["unlisted", "retired", "revoked", "chain", "ambiguous"].contains { key == "entry.signer.\($0)" }
    }

    /// Takes the judged entry in; one that failed is of no effect.
    package mutating func take(_ judged: JudgedEntry) {
        guard judged.verdict != .failed, let statement = judged.entry.statement,
            let digest = judged.entry.statementDigest
        else {
            state.skip(statementDigest: judged.entry.statementDigest, leafHash: ContentDigest(judged.entry.leafHash))
            return
        }
        apply(statement, digest, judged.entry)
    }

    private mutating func apply(_ statement: Statement, _ digest: ContentDigest, _ entry: Entry) {
        let epochs = state.registry?.epochs.count
        state.apply(statement, statementDigest: digest, leafHash: ContentDigest(entry.leafHash))
        if statement.agreement == nil, let epochs, state.registry?.epochs.count != epochs { takeEffect() }
    }

    /// Before a copy is kept of it, and it goes on.
    mutating func beginLayer() { state.beginLayer() }

    /// When no copy is kept any more.
    mutating func settle() { state.settle() }

    /// Goes on from a state that was come to otherwise, by the same events of the registry.
    mutating func resume(_ other: LedgerState) { state = other }

    /// Passes over an entry that is there and cannot be read.
    package mutating func skipUnreadable() { state.skip() }

    /// Takes an entry in without judging its signatures: for listings, which say so.
    package mutating func takeUnjudged(_ entry: Entry) {
        if state.size == 0, case .registryEstablished(let body)? = entry.statement?.event { _ = establish(body) }
        guard let statement = entry.statement, let digest = entry.statementDigest,
            // Without signatures, checkpoints and times at hand, the rules still hold.
            state.violations(
                of: statement, statementDigest: digest, on: nil, publishedRoot: { _ in statement.tree?.root }
            ).allSatisfy(\.isIndeterminate)
        else {
            state.skip(statementDigest: entry.statementDigest, leafHash: ContentDigest(entry.leafHash))
            return
        }
        apply(statement, digest, entry)
    }

    // MARK: The constitution

    /// What a constitution comes to: a policy that is one, and lists whose certificates are held.
    struct Footing {
        var policy: WitnessPolicy?
        var directory: SignerDirectory?
        var findings: [Finding] = []
    }

    private mutating func establish(_ body: RegistryEstablished) -> [Finding] {
        let footing = footing(of: body.constitution, withdrawals: [:], entry: 0)
        policy = footing.policy
        if let directory = footing.directory { directories = [directory] }
        return footing.findings
    }

    /// What speaks against a first constitution; nothing of it holds before entry 0 is taken in.
    package func findings(of body: RegistryEstablished) -> [Finding] {
        footing(of: body.constitution, withdrawals: [:], entry: 0).findings
    }

    private mutating func takeEffect() {
        guard let registry = state.registry else { return }
        let footing = footing(of: registry.constitution, withdrawals: registry.withdrawals, entry: state.size - 1)
        policy = footing.policy
        if let directory = footing.directory { directories.append(directory) }
    }

    func footing(
        of constitution: Constitution, withdrawals: [ContentDigest: RegistryState.Withdrawal], entry: Int64
    ) -> Footing {
        var footing = Footing()
        do {
            footing.policy = try WitnessPolicy(constitution)
        } catch {
            footing.findings.append(Finding("registry.policy.invalid", entry: entry == 0 ? nil : entry, error.message))
        }
        do {
            let directory = try SignerDirectory(constitution, withdrawals: withdrawals, certificates: certificates)
            footing.directory = directory
            for (party, certificate) in directory.missingAuthorities {
                footing.findings.append(
                    Finding(
                        "certificate.missing", .indeterminate, entry: entry,
                        path: RegistryFolder.certificateName(certificate),
                        "a certificate of \(party)'s authorities is not held"))
            }
        } catch {
            footing.findings.append(
                Finding("registry.authority.invalid", entry: entry == 0 ? nil : entry, "\(error)"))
        }
        for party in constitution.parties {
            for signer in party.signers {
                guard certificates.subjectPublicKeyInfo(of: signer.certificate) != signer.publicKey.derBytes,
                    let certificate = certificates[signer.certificate],
                    let key = try? certificate.publicKey.subjectPublicKeyInfo(), key != signer.publicKey.derBytes
                else { continue }
                footing.findings.append(
                    Finding(
                        "registry.signer.key", entry: entry, path: RegistryFolder.certificateName(signer.certificate),
                        "the list names another public key for \(party.party) than the certificate has"))
            }
        }
        return footing
    }
}
