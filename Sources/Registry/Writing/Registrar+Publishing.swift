package import Agreements
internal import TiledLog
internal import TransparencyLog

extension Registrar {
    /// Completes what is pending, as far as the keys at hand and the copies allow.
    ///
    /// - Parameter copies: the same checkpoint, cosigned on other machines. Once it is published they say nothing new.
    package func publish(taking copies: [CheckpointCopy] = []) async throws -> Publishing {
        try requireReadablePending()
        guard let pending = ledger.pending else {
            try signing().require(copies, within: ledger.publishedHead)
            return .published(ledger.publishedHead)
        }
        return try await finish(try signing().take(copies, into: pending, at: now()), at: now())
    }

    /// Adds the cosignatures of the named parties' witnesses, or of all that are here.
    package func cosign(parties: Set<PartyID>?) async throws -> Publishing {
        for party in parties ?? []
        where !(state.registry?.constitution ?? ledger.constitution).quorum.witnesses.contains(where: {
            $0.party == party
        }) {
            throw RegistryError(
                .usage, "\(party) has no witness in this registry", hint: "'bitim keys list' shows the parties")
        }
        try requireReadablePending()
        guard let pending = ledger.pending else { return .published(ledger.publishedHead) }
        return try await finish(pending, parties: parties, at: now())
    }

    /// The cosignatures of the party's witnesses under what is pending, after they have audited it.
    func cosign(as party: PartyID) async throws -> [NoteSignature] {
        let policy = ledger.history.policy(forTreeSize: .max)
        _ = try await cosign(parties: [party])
        let own = Set(
            (state.registry?.constitution ?? ledger.constitution).quorum.witnesses.filter { $0.party == party }.map(
                \.key))
        let keys = policy.witnesses.map(\.key).filter { own.contains($0.text) }
        return cosigned?.signatures.filter { line in keys.contains { line.names($0) } } ?? []
    }

    private func requireReadablePending() throws {
        guard let fault = ledger.pendingFault, try !signing().hasLogKey else { return }
        throw RegistryError(
            .refused, "\(fault.path ?? ""): \(fault.message)",
            hint: "ask for the pending checkpoint again: the machine with the log's key signs the same tree anew",
            findings: [fault])
    }

    /// - Parameter time: of the cosignatures, and what everything that is not published yet is judged by.
    func finish(
        _ pending: PendingCheckpoint, parties: Set<PartyID>? = nil, at time: Int64
    ) async throws -> Publishing {
        let signing = try signing()
        let publishedSize = ledger.publishedHead.size
        // All that is new came with the last commit, and was judged by this very time.
        let isJudged = judgedCommit.map { $0.oldSize == publishedSize && $0.time == time } ?? false
        let cosigned = try await signing.cosign(pending, parties: parties, at: time) { lastChecked in
            // What this process added it has checked as an audit would; what came before only if the witness did.
            if lastChecked < sizeAtOpening {
                try await requireSound(pending.head, unseenFrom: lastChecked, at: time)
            } else if !isJudged {
                // The witness did, at another time: what is not published yet may have lapsed since.
                try await requireSound(
                    pending.head, unseenFrom: lastChecked, scope: .from(publishedSize), at: time)
            }
        }
        self.cosigned = cosigned.note
        guard cosigned.quorumMet else {
            ledger = try reopened()
            return .pending(cosigned.head, missing: cosigned.missing, waitingFor: cosigned.waitingFor)
        }
        publications.append(try signing.publish(cosigned))
        try writer.removeSupersededPartials(from: publishedSize)
        ledger = try reopened()
        // Also after a process that died between publishing a change and this.
        if ledger.history.state.epochs.count > 1 { updateKeys() }
        updateIndex()
        return .published(cosigned.head)
    }

    /// What a witness's cosignature means: every entry was checked in full, documents' bytes included.
    private func requireSound(
        _ head: TreeHead, unseenFrom: Int64, scope: LedgerScan.Scope = .all, at time: Int64
    ) async throws {
        // The ledger was opened before this tree was signed: the head is the one that is to be cosigned.
        let ledger = try reopened()
        // All of them: a pass over the entries holds each against the tree at its size, and an index looks up only some.
        let publications = Publications(ledger.registry, history: ledger.history).including(ledger.published)
        let findings = try await EntryAudit.findings(
            of: ledger, publications: publications, head: head, unseenFrom: unseenFrom, scope: scope, now: time)
        guard findings.verdict == .passed else {
            throw RegistryError(
                .refused, "the witness does not cosign: \(findings.first { $0.severity != .warning }?.message ?? "")",
                hint: notHeldHint(findings)
                    ?? "see 'bitim audit'; what can no longer be cosigned is voided by all parties: bitim record voided INDEX",
                findings: findings)
        }
    }

    /// Where nothing is wrong but that documents are not held here: which they are, and what brings them. Nil otherwise.
    private func notHeldHint(_ findings: [Finding]) -> String? {
        let keys: Set<String> = ["document.restricted", "document.missing", "document.key.missing"]
        var names: [String] = []
        var isPublicMissing = false
        for finding in findings where finding.severity != .warning {
            guard keys.contains(finding.key), let index = finding.entry, let entry = try? ledger.entry(at: index),
                let document = entry.statement?.event.documents.first(where: {
                    ($0.commitment?.text ?? $0.digest?.text) == finding.expected
                })
            else { return nil }
            if document.commitment == nil { isPublicMissing = true }
            names.append("\(document.name) of \(finding.agreement ?? "the registry") (entry \(index))")
        }
        guard !names.isEmpty else { return nil }
        return "not held here: \(names.joined(separator: ", ")); "
            + (isPublicMissing ? "copy documents/ from the log's machine again; " : "")
            + "'bitim add DOCUMENT --key KEY' puts a restricted document and its key in their places"
    }

    /// The entry is published whatever becomes of the files for other tools.
    private func updateKeys() {
        do {
            _ = try KeysUpdate(ledger).write()
        } catch {
            vault.notice(
                "note: the public files in \(ledger.keys.path) are not up to date: \(error); see 'bitim keys update'")
        }
    }

    private func reopened() throws -> OpenedLedger {
        try OpenedLedger.open(registry: ledger.registry, keys: ledger.keys, history: try history())
    }
}
