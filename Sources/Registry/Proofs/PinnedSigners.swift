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
    /// Certificates that `keys/` does not have as a signer's.
    let presumed: Set<ContentDigest>
    /// Certificates that `keys/` has as revoked, or that have only a revoked authority's word.
    let revoked: [ContentDigest: Revoked]

    enum Revoked { case signer, authority }

    /// - Parameter embedded: the certificates that came with the entry.
    /// - Throws: `RegistryError` when a file in `keys/` cannot be read as what it should be.
    init(_ keys: KeysFolder, entry: Entry, embedded: [Certificate]) throws {
        var store = CertificateStore()
        for certificate in embedded { store.insert(certificate) }
        var pinned: [(party: PartyID, authorities: [Certificate], signers: [Certificate])] = []
        var withdrawn: [PartyID: [Certificate]] = [:]
        for party in keys.parties() {
            let files = try keys.numberedSigners(party).map(\.certificates)
            // What a revoked one signed counts only where the ledger shows that it came before.
            let revoked = try keys.revoked(party)
            withdrawn[party] = revoked
            let signers = files.compactMap(\.first).filter { signer in
                !revoked.contains { $0.fingerprint == signer.fingerprint }
            }
            pinned.append((party, try keys.authorities(party), signers))
            for certificate in files.joined() { store.insert(certificate) }
            for certificate in revoked where !certificate.isAuthority { store.insert(certificate) }
        }
        for certificate in pinned.flatMap(\.authorities) { store.insert(certificate) }
        let listed = Set(pinned.flatMap(\.signers).map(\.fingerprint))
        let anchors = Set(pinned.flatMap(\.authorities).map(\.fingerprint))
        let intermediates = store.fingerprints.sorted().compactMap { store[$0] }
            .filter { $0.isAuthority && !anchors.contains($0.fingerprint) }
        func reaches(_ certificate: Certificate, _ authorities: [Certificate]) throws -> Bool {
            if case .chain = try TrustAnchors(authorities).chain(for: certificate, intermediates: intermediates) {
                return true
            }
            return false
        }
        var presumed: [PartyID: [Certificate]] = [:]
        var revoked: [ContentDigest: Revoked] = [:]
        for case .valid(let certificate) in SignatureCheck.outcomes(of: entry, certificates: store) {
            // One that chains to another party as well is found ambiguous by the directory.
            var place = try pinned.firstIndex { try reaches(certificate, $0.authorities) }
            if place == nil {
                place = try pinned.firstIndex { party, _, _ in
                    try reaches(certificate, withdrawn[party]?.filter(\.isAuthority) ?? [])
                }
                guard let place else { continue }
                // An anchor only of what is never passed for it.
                let former = (withdrawn[pinned[place].party] ?? []).filter(\.isAuthority)
                pinned[place].authorities += former.filter { authority in
                    !pinned[place].authorities.contains { $0.fingerprint == authority.fingerprint }
                }
                for authority in former { store.insert(authority) }
                revoked[ContentDigest(certificate.fingerprint)] = .authority
            }
            guard let place else { continue }
            let party = pinned[place].party
            if withdrawn[party]?.contains(where: { $0.fingerprint == certificate.fingerprint }) ?? false {
                revoked[ContentDigest(certificate.fingerprint)] = .signer
            }
            if !listed.contains(certificate.fingerprint) { presumed[party, default: []].append(certificate) }
        }
        certificates = store
        parties = pinned.map(\.party)
        self.revoked = revoked
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
