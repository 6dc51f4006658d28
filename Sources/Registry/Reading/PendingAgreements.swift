package import Agreements
internal import TiledLog

/// What the log has signed and the quorum has not cosigned: it is not registered, and told apart from what is.
package enum PendingAgreements {
    /// The state of the pending tree, which is held against the pending checkpoint.
    ///
    /// - Parameter now: POSIX seconds.
    /// - Returns: nil when nothing is pending.
    /// - Throws: `RegistryError` when the entries are not those of that checkpoint.
    package static func state(_ ledger: OpenedLedger, now: Int64) async throws -> LedgerState? {
        guard let pending = ledger.pending else { return nil }
        return try await RegistryReading.read(ledger, head: pending.head, selection: .none, now: now).state
    }

    /// The agreements whose registration is pending.
    package static func registrations(_ ledger: OpenedLedger, now: Int64) async throws -> [AgreementState] {
        guard let state = try await state(ledger, now: now) else { return [] }
        return state.agreements.filter { isPending($0, ledger) }
    }

    package static func isPending(_ agreement: AgreementState, _ ledger: OpenedLedger) -> Bool {
        agreement.entryIndices.first.map { $0 >= ledger.publishedHead.size } ?? false
    }

    /// What is said of an agreement that is asked for and is only pending; nil of every other.
    package static func error(_ id: AgreementID, in ledger: OpenedLedger, now: Int64) async throws -> RegistryError? {
        guard let pending = ledger.pending, let agreement = try await state(ledger, now: now)?.agreement(id),
            isPending(agreement, ledger), let index = agreement.entryIndices.first
        else { return nil }
        let rest =
            pending.quorumMet
            ? "'bitim publish' completes it" : "not yet cosigned by \(pending.missing.joined(separator: ", "))"
        return RegistryError(
            .pending, "\(id) is pending as entry \(index), and not registered: \(rest)",
            hint: "'bitim show \(index)' shows that entry; nothing counts before the quorum has cosigned")
    }
}
