internal import Agreements
internal import OpenSSLKit

/// Keys that are stolen, whatever certificate carries them: a list names certificates, and only these tell an authority's
/// key.
struct RevokedKeys {
    private var certificates: [SubjectPublicKeyInfo: ContentDigest] = [:]
    /// Of which nobody here has the certificate: an authority's key is not known then.
    private(set) var missing: [ContentDigest] = []

    /// - Parameter revoked: the certificates of authorities and signers that were revoked.
    init(_ revoked: some Sequence<ContentDigest>, certificates store: CertificateStore) {
        for digest in revoked.sorted() {
            if let key = store[digest]?.listedKey {
                certificates[key] = certificates[key] ?? digest
            } else {
                missing.append(digest)
            }
        }
    }

    /// The revoked certificate that has the key; nil when none has.
    subscript(key: SubjectPublicKeyInfo) -> ContentDigest? { certificates[key] }

    subscript(certificate: Certificate) -> ContentDigest? { certificate.listedKey.flatMap { certificates[$0] } }
}

extension RegistryState.Withdrawal {
    var isRevocation: Bool { action == .revoke }
}

extension Certificate {
    /// Its public key as a list of signers has it.
    var listedKey: SubjectPublicKeyInfo? {
        (try? publicKey.subjectPublicKeyInfo()).map { SubjectPublicKeyInfo(derBytes: $0) }
    }
}
