internal import HTTPClient
internal import TiledLog
internal import TransparencyLog

/// Where the log and the witnesses are reached, as `keys/policy` has it (C2SP tlog-policy). The ledger says nothing of it:
/// an address may change any day.
package struct PolicyAddresses {
    private let keys: KeysFolder
    /// What the log is called among the names of the witnesses.
    package static let logName = "log"

    package init(_ keys: KeysFolder) { self.keys = keys }

    private func policy() throws -> WitnessPolicy {
        guard let policy = try keys.currentPolicy() else {
            throw RegistryError(
                .unavailable, "there is no policy in \(keys.path)",
                hint:
                    "'bitim keys update' writes it from a copy of the registry, 'bitim mirror' from where it is served")
        }
        return policy
    }

    package func all() throws -> [(name: String, url: String?)] {
        let policy = try policy()
        return policy.logs.prefix(1).map { (Self.logName, $0.url?.text) }
            + policy.witnesses.map { ($0.name.text, $0.url?.text) }
    }

    /// - Parameter url: nil to forget it.
    package func set(_ url: String?, of name: String) throws {
        if let url, !HTTPClient.isAddress(url) {
            throw RegistryError(
                .usage, "'\(url)' is no address",
                hint: "write it as in https://witness.example or http://127.0.0.1:8081")
        }
        let lock = try Registrar.lock(keys, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        let policy = try policy()
        let address = url.map { ByteString($0) }
        guard name == Self.logName || policy.witnesses.contains(where: { $0.name.text == name }) else {
            throw RegistryError(
                .usage, "the policy names no witness '\(name)'",
                hint: "it names \(try all().map(\.name).joined(separator: ", "))")
        }
        let changed = try WitnessPolicy(
            logs: policy.logs.map { WitnessPolicy.Log(key: $0.key, url: name == Self.logName ? address : $0.url) },
            witnesses: policy.witnesses.map {
                WitnessPolicy.Witness(name: $0.name, key: $0.key, url: $0.name.text == name ? address : $0.url)
            }, groups: policy.groups, quorum: policy.quorum)
        try keys.files.replace(KeysFolder.policyName, with: changed.bytes)
    }
}

extension WitnessPolicy {
    /// The same with the addresses that another one has for the same keys.
    func reachable(as other: WitnessPolicy?) throws -> WitnessPolicy {
        guard let other else { return self }
        return try WitnessPolicy(
            logs: logs.map { log in Log(key: log.key, url: other.logs.first { $0.key.name == log.key.name }?.url) },
            witnesses: witnesses.map { witness in
                Witness(
                    name: witness.name, key: witness.key,
                    url: other.witnesses.first { $0.key == witness.key || $0.name == witness.name }?.url)
            }, groups: groups, quorum: quorum)
    }
}

extension KeysFolder {
    /// Where the log is served; nil where nobody has said.
    package func logURL() throws -> String? {
        try currentPolicy()?.logs.compactMap(\.url).first?.text
    }
}
