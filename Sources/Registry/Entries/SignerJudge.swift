internal import Agreements
internal import OpenSSLKit

/// Judges the signatures of one entry: whose they are, by the lists as they stand, and at what time.
package struct SignerJudge {
    /// Clocks of honest machines differ; a claim within this many seconds of what is proved is only a warning.
    package static let clockToleranceSeconds: Int64 = 300

    /// Nil when there are no lists yet.
    let directory: SignerDirectory?
    let proved: ProvedInterval
    /// What certificates are judged at: the upper proved time, or now; POSIX seconds.
    let time: Int64

    /// One result for each signature, in their order, with findings that do not name the entry yet.
    ///
    /// - Parameter outcomes: see `SignatureCheck`.
    package func judge(
        _ entry: Entry, outcomes: [SignatureCheck.Outcome]
    ) -> [(signer: JudgedSigner, findings: [Finding])] {
        zip(entry.signers, outcomes).enumerated().map { position, pair in
            judge(pair.0, pair.1, at: position, of: entry)
        }
    }

    private func judge(
        _ signer: EntrySigner, _ outcome: SignatureCheck.Outcome, at position: Int, of entry: Entry
    ) -> (JudgedSigner, [Finding]) {
        let claimed = signer.claimedTime
        switch outcome {
        case .valid(let certificate):
            guard let standing = directory?.standing(of: certificate) else {
                return (unknown(claimed), [Finding("entry.signer.unlisted", "there is no list of signers yet")])
            }
            var faults = standing.faults + algorithmFaults(signer.scheme, key: certificate.publicKey)
            faults += timeFaults(claimed: claimed, chain: standing.chain)
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
            guard let signedData = entry.signedData, signedData.signerInfos.indices.contains(position) else {
                return (unknown(claimed), [Finding("entry.signature.invalid", "a signature cannot be read")])
            }
            return judgeWithoutCertificate(
                signedData.signerInfos[position], content: signedData.content, claimed: claimed)
        case .unreadable:
            return (unknown(claimed), [Finding("entry.signature.invalid", "a signature cannot be read")])
        }
    }

    /// The list of signers has the public key, so that the signature itself can still be checked.
    private func judgeWithoutCertificate(
        _ signer: SignerInfo, content: [UInt8]?, claimed: Int64?
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
                algorithmFaults(signer.scheme, key: key) + timeFaults(claimed: claimed, chain: nil)
            return (judged, [missing] + faults)
        }
        return (unknown(claimed), [Finding("entry.signature.invalid", "a signature does not verify")])
    }

    private func algorithmFaults(_ scheme: SignatureScheme?, key: PublicKey) -> [Finding] {
        if let fault = SignatureCheck.algorithmFault(scheme, key: key) {
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
        claimed: Int64?, chain: TrustAnchors.Chain?
    ) -> [Finding] {
        guard let claimed else { return [] }
        var faults: [Finding] = []
        // Made only where there is something to say.
        var claimedText: String? { UTCTime(posixSeconds: claimed)?.text }
        var timeText: String? { UTCTime(posixSeconds: time)?.text }
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
