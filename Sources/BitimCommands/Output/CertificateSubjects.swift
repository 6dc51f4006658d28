internal import Agreements
internal import OpenSSLKit
internal import Registry

/// The subjects of the certificates that are at hand, for a fingerprint tells a reader nothing.
enum CertificateSubjects {
    /// - Parameter offered: beside those of the registry and of `keys/`.
    static func known(
        registry: RegistryFolder, keys: KeysFolder, offered: [Certificate] = []
    ) -> [ContentDigest: String] {
        let certificates = offered + CertificateStore(registry).all + keys.knownCertificates()
        return Dictionary(certificates.map { (ContentDigest($0.fingerprint), $0.subject) }) { first, _ in first }
    }
}
