package import OpenSSLKit

/// Signs notes with an Ed25519 key, type 0x01: what a log does with its checkpoints. Look-alike: `Cosigner`, which is
/// what a witness has.
package struct NoteSigner: Sendable {
    package let verifierKey: VerifierKey
    private let key: PrivateKey

    package init(name: KeyName, key: PrivateKey) throws(VerifierKeyError) {
        verifierKey = try VerifierKey(ed25519: key.publicKey, name: name, type: .ed25519)
        self.key = key
    }

    package var name: KeyName { verifierKey.name }

    package func sign(_ text: [UInt8]) throws(OpenSSLError) -> NoteSignature {
        let bytes = try key.sign(text, scheme: .ed25519)
        guard let signature = NoteSignature(name: name, keyID: verifierKey.keyID, bytes: bytes) else {
            throw OpenSSLError("signing", reason: "the signature is empty")
        }
        return signature
    }
}
