package import Agreements
package import TransparencyLog

extension WitnessPolicy {
    /// The policy that the ledger itself lays down. Throws a finding's key and message when its keys are not keys.
    package init(_ constitution: Constitution) throws(RegistryError) {
        do {
            let log = try VerifierKey(parsing: constitution.log.key)
            guard log.type == .ed25519, log.name.value.text == constitution.log.origin else {
                throw Self.unusable("the log's key is not an Ed25519 key of type 0x01 under the log's origin")
            }
            let witnesses = try constitution.quorum.witnesses.map { witness in
                let key = try VerifierKey(parsing: witness.key)
                guard key.type == .ed25519Cosignature else {
                    throw Self.unusable("the key of witness \(witness.name) is not of type 0x04")
                }
                // A cosignature by the log's own key would say nothing.
                guard key.keyBytes != log.keyBytes else {
                    throw Self.unusable("witness \(witness.name) has the log's own key")
                }
                return Witness(name: ByteString(witness.name), key: key)
            }
            let groups = constitution.quorum.groups.map { group in
                Group(
                    name: ByteString(group.name), threshold: Int(group.threshold),
                    members: group.members.map { ByteString($0) })
            }
            try self.init(
                logs: [Log(key: log)], witnesses: witnesses, groups: groups,
                quorum: ByteString(constitution.quorum.name))
        } catch let error as RegistryError {
            throw error
        } catch {
            throw Self.unusable("the registry's policy cannot be used: \(error)")
        }
    }

    private static func unusable(_ message: String) -> RegistryError {
        RegistryError(
            .refused, message, hint: "the keys of a registry are C2SP verifier keys: see docs/registry-layout.md")
    }

    /// Whether both say the same; where a log or a witness can be reached is no part of it.
    package func agrees(with other: WitnessPolicy) -> Bool {
        logs.map(\.key) == other.logs.map(\.key)
            && Dictionary(witnesses.map { ($0.name, $0.key) }) { first, _ in first }
                == Dictionary(other.witnesses.map { ($0.name, $0.key) }) { first, _ in first }
            && groups == other.groups && quorum == other.quorum
    }
}
