internal import OpenSSLKit
internal import TransparencyLog

/// A witness's key that has just been made, under its name.
struct NewWitness {
    let key: PrivateKey
    /// The verifier key (C2SP signed-note), without a newline.
    let verifierKey: [UInt8]

    /// - Parameter name: a URL without its scheme.
    init(name: String) throws {
        guard let keyName = KeyName(name) else {
            throw RegistryError(
                .usage, "'\(name)' cannot be the name of a witness's key",
                hint: "use a URL without its scheme, such as registry.example/kz/witness: no spaces, no +")
        }
        key = try PrivateKey.generateEd25519()
        verifierKey = try Cosigner(name: keyName, key: key).verifierKey.bytes
    }
}
