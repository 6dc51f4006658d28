/// The registry's own life: each constitution with the entry that laid it down, and what went off its lists.
package struct RegistryState: Hashable, Sendable {
    package struct Epoch: Hashable, Sendable {
        /// The entry that laid the constitution down.
        package let entry: Int64
        package let constitution: Constitution
        /// Whether a voiding has brought it back.
        let isRestored: Bool

        init(entry: Int64, constitution: Constitution, isRestored: Bool = false) {
            self.entry = entry
            self.constitution = constitution
            self.isRestored = isRestored
        }
    }

    /// A certificate that was on a list once.
    package struct Withdrawal: Hashable, Sendable {
        package let action: ListChange
        package let party: PartyID
        package let entry: Int64
    }

    /// In the order of their entries; never empty.
    package private(set) var epochs: [Epoch]
    /// Authorities' and signers' certificates, by digest.
    package private(set) var withdrawals: [ContentDigest: Withdrawal] = [:]
    private var revokedKeys: [SubjectPublicKeyInfo: Int64] = [:]
    /// What the log and the witnesses had before: see `checkpointKeys`.
    private var formerKeys: Set<CheckpointKey> = []

    package init(established: RegistryEstablished) {
        epochs = [Epoch(entry: 0, constitution: established.constitution)]
    }

    /// What holds for the next entry.
    package var constitution: Constitution { epochs[epochs.count - 1].constitution }

    /// What a checkpoint of that many entries is judged by: the changes that it includes have come into effect.
    package func constitution(forTreeSize size: Int64) -> Constitution {
        (epochs.last { $0.entry < size } ?? epochs[0]).constitution
    }

    /// Takes in a change that has no violations.
    package mutating func apply(_ change: RegistryChanged, entry: Int64) {
        let old = constitution
        guard let new = try? change.applied(to: old) else { return }
        for (action, certificate, party) in change.listChanges where action != .add {
            withdrawals[certificate] = Withdrawal(action: action, party: party, entry: entry)
        }
        for signer in change.signers where signer.action == .revoke {
            if let key = old[signer.party]?.signers.first(where: { $0.certificate == signer.certificate })?.publicKey {
                revokedKeys[key] = entry
            }
        }
        formerKeys.formUnion(old.checkpointKeys.subtracting(new.checkpointKeys))
        epochs.append(Epoch(entry: entry, constitution: new))
    }

    /// The entry that revoked a signer with this key; nil when none did. Of authorities only the certificates are known
    /// here, not their keys.
    package func revocation(of key: SubjectPublicKeyInfo) -> Int64? { revokedKeys[key] }

    /// Whether the entry is the change that laid down what holds now: only that one can be taken back. A voiding cannot:
    /// with it, what is known of withdrawn certificates and keys would be forgotten.
    func isLatestChange(_ entry: Int64) -> Bool {
        epochs.count > 1 && epochs[epochs.count - 1].entry == entry && !epochs[epochs.count - 1].isRestored
    }

    /// Takes back the latest change: from the voiding entry on what held before it holds again.
    mutating func revert(_ entry: Int64, by voiding: Int64) {
        guard isLatestChange(entry) else { return }
        let undone = constitution
        let restored = epochs[epochs.count - 2].constitution
        withdrawals = withdrawals.filter { $0.value.entry != entry }
        revokedKeys = revokedKeys.filter { $0.value != entry }
        formerKeys.subtract(restored.checkpointKeys)
        formerKeys.formUnion(undone.checkpointKeys.subtracting(restored.checkpointKeys))
        epochs.append(Epoch(entry: voiding, constitution: restored, isRestored: true))
    }

    // MARK: - Rules

    /// Every rule that the change breaks as the next one.
    package func violations(of change: RegistryChanged) -> [RuleViolation] {
        var found: [RuleViolation] = []
        for (action, certificate, party) in change.listChanges {
            found += listViolations(action, certificate, party)
        }
        for signer in change.signers {
            guard let key = signer.publicKey, let entry = revokedKeys[key] else { continue }
            found.append(
                RuleViolation(
                    key: "registry.change.revoked",
                    message: "the key of \(signer.certificate) was revoked in entry \(entry)",
                    actual: signer.certificate.text))
        }
        if let log = change.log, log.origin != constitution.log.origin {
            found.append(
                RuleViolation(
                    key: "registry.change.origin", message: "a log keeps its origin",
                    expected: constitution.log.origin, actual: log.origin))
        }
        found += checkpointKeyViolations(of: change)
        guard found.isEmpty else { return found }
        do throws(StatementError) {
            try requireWholeRevocation(change, new: try change.applied(to: constitution))
            return []
        } catch {
            return [RuleViolation(key: "registry.change.refused", message: "the registry would not hold: \(error)")]
        }
    }

    private func listViolations(
        _ action: ListChange, _ certificate: ContentDigest, _ party: PartyID
    ) -> [RuleViolation] {
        guard let member = constitution[party] else {
            return [
                RuleViolation(
                    key: "registry.party.unknown", message: "\(party) is no party of the registry", actual: party.text)
            ]
        }
        let isListed = { (party: RegistryParty) in
            party.authorities.contains(certificate) || party.signers.contains { $0.certificate == certificate }
        }
        if action == .add {
            if let withdrawal = withdrawals[certificate] {
                return [
                    RuleViolation(
                        key: "registry.change.repeated",
                        message: "\(certificate) went off the list of \(withdrawal.party) in entry \(withdrawal.entry)",
                        actual: certificate.text)
                ]
            }
            guard let owner = constitution.parties.first(where: isListed) else { return [] }
            return [
                RuleViolation(
                    key: "registry.change.repeated", message: "\(certificate) is on a list of \(owner.party) already",
                    actual: certificate.text)
            ]
        }
        guard !isListed(member) else { return [] }
        return [
            RuleViolation(
                key: "registry.change.unlisted", message: "\(certificate) is on no list of \(party)",
                actual: certificate.text)
        ]
    }

    private func checkpointKeyViolations(of change: RegistryChanged) -> [RuleViolation] {
        var found: [RuleViolation] = []
        let witnesses = change.quorum?.witnesses ?? []
        for key in [change.log?.key].compactMap({ $0 }) + witnesses.map(\.key)
        where formerKeys.contains(CheckpointKey(key)) {
            found.append(
                RuleViolation(
                    key: "registry.change.repeated",
                    message: "a log's or witness's key that was replaced does not return",
                    actual: key))
        }
        found += otherOwnerViolations(log: change.log, witnesses: witnesses)
        if let log = change.log, log == constitution.log {
            found.append(
                RuleViolation(key: "registry.change.repeated", message: "the log has this key already", actual: log.key)
            )
        }
        if let quorum = change.quorum, quorum == constitution.quorum {
            found.append(
                RuleViolation(
                    key: "registry.change.repeated", message: "the witnesses and the quorum are these already"))
        }
        return found
    }

    /// A cosignature means that this very party has checked: a key keeps its owner, whatever it is called.
    private func otherOwnerViolations(log: RegistryLog?, witnesses: [Witness]) -> [RuleViolation] {
        let logKey = CheckpointKey(constitution.log.key)
        var taken = witnesses.filter { witness in
            let key = CheckpointKey(witness.key)
            return key == logKey
                || constitution.quorum.witnesses.contains { CheckpointKey($0.key) == key && $0.party != witness.party }
        }.map(\.key)
        if let log, constitution.quorum.witnesses.contains(where: { CheckpointKey($0.key) == CheckpointKey(log.key) }) {
            taken.append(log.key)
        }
        return taken.map {
            RuleViolation(
                key: "registry.change.owner", message: "the key is another party's witness's, or the log's", actual: $0)
        }
    }

    // A stolen key that stays listed under a second certificate would still sign.
    private func requireWholeRevocation(_ change: RegistryChanged, new: Constitution) throws(StatementError) {
        for (index, signer) in change.signers.enumerated() where signer.action == .revoke {
            let key = constitution[signer.party]?.signers.first { $0.certificate == signer.certificate }?.publicKey
            for other in new[signer.party]?.signers ?? [] where other.publicKey == key {
                throw StatementError("its key stays listed with \(other.certificate)", at: "signers[\(index)]")
            }
        }
    }
}

