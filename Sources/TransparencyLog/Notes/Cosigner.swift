package import OpenSSLKit

/// Cosigns checkpoints with an Ed25519 key, type 0x04: what a witness does. It keeps no state: that no smaller or
/// rival tree is ever cosigned is for its owner to see to.
package struct Cosigner: Sendable {
    package let verifierKey: VerifierKey
    private let key: PrivateKey

    package init(name: KeyName, key: PrivateKey) throws(VerifierKeyError) {
        verifierKey = try VerifierKey(ed25519: key.publicKey, name: name, type: .ed25519Cosignature)
        self.key = key
    }

    package var name: KeyName { verifierKey.name }

    /// - Parameter time: seconds since 1970, and more than 0 (tlog-witness, add-checkpoint).
    package func sign(_ checkpoint: Checkpoint, time: Int64) throws(OpenSSLError) -> NoteSignature {
        guard time > 0 else { throw OpenSSLError("cosigning", reason: "the time must be after 1970") }
        let cosignature = try Cosignature.sign(checkpointText: checkpoint.bytes, key: key, time: time)
        guard let signature = NoteSignature(name: name, keyID: verifierKey.keyID, bytes: cosignature.bytes) else {
            throw OpenSSLError("cosigning", reason: "the signature is empty")
        }
        return signature
    }
}
