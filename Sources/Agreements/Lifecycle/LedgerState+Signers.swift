extension LedgerState {
    /// Exactly who must sign `statement`: these parties, and nobody else.
    ///
    /// Empty where this code does not know who must sign: of an unrecognised event, and of an agreement that is not
    /// registered, or whose registration is unrecognised or cannot be read again.
    package func requiredSigners(of statement: Statement) -> Set<PartyID> {
        switch statement.event {
        case .registryEstablished(let body): Set(body.constitution.parties.map(\.party))
        case .registryChanged: Set(registry?.constitution.parties.map(\.party) ?? [])
        case .agreementRegistered(let body): Set(body.parties.map(\.party))
        case .unrecognised: []
        default:
            if let party = statement.event.actingParty {
                [party]
            } else if let id = statement.agreement {
                Set(agreement(id)?.registration.parties.map(\.party) ?? [])
            } else {
                parties
            }
        }
    }

    /// What is wrong with who signed `statement`.
    ///
    /// - Parameter signers: for each signature the party that it speaks for, nil if it speaks for none.
    package func signerViolations(of statement: Statement, signers: [PartyID?]) -> [RuleViolation] {
        if case .agreementRegistered(let body) = statement.event, Self.isExactly(body.parties, signers) { return [] }
        let required = requiredSigners(of: statement)
        guard !required.isEmpty else {
            let isRead = statement.version == Statement.currentVersion
            let whose = isRead ? statement.agreement.map { "of \($0)" } ?? "" : "of version \(statement.version)"
            return [
                RuleViolation(
                    key: "entry.signers.unknown",
                    message: "who must sign \(statement.event.name) \(whose) is not known to this program",
                    isIndeterminate: true)
            ]
        }
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

    /// Whether each of the parties, which are ascending, has signed once, and nobody else.
    private static func isExactly(_ parties: [AgreementParty], _ signers: [PartyID?]) -> Bool {
        guard !parties.isEmpty, parties.count == signers.count else { return false }
        for index in parties.indices {
            let party = parties[index].party
            // Of parties that stand twice the first would answer for both.
            if index > 0, parties[index - 1].party >= party { return false }
            guard signers.contains(party) else { return false }
        }
        return true
    }
}
