internal import Agreements
internal import OpenSSLKit

/// An entry as it leaves the registry: the leaf, with the certificates of its signers and of their chains inside.
enum ExportedEntry {
    /// - Throws: `RegistryError` when a signer's certificate is not held.
    static func bytes(
        _ judged: JudgedEntry, directory: SignerDirectory, certificates store: CertificateStore
    ) throws -> [UInt8] {
        var embedded: [Certificate] = []
        for signer in judged.signers {
            guard let fingerprint = signer.certificate, let certificate = store[fingerprint] else {
                throw RegistryError(
                    .unavailable, "a signer's certificate is not held, so the entry cannot be exported with it",
                    hint: "'bitim audit' names the missing file")
            }
            embedded.append(certificate)
            // The anchor stays out: who verifies brings it.
            for link in directory.standing(of: certificate).chain?.fingerprints.dropFirst().dropLast() ?? [] {
                if let intermediate = store[ContentDigest(link)] { embedded.append(intermediate) }
            }
        }
        var seen: Set<SHA256Digest> = []
        embedded = embedded.filter { seen.insert($0.fingerprint).inserted }
        return try SignedData.embed(embedded, in: judged.entry.leaf)
    }
}
