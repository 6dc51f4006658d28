internal import Agreements
internal import OpenSSLKit

/// What `keys/` alone can say of a signature: whose signers and authorities it has. Where the registry is at hand, its
/// own lists decide.
struct KeysTrust {
    private struct Party {
        let party: PartyID
        let signers: [Certificate]
        let anchors: TrustAnchors
        let revoked: Set<SHA256Digest>
    }

    private let parties: [Party]
    /// Those who must sign, and whose authorities are not here.
    private let absent: [PartyID]

    init(_ keys: KeysFolder, required: [PartyID]) throws {
        let present = keys.parties()
        absent = required.filter { !present.contains($0) }
        parties = try present.map { party in
            Party(
                party: party, signers: try keys.signers(party), anchors: try TrustAnchors(keys.authorities(party)),
                revoked: Set(try keys.revoked(party).map(\.fingerprint)))
        }
    }

    func judge(_ signature: DraftSignature, now: Int64) throws -> DraftSigner {
        let claimed = signature.signer.signedAttributes?.signingTime
        let certificate = signature.certificate
        var findings: [Finding] = []
        let leaf = try signature.leaf
        for deviation in EntryProfile.deviations(of: try SignedData(derBytes: leaf), leaf: leaf) {
            findings.append(Finding("entry.profile", deviation))
        }
        let isVerified = SignatureCheck.verifies(
            signature.signer, content: signature.signedData.content, key: certificate.publicKey)
        if !isVerified {
            findings.append(
                Finding("entry.signature.invalid", actual: certificate.subject, "a signature does not verify"))
        }
        if let fault = SignatureCheck.algorithmFault(signature.signer.scheme, key: certificate.publicKey) {
            findings.append(Finding("entry.signer.algorithm", actual: fault, "the profile does not allow \(fault)"))
        }
        let (party, faults) = standing(of: certificate, beside: signature.certificates, now: now)
        if let claimed, claimed > now + SignerJudge.clockToleranceSeconds {
            findings.append(
                Finding(
                    "entry.time.claimed-late", expected: UTCTime(posixSeconds: now)?.text,
                    actual: UTCTime(posixSeconds: claimed)?.text, "the claimed signing time is later than now"))
        }
        return DraftSigner(
            party: isVerified ? party : nil, certificate: ContentDigest(certificate.fingerprint),
            subject: certificate.subject, claimedTime: claimed, isVerified: isVerified, findings: findings + faults)
    }

    /// Why a certificate cannot sign now, as far as `keys/` tells; empty when it can.
    func faults(of certificate: Certificate, beside others: [Certificate], now: Int64) -> [Finding] {
        standing(of: certificate, beside: others, now: now).faults.filter { $0.severity != .warning }
    }

    /// A signer of a party has its certificate in that party's folder, or chains to its authorities and to no other's.
    private func standing(
        of certificate: Certificate, beside others: [Certificate], now: Int64
    ) -> (party: PartyID?, faults: [Finding]) {
        let intermediates = others.filter(\.isAuthority)
        let chains = parties.compactMap { party -> (party: Party, chain: TrustAnchors.Chain)? in
            guard case .chain(let chain) = party.anchors.chain(for: certificate, intermediates: intermediates) else {
                return nil
            }
            return (party, chain)
        }
        if chains.isEmpty, !absent.isEmpty {
            let names = absent.map(\.text).joined(separator: ", ")
            return (
                nil,
                [
                    Finding(
                        "draft.keys.absent", .indeterminate, actual: certificate.subject,
                        "the authorities of \(names) are not in keys/, so nobody can tell here whose the signature is")
                ]
            )
        }
        guard let found = chains.first, chains.count == 1 else {
            let message =
                chains.isEmpty
                ? "the signer is of no party whose authorities are in keys/"
                : "the certificate chains to the authorities of several parties, and so speaks for none"
            return (nil, [Finding("entry.signer.unlisted", actual: certificate.subject, message)])
        }
        var faults: [Finding] = []
        let listed = found.party.signers
        if !listed.isEmpty, !listed.contains(where: { $0.fingerprint == certificate.fingerprint }) {
            faults.append(
                Finding(
                    "entry.signer.unlisted", .warning, actual: certificate.subject,
                    "the signer is none of \(found.party.party) that keys/ has; the registry's list decides"))
        }
        if found.party.revoked.contains(certificate.fingerprint) {
            faults.append(
                Finding(
                    "entry.signer.revoked", actual: certificate.subject,
                    "the signer's certificate is revoked (keys/\(KeysFolder.revokedName(found.party.party)))"))
        }
        if certificate.isAuthority {
            faults.append(
                Finding("entry.signer.authority", actual: certificate.subject, "the signer's certificate is a CA's"))
        }
        if !certificate.allowsSignatures {
            faults.append(
                Finding(
                    "entry.signer.key-usage", actual: certificate.subject,
                    "the certificate's key usage does not allow signatures"))
        }
        if !found.chain.isValid(at: now) {
            faults.append(
                Finding(
                    "entry.signer.validity", actual: certificate.subject,
                    "the certificate is \(now < found.chain.notBefore ? "not yet valid" : "expired")"))
        }
        return (found.party.party, faults)
    }
}
