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
        return try leaf(Array(judged.entry.leaf), with: embedded)
    }

    /// The leaf with what there is of its certificates: of an entry that is bad, or whose certificates were erased, there
    /// may be none, and a leaf that is no CMS is handed out as it is.
    static func available(
        _ judged: JudgedEntry, directory: SignerDirectory, certificates store: CertificateStore
    ) -> [UInt8] {
        let held = JudgedEntry(
            index: judged.index, entry: judged.entry,
            signers: judged.signers.filter { $0.certificate.map { store[$0] != nil } ?? false }, proved: judged.proved,
            findings: judged.findings)
        return (try? bytes(held, directory: directory, certificates: store)) ?? Array(judged.entry.leaf)
    }

    private static func leaf(_ leaf: [UInt8], with certificates: [Certificate]) throws -> [UInt8] {
        var seen: Set<SHA256Digest> = []
        let embedded = certificates.filter { seen.insert($0.fingerprint).inserted }
        return embedded.isEmpty ? leaf : try SignedData.embed(embedded, in: leaf)
    }
}
