package import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Makes proofs of entries that verify without the registry: docs/proofs.md.
package struct Proving {
    package let registry: RegistryFolder
    package let keys: KeysFolder
    /// POSIX seconds.
    package let now: Int64

    package init(registry: RegistryFolder, keys: KeysFolder, now: Int64) {
        self.registry = registry
        self.keys = keys
        self.now = now
    }

    package enum Subject: Sendable {
        /// Its registration.
        case agreement(AgreementID)
        case index(Int64)
    }

    /// Proves an entry against a published checkpoint.
    ///
    /// - Parameter size: of a checkpoint that is kept; nil for the latest.
    /// - Throws: `RegistryError` when there is no such entry or checkpoint, or when the proof would not verify.
    package func prove(_ subject: Subject, checkpoint size: Int64? = nil) async throws -> ProvedEntry {
        let ledger = try RegistryReading.open(registry: registry, keys: keys)
        let checkpoint = try StoredCheckpoint(ledger, size: size)
        let (reading, judged) = try await find(subject, in: ledger, head: ledger.publishedHead)
        guard judged.index < checkpoint.head.size else {
            throw RegistryError(
                .refused, "entry \(judged.index) is not in the checkpoint of \(checkpoint.head.size) entries",
                hint: "leave --checkpoint out, or name a larger one")
        }
        let proof = try proof(of: judged.index, note: checkpoint.note, size: checkpoint.head.size, in: reading)
        do {
            // As whoever gets it will read it.
            _ = try TLogProof(parsing: proof.bytes).verify(
                leafHash: judged.entry.leafHash, policy: ledger.history.policy(forTreeSize: checkpoint.head.size),
                unknownSignatures: .refused)
        } catch {
            throw RegistryError(.refused, "the proof would not verify: \(error)", hint: "see 'bitim audit'")
        }
        return ProvedEntry(
            judged: judged, head: checkpoint.head, proof: proof.bytes, exported: try reading.exportedEntry(judged),
            cosigned: checkpoint.publication.witnesses, missing: nil, foundations: reading.foundations,
            demonstration: ledger.constitution.demonstration)
    }

    /// Tells of an entry that the log has signed over and the quorum has not cosigned.
    ///
    /// - Throws: `RegistryError` when nothing is pending, when the entry is published, or there is no such entry.
    package func provePending(_ subject: Subject) async throws -> ProvedEntry {
        let ledger = try RegistryReading.open(registry: registry, keys: keys)
        guard let pending = ledger.pending else {
            throw RegistryError(
                .unavailable, ledger.pendingFault?.message ?? "nothing is pending",
                hint: "without --pending, 'bitim prove' proves what is published")
        }
        let (reading, judged) = try await find(subject, in: ledger, head: pending.head)
        guard judged.index >= ledger.publishedHead.size else {
            let pendingIndices = "\(ledger.publishedHead.size) to \(pending.head.size - 1)"
            throw RegistryError(
                .refused, "entry \(judged.index) is published",
                hint: "leave --pending out to prove it; pending are the entries \(pendingIndices)")
        }
        let proof = PendingProof(
            try proof(of: judged.index, note: pending.note, size: pending.head.size, in: reading))
        do {
            let read = try PendingProof(parsing: proof.bytes).proof
            try InclusionProof(index: read.index, size: read.checkpoint.size, hashes: read.hashes)
                .verify(leafHash: judged.entry.leafHash, root: pending.head.root)
        } catch {
            throw RegistryError(.refused, "the proof would not verify: \(error)", hint: "see 'bitim audit'")
        }
        return ProvedEntry(
            judged: judged, head: pending.head, proof: proof.bytes, exported: try reading.exportedEntry(judged),
            cosigned: pending.cosigned, missing: pending.missing, foundations: reading.foundations,
            demonstration: ledger.constitution.demonstration)
    }

    /// The entry, judged with all others of its agreement.
    private func find(
        _ subject: Subject, in ledger: OpenedLedger, head: TreeHead
    ) async throws -> (RegistryReading, JudgedEntry) {
        var agreement: AgreementID?
        switch subject {
        case .agreement(let id): agreement = id
        case .index(let index): agreement = try leaf(index, in: ledger, head: head).statement?.agreement
        }
        let reading = try await RegistryReading.read(
            ledger, head: head, selection: .agreements(Set([agreement].compactMap { $0 })), now: now)
        let judged = reading.judged.first { judged in
            switch subject {
            case .agreement(let id): judged.entry.statement?.agreement == id
            case .index(let index): judged.index == index
            }
        }
        guard let judged else {
            throw RegistryError(
                .unavailable, "there is no agreement \(agreement?.text ?? "") in the ledger",
                hint: "'bitim list' shows them all; an entry that is not published yet takes --pending")
        }
        return (reading, judged)
    }

    private func leaf(_ index: Int64, in ledger: OpenedLedger, head: TreeHead) throws -> Entry {
        let width = Int64(TilePath.fullWidth)
        guard index >= 0, index < head.size,
            let bundle = TilePath(
                .entries, index: index / width, width: Int(min(width, head.size - index / width * width)))
        else {
            throw RegistryError(
                .unavailable, "there is no entry \(index): the tree has \(head.size) entries",
                hint: "they are counted from 0; 'bitim show ID' gives the indices of an agreement's entries")
        }
        let leaves = try ledger.registry.ledger.entries(bundle)
        return Entry(leaf: Array(leaves[Int(index % width)]), checksProfile: false)
    }

    /// From the tiles, of which only those are read that the proof needs.
    private func proof(
        of index: Int64, note: SignedNote, size: Int64, in reading: RegistryReading
    ) throws -> TLogProof {
        let inclusion = try InclusionProof(
            index: index, size: size, from: registry.ledger.subtrees(size: reading.head.size))
        return try TLogProof(index: index, hashes: inclusion.hashes, note: note)
    }
}
