internal import ArgumentParser
internal import HTTPClient
internal import Registry

/// How servers are asked.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PEM certificates that servers are checked by, instead of the system's (default: $BITIM_TLS_AUTHORITIES).",
            valueName: "file"), completion: Completion.files)
    var tlsAuthorities: String?

    func client() -> HTTPClient { Self.client(tlsAuthorities) }

    static func client(_ authorities: String?) -> HTTPClient {
        let given = authorities ?? Environment.variables["BITIM_TLS_AUTHORITIES"] ?? ""
        return HTTPClient(authorities: given.isEmpty ? nil : given)
    }
}

/// The witnesses that are reached over the network, where keys/policy gives their addresses.
struct NetworkOptions: ParsableArguments {
    @Flag(help: "Ask no witness over the network: what is added stays pending until 'bitim publish' asks them.")
    var offline = false

    @Option(
        help: ArgumentHelp("How long a witness may take for an answer (default: 60).", valueName: "seconds"))
    var witnessTimeout: Double?

    // Not as a group of its own: groups within groups make a command line slow to understand.
    @Option(
        help: ArgumentHelp(
            "PEM certificates that servers are checked by, instead of the system's (default: $BITIM_TLS_AUTHORITIES).",
            valueName: "file"), completion: Completion.files)
    var tlsAuthorities: String?

    func validate() throws {
        if let witnessTimeout, !(0.1...86_400).contains(witnessTimeout) {
            throw ValidationError("--witness-timeout is from 0.1 to 86400 seconds")
        }
    }

    /// Nil where none is to be asked.
    func witnesses(_ keys: KeysFolder) throws -> RemoteWitnesses? {
        offline
            ? nil
            : try RemoteWitnesses(keys, client: ClientOptions.client(tlsAuthorities), seconds: witnessTimeout ?? 60)
    }

    /// Has the witnesses look at what is queued before the log signs it.
    func reach(_ registrar: Registrar) throws {
        registrar.witnesses = try witnesses(registrar.ledger.keys)
    }

    /// What has become of a commit once the witnesses elsewhere have been asked; the registry is given up before.
    func complete(
        _ publishing: Registrar.Publishing, of registrar: Registrar
    ) async throws -> (publishing: Registrar.Publishing, replies: [RemoteWitnesses.Reply]) {
        let keys = registrar.ledger.keys
        let registry = registrar.ledger.registry
        let vault = registrar.vault
        guard case .pending = publishing, let witnesses = try witnesses(keys), try registrar.hasLogKey else {
            return (publishing, [])
        }
        registrar.unlock()
        return try await WitnessedPublishing(
            registry: registry, keys: keys, vault: vault, witnesses: witnesses, now: currentTime
        ).run()
    }
}
