internal import Agreements
internal import TiledLog
internal import TransparencyLog

/// Two histories of the log, and what shows them.
extension AuditingWitness {
    /// Of a tree that is not larger than the one that was cosigned: the copy tells whether it is of the same history.
    func otherHistory(_ submitted: SubmittedCheckpoint, _ last: TreeHead) throws -> WitnessRefusal? {
        guard submitted.head.size <= last.size, submitted.head.size > 0, submitted.head != last,
            let ledger = openedLedger(), ledger.fullHead.size >= last.size
        else { return nil }
        let findings = try SeenHistory(registry: registry, keys: keys, own: ledger)
            .behind(submitted.request.note, submitted.request.checkpoint, own: ledger)
        // That somebody says so, unsigned, is no alarm.
        return EvidenceFile.path(toldBy: findings) == nil ? nil : findings.first.map(Self.inconsistent)
    }

    static func inconsistent(_ finding: Finding) -> WitnessRefusal {
        WitnessRefusal(.inconsistent, finding.message, findings: [finding])
    }

    /// With the evidence, where there is some to be had: the proof that was sent, or what the log serves for the tree.
    func misbehaviour(
        _ submitted: SubmittedCheckpoint, _ last: TreeHead, _ refusal: WitnessRefusal
    ) async throws -> WitnessRefusal {
        if let other = try otherHistory(submitted, last) { return other }
        guard submitted.head.size > last.size, let ledger = openedLedger(), ledger.fullHead.size >= last.size else {
            return refusal
        }
        let seen = SeenHistory(registry: registry, keys: keys, own: ledger)
        if let finding = try seen.forked(submitted.request.note, sentProof: submitted.request.proof) {
            return Self.inconsistent(finding)
        }
        guard ledger.fullHead.size <= submitted.head.size,
            let (source, _) = try? await RegistrySource.find(url, client: client)
        else { return refusal }
        let tree = IncomingTree(registry: registry, source: source, own: ledger.fullHead, head: submitted.head)
        guard case .inconsistent(let proved)? = try? await tree.fetch(taken: { _, _ in }) else { return refusal }
        return Self.inconsistent(try seen.forked(submitted.request.note, proved))
    }
}
