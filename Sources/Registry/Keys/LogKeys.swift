internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// The log's first key, before there is a ledger.
struct LogKeys {
    let keys: KeysFolder
    let vault: KeyVault
    let origin: String

    struct LogKey {
        let key: PrivateKey
        let verifierKey: VerifierKey
        /// To be written; nil when it is in `keys/` already.
        let pem: SecretBytes?
    }

    static func taken(_ keys: KeysFolder) -> RegistryError {
        RegistryError(
            .conflict, "the keys in \(keys.path) belong to a registry already",
            hint: "choose another folder with --keys: a log's key and a pinned identity serve one registry")
    }

    private var stateIsThere: Bool { Files.kind(keys.fullPath(SignerState.Signer.log.stateName)) != nil }

    private func logKey(_ key: PrivateKey, pem: SecretBytes?) throws -> LogKey {
        guard let name = KeyName(origin) else {
            throw RegistryError(
                .usage, "'\(origin)' cannot be an origin",
                hint: "use a URL without its scheme, such as registry.example/kz-uz: no spaces, no +")
        }
        return LogKey(key: key, verifierKey: try NoteSigner(name: name, key: key).verifierKey, pem: pem)
    }

    /// The one that is here.
    func present() throws -> LogKey {
        try logKey(vault.key(KeyVault.logKeyName, owner: .log), pem: nil)
    }

    /// The one that is here and has signed nothing, or a new one that is not written yet.
    ///
    /// - Parameter passphrase: nil leaves a new one in clear.
    func unused(orNewWith passphrase: SecretBytes?) throws -> LogKey {
        if stateIsThere, try !SignerState(keys, signer: .log).isUnused { throw Self.taken(keys) }
        if vault.has(KeyVault.logKeyName) { return try present() }
        let key = try PrivateKey.generateEd25519()
        return try logKey(key, pem: key.pem(passphrase: passphrase))
    }

    /// The one that the constitution names.
    func named(_ verifierKey: String) throws -> LogKey {
        try Establishing.requireLogKey(vault)
        let logKey = try present()
        guard logKey.verifierKey.text == verifierKey else {
            throw RegistryError(
                .refused, "\(keys.fullPath(KeyVault.logKeyName)) is not the log's key that the draft names",
                hint: "run it where the draft was written; here: bitim init DRAFT --keys-only")
        }
        return logKey
    }

    /// Writes a new key. Its memory comes first: a key without one signs nothing.
    func keep(_ logKey: LogKey) throws {
        guard let pem = logKey.pem else { return }
        try keys.makePrivateFolder()
        if !stateIsThere { try SignerState.begin(keys, signer: .log) }
        try keys.files.create(KeyVault.logKeyName, with: pem.revealed(), mode: 0o600)
        vault.adopt(logKey.key, as: KeyVault.logKeyName)
    }
}
