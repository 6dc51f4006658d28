extension LedgerState {
    /// Exactly who must sign `statement`: these parties, and nobody else.
    ///
    /// Empty for an unrecognised event, of which this code does not know who must sign it.
    package func requiredSigners(of statement: Statement) -> Set<PartyID> {
        switch statement.event {
        case .registryEstablished(let body): Set(body.constitution.parties.map(\.party))
        case .registryChanged: Set(registry?.constitution.parties.map(\.party) ?? [])
        case .agreementRegistered(let body): Set(body.parties.map(\.party))
        case .agreementConsented(let body): [body.party]
        case .agreementNoted(let body): [body.party]
        case .unrecognised: []
        }
    }

    /// What is wrong with who signed `statement`.
    ///
    /// - Parameter signers: for each signature the party that it speaks for, nil if it speaks for none.
    package func signerViolations(of statement: Statement, signers: [PartyID?]) -> [RuleViolation] {
        if case .unrecognised(let name, _) = statement.event {
            return [
                RuleViolation(
                    key: "entry.signers.unknown",
                    message: "who must sign \(name) of version \(statement.version) is not known to this program",
                    isIndeterminate: true)
            ]
        }
        let required = requiredSigners(of: statement)
        let expected = required.sorted().map(\.text).joined(separator: ", ")
        var counts: [PartyID: Int] = [:]
        var found: [RuleViolation] = []
        for signer in signers {
            guard let signer else {
                found.append(
                    RuleViolation(
                        key: "entry.signers.unexpected", message: "a signature speaks for no party",
                        expected: expected))
                continue
            }
            counts[signer, default: 0] += 1
        }
        for party in required.sorted() where counts[party] == nil {
            found.append(
                RuleViolation(
                    key: "entry.signers.missing", message: "\(party) has not signed", expected: expected))
        }
        for (party, count) in counts.sorted(by: { $0.key < $1.key }) {
            if !required.contains(party) {
                found.append(
                    RuleViolation(
                        key: "entry.signers.unexpected", message: "\(party) has signed, who must not",
                        expected: expected, actual: party.text))
            }
            if count > 1 {
                found.append(
                    RuleViolation(
                        key: "entry.signers.repeated", message: "\(party) has signed \(count) times",
                        expected: "1", actual: String(count)))
            }
        }
        return found
    }
}
