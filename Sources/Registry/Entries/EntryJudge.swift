package import Agreements
internal import OpenSSLKit
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
    /// Clocks of honest machines differ; a claim within this many seconds of what is proved is only a warning.
    package static let clockToleranceSeconds: Int64 = 300

    package private(set) var state = LedgerState()
    package private(set) var directory: SignerDirectory?
    package private(set) var policy: WitnessPolicy?
    private let certificates: CertificateStore

    package init(certificates: CertificateStore) {
        self.certificates = certificates
    }

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
        let time = proved.notAfter ?? now
        var signers: [JudgedSigner] = []
        for (signer, outcome) in zip(entry.signedData?.signerInfos ?? [], outcomes) {
            let (judged, faults) = judge(
                signer, outcome, content: entry.signedData?.content, proved: proved, time: time)
            signers.append(judged)
            findings += faults.map {
                Finding(
                    $0.key, $0.severity, entry: index, agreement: agreement, path: $0.path, expected: $0.expected,
                    actual: $0.actual, $0.message)
            }
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
        return JudgedEntry(index: index, entry: entry, signers: signers, proved: proved, findings: findings)
    }

    /// Takes the judged entry in; one that failed is of no effect.
    package mutating func take(_ judged: JudgedEntry) {
        guard judged.verdict != .failed, let statement = judged.entry.statement,
            let digest = judged.entry.statementDigest
        else {
            state.skip(statementDigest: judged.entry.statementDigest, leafHash: ContentDigest(judged.entry.leafHash))
            return
        }
        state.apply(statement, statementDigest: digest, leafHash: ContentDigest(judged.entry.leafHash))
    }

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
        state.apply(statement, statementDigest: digest, leafHash: ContentDigest(entry.leafHash))
    }

    // MARK: Entry 0

    /// What the first entry lays down, and whether it can be used: keys that are keys, certificates that are listed
    /// with the keys that they hold.
    private mutating func establish(_ body: RegistryEstablished) -> [Finding] {
        var findings: [Finding] = []
        do {
            policy = try WitnessPolicy(body)
        } catch {
            findings.append(Finding("registry.policy.invalid", error.message))
        }
        do {
            let directory = try SignerDirectory(body, certificates: certificates)
            self.directory = directory
            for (party, certificate) in directory.missingAuthorities {
                findings.append(
                    Finding(
                        "certificate.missing", .indeterminate, entry: 0,
                        path: RegistryFolder.certificateName(certificate),
                        "a certificate of \(party)'s authorities is not held"))
            }
        } catch {
            findings.append(Finding("registry.authority.invalid", "\(error)"))
        }
        for party in body.parties {
            for signer in party.signers {
                guard let certificate = certificates[signer.certificate],
                    let key = try? certificate.publicKey.subjectPublicKeyInfo(), key != signer.publicKey.derBytes
                else { continue }
                findings.append(
                    Finding(
                        "registry.signer.key", entry: 0, path: RegistryFolder.certificateName(signer.certificate),
                        "the list names another public key for \(party.party) than the certificate has"))
            }
        }
        return findings
    }

    // MARK: Signers

    private func judge(
        _ signer: SignerInfo, _ outcome: SignatureCheck.Outcome, content: [UInt8]?, proved: ProvedInterval, time: Int64
    ) -> (JudgedSigner, [Finding]) {
        let claimed = signer.signedAttributes?.signingTime
        switch outcome {
        case .valid(let certificate):
            guard let standing = directory?.standing(of: certificate) else {
                return (unknown(claimed), [Finding("entry.signer.unlisted", "there is no list of signers yet")])
            }
            var faults = standing.faults + algorithmFaults(signer, key: certificate.publicKey)
            faults += timeFaults(claimed: claimed, proved: proved, time: time, chain: standing.chain)
            let judged = JudgedSigner(
                party: standing.party, certificate: ContentDigest(certificate.fingerprint),
                subject: certificate.subject, claimedTime: claimed, isVerified: true)
            return (judged, faults)
        case .invalid(let certificate):
            let judged = JudgedSigner(
                party: nil, certificate: ContentDigest(certificate.fingerprint), subject: certificate.subject,
                claimedTime: claimed, isVerified: false)
            return (
                judged,
                [Finding("entry.signature.invalid", actual: certificate.subject, "a signature does not verify")]
            )
        case .certificateMissing, .otherCertificate:
            return judgeWithoutCertificate(signer, content: content, claimed: claimed, proved: proved, time: time)
        case .unreadable:
            return (unknown(claimed), [Finding("entry.signature.invalid", "a signature cannot be read")])
        }
    }

    /// The list of signers has the public key, so that the signature itself can still be checked.
    private func judgeWithoutCertificate(
        _ signer: SignerInfo, content: [UInt8]?, claimed: Int64?, proved: ProvedInterval, time: Int64
    ) -> (JudgedSigner, [Finding]) {
        let absent =
            signer.signedAttributes?.signingCertificate.flatMap { directory?.absentSigners(matching: $0) } ?? []
        guard !absent.isEmpty else {
            return (
                unknown(claimed),
                [Finding("entry.signer.unlisted", "the signer's certificate is on no party's list of signers")]
            )
        }
        for (party, listed) in absent {
            guard let key = try? PublicKey(subjectPublicKeyInfo: listed.publicKey.derBytes),
                SignatureCheck.verifies(signer, content: content, key: key)
            else { continue }
            let judged = JudgedSigner(
                party: party, certificate: listed.certificate, subject: nil, claimedTime: claimed, isVerified: true)
            let missing = Finding(
                "certificate.missing", .indeterminate, path: RegistryFolder.certificateName(listed.certificate),
                "the signature verifies under the key on the list of \(party), but its certificate is not held")
            // What can be judged without the certificate is: taking it away must not make a bad signature better.
            let faults =
                algorithmFaults(signer, key: key) + timeFaults(claimed: claimed, proved: proved, time: time, chain: nil)
            return (judged, [missing] + faults)
        }
        return (unknown(claimed), [Finding("entry.signature.invalid", "a signature does not verify")])
    }

    private func algorithmFaults(_ signer: SignerInfo, key: PublicKey) -> [Finding] {
        if let fault = SignatureCheck.algorithmFault(signer, key: key) {
            return [Finding("entry.signer.algorithm", actual: fault, "the profile does not allow \(fault)")]
        }
        if let bits = key.algorithm.rsaBits, bits < 3072 {
            return [Finding("entry.signer.weak", .warning, actual: "RSA-\(bits)", "RSA of less than 3072 bits")]
        }
        return []
    }

    private func unknown(_ claimed: Int64?) -> JudgedSigner {
        JudgedSigner(party: nil, certificate: nil, subject: nil, claimedTime: claimed, isVerified: false)
    }

    private func timeFaults(
        claimed: Int64?, proved: ProvedInterval, time: Int64, chain: TrustAnchors.Chain?
    ) -> [Finding] {
        guard let claimed else { return [] }
        var faults: [Finding] = []
        let claimedText = UTCTime(posixSeconds: claimed)?.text
        let timeText = UTCTime(posixSeconds: time)?.text
        if claimed > time {
            let isSkew = claimed - time <= Self.clockToleranceSeconds
            faults.append(
                Finding(
                    "entry.time.claimed-late", isSkew ? .warning : .failed, expected: timeText, actual: claimedText,
                    "the claimed signing time is later than the time by which it was signed"))
        }
        if let notBefore = proved.notBefore, claimed < notBefore {
            faults.append(
                Finding(
                    "entry.time.claimed-early", .warning, expected: UTCTime(posixSeconds: notBefore)?.text,
                    actual: claimedText, "the claimed signing time is earlier than the tree that the statement names"))
        }
        guard let chain, !chain.isValid(at: time) else { return faults }
        if chain.isValid(at: claimed), time > chain.notAfter {
            faults.append(
                Finding(
                    "entry.signer.expired", .indeterminate, expected: UTCTime(posixSeconds: chain.notAfter)?.text,
                    actual: timeText, "the certificate expired between the claimed and the proved time"))
        } else {
            let reason = time < chain.notBefore ? "not yet valid" : "expired"
            faults.append(
                Finding("entry.signer.validity", actual: timeText, "the certificate was \(reason) at that time"))
        }
        return faults
    }
}
