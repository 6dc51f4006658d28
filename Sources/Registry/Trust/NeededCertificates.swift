internal import Agreements
internal import OpenSSLKit

/// Which certificates a change of the registry needs beside it: whoever carries a draft can offer any.
enum NeededCertificates {
    /// Those that the change names, and what stands between the signers that it adds and their authorities.
    ///
    /// - Parameters:
    ///   - changed: what holds after the change.
    ///   - held: what the registry has already, which is not needed again.
    static func of(
        _ change: RegistryChanged, after changed: Constitution, offered: [Certificate], held: CertificateStore
    ) -> [Certificate] {
        let named = Set(change.listChanges.filter { $0.action == .add }.map(\.certificate))
        var wanted = named
        var store = held
        for certificate in offered where named.contains(ContentDigest(certificate.fingerprint)) {
            store.insert(certificate)
        }
        let added = change.signers.filter { $0.action == .add }.compactMap { store[$0.certificate] }
        // A chain of what is held already is not led another way.
        let open = added.filter { chain(of: $0, changed, store) == nil }
        for certificate in offered where certificate.isAuthority { store.insert(certificate) }
        for signer in open {
            wanted.formUnion(chain(of: signer, changed, store)?.fingerprints.map { ContentDigest($0) } ?? [])
        }
        var seen: Set<SHA256Digest> = []
        return offered.filter { certificate in
            let fingerprint = ContentDigest(certificate.fingerprint)
            return wanted.contains(fingerprint) && held[fingerprint] == nil
                && seen.insert(certificate.fingerprint).inserted
        }
    }

    private static func chain(
        of signer: Certificate, _ constitution: Constitution, _ store: CertificateStore
    ) -> TrustAnchors.Chain? {
        (try? SignerDirectory(constitution, certificates: store))?.standing(of: signer).chain
    }
}
