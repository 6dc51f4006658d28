import Foundation
import OpenSSLKit
import Support

/// Certificates that OpenSSLKit does not make, for good reason: one that it made, altered and signed anew.
struct CertificateForge {
    let issuer: Certificate
    let issuerKey: PrivateKey

    /// A signer's certificate as an authority should issue it.
    func ordinary(
        _ name: String, _ publicKey: PublicKey, notBefore: Int64 = ScratchRegistry.start - 86400,
        notAfter: Int64 = ScratchRegistry.start + 10 * 365 * 86400, isAuthority: Bool = false
    ) throws -> Certificate {
        try Certificate.issued(
            CertificateRequest(
                subject: [("O", "Forge"), ("CN", name)], notBefore: notBefore, notAfter: notAfter,
                isAuthority: isAuthority),
            publicKey: publicKey, issuer: issuer, issuerKey: issuerKey)
    }

    /// The certificate with its extensions as `edit` leaves them.
    func altered(_ certificate: Certificate, _ edit: (inout [DERNode]) throws -> Void) throws -> Certificate {
        var tree = DERNode(certificate.derBytes)
        // TBSCertificate (RFC 5280, 4.1): the extensions are its last field, explicitly tagged.
        let last = tree[0].children.count - 1
        try edit(&tree[0][last][0].children)
        let signature = try issuerKey.sign(tree[0].encoded, scheme: .ecdsa(.sha256))
        tree[2] = .primitive(0x03, [0] + signature)
        return try Certificate(derBytes: tree.encoded)
    }

    static let keyUsage = DERNode.objectIdentifier("551d0f")

    /// With the named bits of RFC 5280, 4.2.1.3; nil takes the extension away.
    func with(keyUsage bits: UInt8?, _ certificate: Certificate) throws -> Certificate {
        try altered(certificate) { extensions in
            let position = extensions.firstIndex { $0[0] == Self.keyUsage }!
            guard let bits else {
                extensions.remove(at: position)
                return
            }
            let value = DERNode.primitive(0x03, [UInt8(bits.trailingZeroBitCount), bits])
            extensions[position].children[2] = .octetString(value.encoded)
        }
    }

    static func key(_ algorithm: String, _ options: String...) throws -> PrivateKey {
        let scratch = ScratchFolder()
        let run = try CommandRun.run(
            "/usr/bin/openssl",
            ["genpkey", "-algorithm", algorithm, "-out", "key.pem"] + options.flatMap { ["-pkeyopt", $0] },
            folder: scratch.path)
        guard run.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["openssl": run.standardError]) }
        let pem = try Data(contentsOf: URL(fileURLWithPath: scratch.file("key.pem")))
        return try PrivateKey(pem: Array(pem), passphrase: nil)
    }
}
