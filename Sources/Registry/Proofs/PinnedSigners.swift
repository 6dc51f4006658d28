internal import Agreements
internal import OpenSSLKit

/// Who may speak for whom, as far as `keys/` alone can tell: a party's authorities are pinned there, and those of its
/// signers whose certificates are. Of any other certificate that an authority has issued, only the ledger knows whether
/// it was on the party's list; it is taken for a signer's, and that is said.
struct PinnedSigners {
    let certificates: CertificateStore
    let directory: SignerDirectory
    /// With an `authority.pem`.
    let parties: [PartyID]
    /// Certificates that `keys/` does not have as a signer's, or has as revoked.
    let presumed: Set<ContentDigest>

    /// - Parameter embedded: the certificates that came with the entry.
    /// - Throws: `RegistryError` when a file in `keys/` cannot be read as what it should be.
    init(_ keys: KeysFolder, entry: Entry, embedded: [Certificate]) throws {
        var store = CertificateStore()
        for certificate in embedded { store.insert(certificate) }
        var pinned: [(party: PartyID, authorities: [Certificate], signers: [Certificate])] = []
        for party in keys.parties() {
            let files = try keys.numberedSigners(party).map(\.certificates)
            // What a revoked one signed counts only where the ledger shows that it came before.
            let revoked = Set(try keys.revoked(party).map(\.fingerprint))
            let signers = files.compactMap(\.first).filter { !revoked.contains($0.fingerprint) }
            pinned.append((party, try keys.authorities(party), signers))
            for certificate in files.joined() { store.insert(certificate) }
        }
        for certificate in pinned.flatMap(\.authorities) { store.insert(certificate) }
        let listed = Set(pinned.flatMap(\.signers).map(\.fingerprint))
        let trust = try pinned.map { ($0.party, try TrustAnchors($0.authorities)) }
        let anchors = Set(pinned.flatMap(\.authorities).map(\.fingerprint))
        let intermediates = store.fingerprints.sorted().compactMap { store[$0] }
            .filter { $0.isAuthority && !anchors.contains($0.fingerprint) }
        var presumed: [PartyID: [Certificate]] = [:]
        for case .valid(let certificate) in SignatureCheck.outcomes(of: entry, certificates: store)
        where !listed.contains(certificate.fingerprint) {
            let issuing = trust.first { _, anchors in
                if case .chain = anchors.chain(for: certificate, intermediates: intermediates) { true } else { false }
            }
            // One that chains to another party as well is found ambiguous by the directory.
            if let (party, _) = issuing { presumed[party, default: []].append(certificate) }
        }
        certificates = store
        parties = pinned.map(\.party)
        self.presumed = Set(presumed.values.joined().map { ContentDigest($0.fingerprint) })
        directory = try SignerDirectory(
            parties: try pinned.map { party, authorities, signers in
                RegistryParty(
                    party: party, name: LocalizedText([]),
                    authorities: authorities.map { ContentDigest($0.fingerprint) },
                    signers: try (signers + (presumed[party] ?? [])).map { certificate in
                        RegistrySigner(
                            certificate: ContentDigest(certificate.fingerprint),
                            publicKey: SubjectPublicKeyInfo(
                                derBytes: try certificate.publicKey.subjectPublicKeyInfo()))
                    })
            }, certificates: store)
    }
}
