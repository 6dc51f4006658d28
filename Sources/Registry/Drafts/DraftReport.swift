package import Agreements
internal import OpenSSLKit
internal import TransparencyLog

/// What there is to say of a draft on this machine: nothing that it says of itself is believed.
package struct DraftReport {
    package enum State: String, Sendable {
        /// Everybody has signed, and it could be registered now.
        case ready
        /// Somebody has not signed.
        case waiting
        /// Everybody has signed; whether it can be registered cannot be told here.
        case unsure
        /// The log has signed it, and the quorum has not cosigned it yet: it is not registered.
        case pending
        /// It is in the published ledger.
        case registered
        /// It was not in the ledger by the time that it names.
        case void
        /// It cannot be registered.
        case refused
    }

    package let draft: Draft
    /// One for each signature of the draft, in their order.
    package let signers: [DraftSigner]
    /// Of those who must sign.
    package let missing: [PartyID]
    /// The index of the entry that has the statement, pending or registered; nil when there is none, or no registry to
    /// look into.
    package let index: Int64?
    /// What is wrong with the draft as a whole, signatures aside.
    package let findings: [Finding]
    /// Nil when no registry is at hand.
    package let ledger: DraftLedger?
    /// Nil when the draft is not of entry 0.
    package let constitution: DraftConstitution?
    private let hasLapsed: Bool

    /// - Parameters:
    ///   - ledger: of a draft of entry 0, the one that it has established.
    ///   - now: POSIX seconds.
    package init(_ draft: Draft, ledger: DraftLedger?, keys: KeysFolder, now: Int64) throws {
        self.draft = draft
        self.ledger = ledger
        let constitution = try DraftConstitution(draft, keys: keys)
        self.constitution = constitution
        let index = try ledger?.index(of: draft)
        self.index = index
        if let ledger {
            signers = try draft.signatures.map { try ledger.judge($0, asOf: index) }
        } else if let constitution {
            signers = try draft.signatures.map { try constitution.judge($0, now: now) }
        } else {
            let trust = try KeysTrust(keys, required: draft.required)
            signers = try draft.signatures.map { try trust.judge($0, now: now) }
        }
        let signed = Set(signers.compactMap(\.party))
        missing = draft.required.filter { !signed.contains($0) }
        hasLapsed = draft.hasLapsed(at: now)
        let own: [Finding]
        if let constitution {
            own =
                index != nil
                ? []
                : try constitution.findings(keys: keys, signers: signers, now: now)
                    + (hasLapsed ? Self.lapse(of: draft) : []) + Self.requiredFaults(draft, LedgerState())
        } else {
            own = try Self.findings(of: draft, index: index, ledger: ledger, keys: keys, hasLapsed: hasLapsed)
        }
        findings = own + Self.findings(of: signers, required: draft.required)
    }

    /// Of the registry that the draft of entry 0 establishes: the leaf hash, once all have signed; nil before, and for
    /// every other draft.
    package var identity: ContentDigest? {
        guard constitution != nil, missing.isEmpty, signers.count == draft.required.count else { return nil }
        return constitution?.identity
    }

    package func party(_ party: PartyID) -> DraftSigner? { signers.first { $0.party == party } }

    package var allFindings: [Finding] { findings + signers.flatMap(\.findings) }

    /// How many have signed of whom nobody can tell here whose they are: the missing ones may be among them.
    package var undecidedSigners: Int {
        signers.count { $0.isVerified && $0.party == nil && $0.verdict == .indeterminate }
    }

    package var state: State {
        if let index { return ledger?.isPending(index) ?? true ? .pending : .registered }
        let verdict = allFindings.verdict
        if hasLapsed { return .void }
        if verdict == .failed { return .refused }
        if !missing.isEmpty { return undecidedSigners < missing.count ? .waiting : .unsure }
        return verdict == .passed ? .ready : .unsure
    }

    package var verdict: Verdict {
        switch state {
        case .ready, .registered: .passed
        case .pending, .waiting, .unsure: .indeterminate
        case .void, .refused: .failed
        }
    }

    // MARK: Findings

    private static func findings(
        of draft: Draft, index: Int64?, ledger: DraftLedger?, keys: KeysFolder, hasLapsed: Bool
    ) throws -> [Finding] {
        let statement = draft.statement
        var findings: [Finding] = []
        let pinned = try keys.identity()
        if let pinned, statement.ledger != .registry(pinned) {
            findings.append(
                Finding(
                    "statement.ledger.mismatch", agreement: statement.agreement?.text, path: "keys/identity",
                    expected: pinned.text, actual: statement.ledger.text,
                    "the draft is of another registry than the one whose identity is pinned"))
            // Nothing that the registry here says concerns it.
            return findings
        }
        if pinned == nil {
            findings.append(
                Finding(
                    "identity.unpinned", .indeterminate, path: "keys/identity", actual: statement.ledger.text,
                    "no identity is pinned, so this may be a draft for anybody's registry"))
        }
        // What is in the ledger has kept its time and its rules.
        guard index == nil else { return findings }
        if hasLapsed { findings += lapse(of: draft) }
        guard let ledger else {
            return findings + [noLedger] + offeredFaults(draft) + requiredFaults(draft, LedgerState())
        }
        findings += ledger.findings(of: draft)
        return findings + requiredFaults(draft, ledger.state)
    }

    private static func lapse(of draft: Draft) -> [Finding] {
        guard let expires = draft.statement.expires else { return [] }
        return [
            Finding(
                "statement.expired", agreement: draft.statement.agreement?.text, expected: "by \(expires)",
                "the draft lapsed at \(expires), and is void")
        ]
    }

    /// Whether a finding says that the ledger has moved on since the draft was written.
    package static func isOvertaken(_ key: String) -> Bool {
        key == "statement.previous.mismatch" || key == "agreement.id.used"
    }

    private static let noLedger = Finding(
        "draft.registry.absent", .indeterminate,
        "no registry is at hand, so the rules of the ledger were not checked")

    /// Without the registry, what a change brings onto a list has to be in the draft.
    private static func offeredFaults(_ draft: Draft) -> [Finding] {
        guard case .registryChanged(let change) = draft.statement.event else { return [] }
        let offered = Set(draft.offered.map { ContentDigest($0.fingerprint) })
        return change.listChanges.filter { $0.action == .add && !offered.contains($0.certificate) }.map {
            Finding(
                "certificate.missing", .indeterminate, actual: $0.certificate.text,
                "a certificate that the change adds to \($0.party) is not in the draft")
        }
    }

    /// The draft must name exactly those who have to sign. Without the registry it can be told for some events only.
    private static func requiredFaults(_ draft: Draft, _ state: LedgerState) -> [Finding] {
        let required = state.requiredSigners(of: draft.statement).sorted()
        guard !required.isEmpty, required != draft.required else { return [] }
        return [
            Finding(
                "draft.required.mismatch", agreement: draft.statement.agreement?.text,
                expected: required.map(\.text).joined(separator: ", "),
                actual: draft.required.map(\.text).joined(separator: ", "),
                "the draft names other parties than those who must sign it")
        ]
    }

    private static func findings(of signers: [DraftSigner], required: [PartyID]) -> [Finding] {
        var findings: [Finding] = []
        var seen: Set<PartyID> = []
        for party in signers.compactMap(\.party) {
            if !required.contains(party) {
                findings.append(
                    Finding(
                        "entry.signers.unexpected", expected: required.map(\.text).joined(separator: ", "),
                        actual: party.text, "\(party) has signed, who must not"))
            }
            if !seen.insert(party).inserted {
                findings.append(
                    Finding("entry.signers.repeated", actual: party.text, "\(party) has signed twice"))
            }
        }
        return findings
    }
}

extension KeysFolder {
    /// The origin of the log that `policy` names: what the registry is called where only the keys are at hand.
    package var origin: String? {
        guard let bytes = try? policy(), let policy = try? WitnessPolicy(parsing: bytes) else { return nil }
        return policy.logs.first?.key.name.value.text
    }
}
