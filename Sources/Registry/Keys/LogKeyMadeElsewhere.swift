package import Agreements
internal import TransparencyLog

extension KeyRotation {
    /// A key for the log that was made on another machine, under the same origin.
    ///
    /// - Parameters:
    ///   - text: its verifier key (C2SP signed-note).
    ///   - mustBeHere: whether the change is registered on this machine: its checkpoint bears the new key.
    package func log(madeElsewhere text: String, mustBeHere: Bool) throws -> RegistryChanged {
        guard let key = try? VerifierKey(parsing: text), key.type == .ed25519, key.name.value.text == origin else {
            throw RegistryError(
                .refused, "it is not a key for the log \(origin)",
                hint: "it is one line, \(origin)+<key id>+<base64>, of an Ed25519 key (C2SP signed-note, type 0x01)")
        }
        let name = KeyVault.logKeyName(key)
        guard !mustBeHere || vault.has(name) else {
            throw RegistryError(
                .unavailable, "the private half is not in \(keys.fullPath(name))",
                hint:
                    "the checkpoint that includes the change is signed with it: bring it there, PKCS#8 in PEM, mode 600"
            )
        }
        return RegistryChanged(log: RegistryLog(origin: origin, key: text))
    }
}
