package import Agreements
internal import TransparencyLog

/// The witnesses and the quorum that a registry is to have, in the words of a C2SP tlog-policy: `keys/policy`, edited.
package enum QuorumFile {
    package static let maximumByteCount = WitnessPolicy.maximumByteCount

    /// The change that brings them into effect. Where a log or a witness can be reached is no part of it.
    ///
    /// - Parameters:
    ///   - name: of the file, for messages.
    ///   - owner: whose the witnesses are that the registry does not have.
    /// - Throws: `RegistryError` also where the registry's rules refuse it: before anybody signs.
    package static func change(
        _ bytes: [UInt8], name: String, newWitnessesOf owner: PartyID?, in ledger: OpenedLedger
    ) throws -> RegistryChanged {
        let state = ledger.history.state
        // Who is named has to be a party.
        if let owner { _ = try KeyEnrolment(ledger, party: owner) }
        let policy: WitnessPolicy
        do {
            policy = try WitnessPolicy(parsing: bytes)
        } catch {
            throw RegistryError(
                .refused, "\(name) is not a policy: \(error)", hint: "begin with a copy of \(ledger.keys.path)/policy")
        }
        guard policy.logs.allSatisfy({ $0.key.text == state.constitution.log.key }) else {
            throw RegistryError(
                .refused, "\(name) names another key for the log than the registry",
                hint: "the log's key is replaced with 'bitim keys rotate log'")
        }
        let change = RegistryChanged(quorum: try quorum(policy, name: name, owner, state.constitution))
        if let violation = state.violations(of: change).first {
            throw RegistryError(
                .refused, "\(name): \(violation.message)",
                hint: "every party has a witness, and the quorum cannot be met without one of each party",
                findings: [Finding(violation, entry: nil, agreement: nil)])
        }
        return change
    }

    private static func quorum(
        _ policy: WitnessPolicy, name: String, _ owner: PartyID?, _ constitution: Constitution
    ) throws -> Quorum {
        guard let required = policy.quorum else {
            throw RegistryError(
                .refused, "\(name) has no quorum", hint: "the witnesses of every party cosign what is published")
        }
        let known = constitution.quorum.witnesses
        let witnesses = try policy.witnesses.map { witness in
            let key = witness.key.text
            try KeyEnrolment.requireCosignatureKey(key)
            let old = known.first { $0.name == witness.name.text } ?? known.first { $0.key == key }
            guard let party = old?.party ?? owner else {
                throw RegistryError(
                    .usage, "\(name): witness \(witness.name) is new, and nobody says whose it is",
                    hint: "name the party: bitim keys enrol \(constitution.parties[0].party) --policy \(name) …")
            }
            return Witness(name: witness.name.text, party: party, key: key)
        }
        do {
            return try Quorum(
                witnesses: witnesses.sorted { $0.name < $1.name },
                groups: policy.groups.map {
                    WitnessGroup(
                        name: $0.name.text, threshold: Int64($0.threshold), members: $0.members.map(\.text))
                }, name: required.text)
        } catch {
            throw RegistryError(
                .refused, "\(name) cannot be a registry's: \(error)",
                hint: "names of witnesses and groups have up to 64 letters, digits, '.', '_' and '-'")
        }
    }
}
