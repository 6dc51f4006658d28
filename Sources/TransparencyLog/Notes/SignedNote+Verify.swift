internal import OpenSSLKit

extension SignedNote {
    /// A signature that verified.
    package struct VerifiedSignature: Hashable, Sendable {
        package let key: VerifierKey
        /// Seconds since 1970, of a cosignature; nil for a signature of type 0x01.
        package let time: Int64?
    }

    /// What `verify` found: nothing in it that did not verify.
    package struct Verification: Hashable, Sendable {
        /// In the order of their lines; each key at most once.
        package let verified: [VerifiedSignature]
        /// Lines that no supported key claims: ignored, whatever they hold (signed-note, Signatures).
        package let unknown: [NoteSignature]
    }

    /// Verifies every signature by one of `keys`, and at least one (signed-note, Signatures).
    ///
    /// Keys of unsupported types are unknown here. Stricter than the specification in one thing: a second line by the
    /// same key is refused rather than skipped, for a cosignature would then have two times.
    package func verify(with keys: [VerifierKey]) throws(NoteVerificationError) -> Verification {
        let verification = try verifyKnown(keys)
        guard !verification.verified.isEmpty else { throw .noKnownSignature }
        return verification
    }

    /// The same, but that no known key signed is no error.
    func verifyKnown(_ keys: [VerifierKey]) throws(NoteVerificationError) -> Verification {
        var verified: [VerifiedSignature] = []
        var unknown: [NoteSignature] = []
        for signature in signatures {
            let candidates = Set(keys.filter { $0.type.isSupported && signature.names($0) })
            guard let key = candidates.first else {
                unknown.append(signature)
                continue
            }
            guard candidates.count == 1 else { throw .ambiguousKey(key.name) }
            guard !verified.contains(where: { $0.key == key }) else { throw .repeatedSignature(key.name) }
            verified.append(VerifiedSignature(key: key, time: try verify(signature, with: key)))
        }
        return Verification(verified: verified, unknown: unknown)
    }

    private func verify(_ signature: NoteSignature, with key: VerifierKey) throws(NoteVerificationError) -> Int64? {
        guard let publicKey = key.publicKey else { throw .badSignature(key.name) }
        switch key.type {
        case .ed25519:
            guard publicKey.isValid(signature: signature.bytes, for: text, scheme: .ed25519) else {
                throw .badSignature(key.name)
            }
            return nil
        case .ed25519Cosignature:
            guard let cosignature = Cosignature(parsing: signature.bytes),
                cosignature.isValid(for: text, by: publicKey)
            else { throw .badSignature(key.name) }
            return cosignature.time
        default:
            throw .badSignature(key.name)
        }
    }
}