extension Constitution {
    /// Of the log and of the witnesses.
    fileprivate var checkpointKeys: Set<CheckpointKey> {
        Set((quorum.witnesses.map(\.key) + [log.key]).map(CheckpointKey.init))
    }
}

/// The key itself of a verifier key (signed-note): another name, or another type of signature, makes no other key.
private struct CheckpointKey: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ verifierKey: String) {
        // <name>+<key id>+<base64>, of which the last part may itself hold plus signs; its first byte is the type.
        let text = verifierKey.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).last ?? ""
        bytes = Base64.decode(String(text)).map { Array($0.dropFirst()) } ?? Array(text.utf8)
    }
}

extension RegistryChanged {
    /// Authorities first, then signers.
    package var listChanges: [(action: ListChange, certificate: ContentDigest, party: PartyID)] {
        authorities.map { ($0.action, $0.certificate, $0.party) }
            + signers.map { ($0.action, $0.certificate, $0.party) }
    }

    /// The constitution that holds after the change. Throws when it would break a rule of form.
    package func applied(to old: Constitution) throws(StatementError) -> Constitution {
        var parties: [RegistryParty] = []
        for party in old.parties {
            var authorities = party.authorities
            for change in self.authorities where change.party == party.party {
                authorities.removeAll { $0 == change.certificate }
                if change.action == .add { authorities.append(change.certificate) }
            }
            var signers = party.signers
            for change in self.signers where change.party == party.party {
                signers.removeAll { $0.certificate == change.certificate }
                if let key = change.publicKey {
                    signers.append(RegistrySigner(certificate: change.certificate, publicKey: key))
                }
            }
            guard !authorities.isEmpty else { throw StatementError("\(party.party) would have no authority") }
            guard !signers.isEmpty else { throw StatementError("\(party.party) would have no signer") }
            parties.append(
                RegistryParty(
                    party: party.party, name: party.name, authorities: authorities.sorted(),
                    signers: signers.sorted { $0.certificate < $1.certificate }))
        }
        let new = Constitution(
            demonstration: old.demonstration, log: log ?? old.log, name: old.name, parties: parties,
            quorum: quorum ?? old.quorum)
        try new.requireForm()
        return new
    }
}
