package import Agreements
package import OpenSSLKit

/// Who may speak for whom, by the ledger's own lists as they stand at some index, and what each certificate is worth.
///
/// A certificate is judged once. Not Sendable: it belongs to the serial part of a check.
package final class SignerDirectory {
    /// What there is to say of a certificate, whatever the time.
    package struct Standing {
        /// The party on whose list it is; nil when it is on none.
        package let party: PartyID?
        package let chain: TrustAnchors.Chain?
        /// Key and message of each fault, with what could make it good missing or not.
        package let faults: [Finding]
    }

    private struct PartyTrust {
        let anchors: TrustAnchors
        let missing: [ContentDigest]
    }

    private let certificates: CertificateStore
    private let parties: [RegistryParty]
    private let withdrawals: [ContentDigest: RegistryState.Withdrawal]
    private let revokedKeys: RevokedKeys
    private var trust: [PartyID: PartyTrust] = [:]
    private var partyByCertificate: [ContentDigest: PartyID] = [:]
    private var standings: [ContentDigest: Standing] = [:]

    /// - Parameter withdrawals: what was on a list before, so that its findings can say so.
    package convenience init(
        _ constitution: Constitution, withdrawals: [ContentDigest: RegistryState.Withdrawal] = [:],
        certificates: CertificateStore
    ) throws(OpenSSLError) {
        try self.init(parties: constitution.parties, withdrawals: withdrawals, certificates: certificates)
    }

    /// - Parameter parties: their lists, from wherever they are known.
    package init(
        parties: [RegistryParty], withdrawals: [ContentDigest: RegistryState.Withdrawal] = [:],
        certificates: CertificateStore
    ) throws(OpenSSLError) {
        self.parties = parties
        self.withdrawals = withdrawals
        self.certificates = certificates
        revokedKeys = RevokedKeys(
            withdrawals.filter { $0.value.isRevocation }.keys, certificates: certificates)
        for party in parties {
            let held = party.authorities.compactMap { certificates[$0] }
            trust[party.party] = PartyTrust(
                anchors: try TrustAnchors(held), missing: party.authorities.filter { certificates[$0] == nil })
            for signer in party.signers { partyByCertificate[signer.certificate] = party.party }
        }
    }

    /// Authorities that the ledger names and nobody here has.
    package var missingAuthorities: [(party: PartyID, certificate: ContentDigest)] {
        parties.flatMap { party in
            (trust[party.party]?.missing ?? []).map { (party.party, $0) }
        }
    }

    /// Why no listed signer of the party could sign: nil when one can, indeterminate when certificates are not held.
    package func incapacity(of party: RegistryParty) -> Finding.Severity? {
        let held = party.signers.lazy.compactMap { self.certificates[$0.certificate] }
        guard !held.contains(where: { standing(of: $0).faults.isEmpty }) else { return nil }
        let isKnown =
            held.count == party.signers.count && (trust[party.party]?.missing.isEmpty ?? false)
            && !held.contains(where: lacksIssuer)
        return isKnown ? .failed : .indeterminate
    }

    package var listedCertificates: Set<ContentDigest> { Set(partyByCertificate.keys) }
    package var authorityCertificates: Set<ContentDigest> { Set(parties.flatMap(\.authorities)) }

    /// The certificates that the lists and the chains of the listed signers are made of.
    package var certificatesInUse: Set<ContentDigest> {
        var used = listedCertificates.union(authorityCertificates)
        for listed in listedCertificates {
            guard let certificate = certificates[listed] else { continue }
            used.formUnion(standing(of: certificate).chain?.fingerprints.map { ContentDigest($0) } ?? [])
        }
        return used
    }

    package func isListed(_ certificate: ContentDigest) -> Bool { partyByCertificate[certificate] != nil }

    /// The list's signers whose certificates are not held, and who could have made a signature.
    package func absentSigners(matching meant: SigningCertificate) -> [(party: PartyID, signer: RegistrySigner)] {
        let digest = meant.digestAlgorithm == .sha256 ? ContentDigest(bytes: meant.digest) : nil
        return parties.flatMap { party in
            party.signers
                .filter { certificates[$0.certificate] == nil }
                // Under another algorithm than SHA-256 the hash cannot be compared without the certificate.
                .filter { digest == nil || $0.certificate == digest }
                .map { (party.party, $0) }
        }
    }

    package func standing(of certificate: Certificate) -> Standing {
        let fingerprint = ContentDigest(certificate.fingerprint)
        if let known = standings[fingerprint] { return known }
        let standing = judge(certificate, fingerprint)
        standings[fingerprint] = standing
        return standing
    }

    /// Why the certificate cannot sign at that time; empty when it can.
    ///
    /// - Parameter time: POSIX seconds.
    package func faults(of certificate: Certificate, at time: Int64) -> [Finding] {
        let standing = standing(of: certificate)
        guard let chain = standing.chain, !chain.isValid(at: time) else { return standing.faults }
        let reason = time < chain.notBefore ? "not yet valid" : "expired"
        return standing.faults + [
            Finding("entry.signer.validity", actual: certificate.subject, "the certificate is \(reason)")
        ]
    }

    /// Whether the chain of a certificate ends in the open because the certificate of an issuer is not held.
    package func lacksIssuer(_ certificate: Certificate) -> Bool {
        let held = Dictionary(grouping: certificates.all.filter(\.isAuthority), by: \.subjectName)
        var names: Set<[UInt8]> = []
        var open = [certificate.issuer]
        while let name = open.popLast() {
            guard names.insert(name).inserted else { continue }
            guard let issuers = held[name] else { return true }
            open += issuers.map(\.issuer)
        }
        return false
    }

    private func unlisted(_ certificate: Certificate, _ fingerprint: ContentDigest) -> Finding {
        let path = RegistryFolder.certificateName(fingerprint)
        guard let withdrawal = withdrawals[fingerprint] else {
            return Finding(
                "entry.signer.unlisted", path: path, actual: certificate.subject,
                "the signer is on no party's list of signers")
        }
        let (key, word) =
            withdrawal.action == .revoke ? ("entry.signer.revoked", "revoked") : ("entry.signer.retired", "retired")
        return Finding(
            key, path: path, actual: certificate.subject,
            "the signer was \(word) by \(withdrawal.party) in entry \(withdrawal.entry)")
    }

    private var heldIntermediates: [Certificate] {
        // In a fixed order: what is found must not depend on a hash seed.
        certificates.fingerprints.sorted().compactMap { certificates[$0] }
            .filter { $0.isAuthority && !authorityCertificates.contains(ContentDigest($0.fingerprint)) }
            // Whoever stole an authority's key has it under every name.
            .filter { revokedKeys[$0] == nil }
    }

    private func judge(_ certificate: Certificate, _ fingerprint: ContentDigest) -> Standing {
        let listed = partyByCertificate[fingerprint]
        let path = RegistryFolder.certificateName(fingerprint)
        var faults: [Finding] = []
        if listed == nil { faults.append(unlisted(certificate, fingerprint)) }
        if certificate.isAuthority {
            faults.append(
                Finding(
                    "entry.signer.authority", path: path, actual: certificate.subject,
                    "the signer's certificate is a CA's"))
        }
        if !certificate.allowsSignatures {
            faults.append(
                Finding(
                    "entry.signer.key-usage", path: path, actual: certificate.subject,
                    "the certificate's key usage does not allow signatures"))
        }
        var intermediates: [Certificate] = []
        var chains: [PartyID: TrustAnchors.Chain] = [:]
        var reason = "no authority"
        if let listed, let anchors = trust[listed]?.anchors {
            var outcome = anchors.chain(for: certificate, intermediates: [])
            if case .noChain = outcome {
                // OpenSSL takes an anchor before any intermediate: these are needed only where anchors do not suffice.
                intermediates = heldIntermediates
                outcome = anchors.chain(for: certificate, intermediates: intermediates)
            }
            switch outcome {
            case .chain(let chain): chains[listed] = chain
            case .noChain(let why): reason = why
            }
        }
        // To other parties only over the links of its own chain: a file that somebody drops into the folder, such as a
        // cross-certificate, must not take a signer's right away.
        let links = Set(listed.flatMap { chains[$0]?.fingerprints } ?? [])
        let own = intermediates.filter { links.contains($0.fingerprint) }
        for party in parties where party.party != listed {
            if case .chain(let chain) = trust[party.party]?.anchors.chain(for: certificate, intermediates: own) {
                chains[party.party] = chain
            }
        }
        if chains.count > 1 {
            faults.append(
                Finding(
                    "entry.signer.ambiguous", path: path,
                    actual: chains.keys.sorted().map(\.text).joined(separator: ", "),
                    "the certificate chains to the authorities of several parties, and so speaks for none"))
        }
        let chain = listed.flatMap { chains[$0] }
        if let listed, chain == nil {
            if let absent = trust[listed]?.missing.first {
                faults.append(
                    Finding(
                        "certificate.missing", .indeterminate, path: RegistryFolder.certificateName(absent),
                        "an authority's certificate of \(listed) is not held, so its signer's chain cannot be checked"))
            } else {
                faults.append(
                    Finding(
                        "entry.signer.chain", path: path, actual: reason,
                        "the certificate does not chain to the authorities of \(listed)"))
            }
        }
        return Standing(party: chains.count > 1 ? nil : listed, chain: chain, faults: faults)
    }
}
