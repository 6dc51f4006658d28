internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// add-checkpoint of C2SP tlog-witness.
extension AuditingWitness {
    package func addCheckpoint(_ bytes: [UInt8]) async -> WitnessAnswer {
        guard await gate.enter() else {
            return .refused(WitnessRefusal(.busy, "too many requests wait for this witness"))
        }
        let answer: WitnessAnswer
        do {
            answer = try await answered(bytes)
        } catch {
            answer = .refused(Self.refusal(error))
        }
        await gate.leave()
        return answer
    }

    private func answered(_ bytes: [UInt8]) async throws -> WitnessAnswer {
        let submitted = try SubmittedCheckpoint(bytes) { trustedKeys(of: $0) }
        let origin = submitted.request.checkpoint.origin
        guard let trusted = trustedKeys(of: origin) else { throw SubmittedCheckpoint.unknown(origin) }
        let isSignedByNewKey = isSignedByNewKey(submitted.request.note, trusted)
        if !isSignedByNewKey { try SubmittedCheckpoint.requireSigned(submitted.request.note, trusted) }
        try submitted.requireOrder()
        guard submitted.request.checkpoint.extensionLines.isEmpty else {
            throw WitnessRefusal(
                .unsound, "the checkpoint has extension lines, which nobody here would have audited",
                findings: [
                    Finding(
                        "checkpoint.extension", path: RegistryFolder.checkpointName,
                        "the checkpoint has extension lines")
                ])
        }
        let last = try SignerState(keys, signer: .witness(party)).head(origin: submitted.origin)
        guard submitted.request.oldSize == last.size else {
            return .conflict(size: last.size, alarm: try otherHistory(submitted, last))
        }
        do {
            try submitted.requireConsistent(with: last)
        } catch {
            throw try await misbehaviour(submitted, last, error)
        }
        guard submitted.head.size > 0 else {
            throw WitnessRefusal(
                .unsound, "there is nothing to audit",
                findings: [Finding("ledger.empty", path: RegistryFolder.checkpointName, "the ledger has no entries")])
        }
        return .cosigned(try await cosign(submitted, last: last))
    }

    /// The log's key may be changed by an entry of the very tree: whether it is, is judged once the entry is here.
    private func isSignedByNewKey(_ note: SignedNote, _ trusted: [VerifierKey]) -> Bool {
        !note.signatures.contains { line in trusted.contains { line.names($0) } }
            && note.signatures.contains { line in trusted.contains { $0.name == line.name } }
            && openedLedger() != nil
    }

    private func cosign(_ submitted: SubmittedCheckpoint, last: TreeHead) async throws -> [NoteSignature] {
        let ledger = try await followed()
        let signatures: [NoteSignature]
        if let ledger, submitted.head == ledger.publishedHead {
            // A key that came with the tree is known by now; what is not signed by one was never the log's.
            try SubmittedCheckpoint.requireSigned(
                submitted.request.note, trustedKeys(of: submitted.request.checkpoint.origin) ?? [])
            signatures = try await cosignPublished(submitted, ledger, last: last)
        } else {
            signatures = try await cosignPending(submitted, ledger)
        }
        let note = try SignedNote(
            text: submitted.request.note.text, signatures: logLines(of: submitted.request.note) + signatures)
        try registry.files.replace(RegistryFolder.cosignedName, with: note.bytes)
        return signatures
    }

    /// Of what is published already: cosigned once more, or audited first where others made up the quorum.
    private func cosignPublished(
        _ submitted: SubmittedCheckpoint, _ ledger: OpenedLedger, last: TreeHead
    ) async throws -> [NoteSignature] {
        let time = now()
        let signing = CheckpointSigning(ledger, ledger.history, vault: vault)
        let lock = try Registrar.lock(keys, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        if submitted.head != last {
            let publications = Publications(registry, history: ledger.history).including(ledger.published)
            let findings = try await EntryAudit.findings(
                of: ledger, publications: publications, head: submitted.head, unseenFrom: last.size, now: time)
            guard findings.verdict == .passed else {
                throw RegistryError(
                    .refused,
                    "the witness does not cosign: \(findings.first { $0.severity != .warning }?.message ?? "")",
                    hint: "see 'bitim audit'", findings: findings)
            }
            var state = try SignerState(keys, signer: .witness(party))
            // Another process may have cosigned meanwhile: a memory never goes back.
            guard try state.head(origin: submitted.origin) == last else {
                throw WitnessRefusal(.busy, "the witness has cosigned another tree meanwhile")
            }
            try state.remember(submitted.head, origin: submitted.origin)
        }
        return try signing.cosignAgain(submitted.request.checkpoint, party: party, at: time)
    }

    /// Of a tree that is not published: its entries are fetched, and audited in full, before the key is touched.
    private func cosignPending(
        _ submitted: SubmittedCheckpoint, _ ledger: OpenedLedger?
    ) async throws -> [NoteSignature] {
        if let ledger, submitted.head.size <= ledger.fullHead.size, submitted.head != ledger.fullHead {
            let findings = try SeenHistory(registry: registry, keys: keys, own: ledger)
                .behind(submitted.request.note, submitted.request.checkpoint, own: ledger)
            if EvidenceFile.isFork(findings), let finding = findings.first { throw Self.inconsistent(finding) }
        }
        let former = try? Files.read(
            registry.fullPath(RegistryFolder.pendingName), maximumBytes: SignedNote.maximumByteCount)
        do {
            try await takePending(submitted.request.note, submitted.head, ledger)
            let registrar = try await Registrar.open(
                registry: registry, keys: keys, vault: vault, now: now, purpose: .completing)
            guard registrar.ledger.pending != nil else {
                throw WitnessRefusal(
                    .unsigned, "no key of the log has signed the checkpoint",
                    findings: [registrar.ledger.pendingFault].compactMap { $0 })
            }
            let signatures = try await registrar.cosign(as: party)
            try IncomingFiles.finish(registry)
            return signatures
        } catch {
            // A tree that does not pass leaves nothing behind.
            try restore(former)
            throw error
        }
    }
}
