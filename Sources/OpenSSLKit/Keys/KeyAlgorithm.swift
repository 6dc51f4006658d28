/// What kind of key a key is, as far as signing is concerned.
package enum KeyAlgorithm: Hashable, Sendable, CustomStringConvertible {
    case p256
    case p384
    case rsa(bits: Int)
    /// RSA restricted to PSS by its own object identifier (RFC 4055, 1.2).
    case rsaPSS(bits: Int)
    case ed25519
    case other(String)

    /// The size of an RSA key, of either kind; nil for any other.
    package var rsaBits: Int? {
        switch self {
        case .rsa(let bits), .rsaPSS(let bits): bits
        case .p256, .p384, .ed25519, .other: nil
        }
    }

    /// What is hashed with before this key signs, in an entry and in a certificate: as strong as the key asks for, and
    /// SHA-256 where the key leaves the choice.
    var signingDigest: DigestAlgorithm {
        self == .p384 ? .sha384 : .sha256
    }

    package var description: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .rsa(let bits): "RSA-\(bits)"
        case .rsaPSS(let bits): "RSA-PSS-\(bits)"
        case .ed25519: "Ed25519"
        case .other(let name): name
        }
    }
}

/// How a signature is made with a key.
package enum SignatureScheme: Hashable, Sendable {
    case ecdsa(DigestAlgorithm)
    case rsaPKCS1(DigestAlgorithm)
    /// MGF1 uses the same digest; `saltLength` in bytes.
    case rsaPSS(DigestAlgorithm, saltLength: Int)
    case ed25519

    var digest: DigestAlgorithm? {
        switch self {
        case .ecdsa(let digest), .rsaPKCS1(let digest), .rsaPSS(let digest, _): digest
        case .ed25519: nil
        }
    }
}
