package import Agreements
internal import OpenSSLKit
package import TiledLog
package import TransparencyLog

/// The log's and the local witnesses' signatures under a checkpoint, and its way from signed to published.
///
/// Nobody here signs two histories: each signer's last tree is remembered, durably, before its signature leaves.
package struct CheckpointSigning {
    let registry: RegistryFolder
    let keys: KeysFolder
    let vault: KeyVault
    /// What holds for the tree that is signed.
    let constitution: Constitution
    let policy: WitnessPolicy
    /// What the signers are about to remember, if it lies ready.
    var prepared: PreparedMemories?

    package init(
        registry: RegistryFolder, keys: KeysFolder, vault: KeyVault, constitution: Constitution,
        policy: WitnessPolicy
    ) {
        self.registry = registry
        self.keys = keys
        self.vault = vault
        self.constitution = constitution
        self.policy = policy
    }

    var origin: String { constitution.log.origin }

    // MARK: The log

    /// What the log signed last.
    func logHead() throws -> TreeHead { try SignerState(keys, signer: .log).head(origin: origin) }

    /// Where the log's private key is, or would be.
    private var logKeyFile: String {
        policy.logs.first.map { vault.logKeyFile(for: $0.key) } ?? KeyVault.logKeyName
    }

    var hasLogKey: Bool { vault.has(logKeyFile) }

    /// The log's key, which has to be the one that the registry names now.
    @discardableResult
    func logSigner() throws -> NoteSigner {
        let logKeyFile = logKeyFile
        let key = try vault.key(logKeyFile, owner: .log)
        guard let name = KeyName(origin) else {
            throw RegistryError(.refused, "the origin is no key name", hint: "see 'bitim audit'")
        }
        let signer = try NoteSigner(name: name, key: key)
        guard policy.logs.contains(where: { $0.key == signer.verifierKey }) else {
            throw RegistryError(
                .refused, "\(keys.fullPath(logKeyFile)) is not the key of this log",
                hint: "restore the log's own key")
        }
        return signer
    }

    /// Signs a tree that lies on disk and has been verified there, and stores it as pending.
    ///
    /// - Parameter old: the tree that it was verified to continue. Whatever the log has signed since, in this copy of the
    ///   registry or in another, makes it another history.
    package func signAsLog(_ head: TreeHead, continuing old: TreeHead) throws -> PendingCheckpoint {
        let signer = try logSigner()
        let state = try SignerState(keys, signer: .log)
        let last = try state.head(origin: origin)
        guard last == old || last == head, head.size > last.size || head == last else {
            throw RegistryError(
                .refused, "the log has signed \(last.size) entries already, and signs no other history",
                hint: "restore the newer copy of the registry")
        }
        let text = try Checkpoint(origin: ByteString(origin), size: head.size, root: head.root).bytes
        let signature = try signer.sign(text)
        try SignerState.remember(head, origin: origin, as: [state], prepared: prepared)
        let note = try SignedNote(text: text, signatures: [signature])
        try registry.files.replace(RegistryFolder.pendingName, with: note.bytes)
        return try PendingCheckpoint(note.bytes, policy: policy)
    }

    // MARK: Witnesses

    /// Adds the cosignatures of every witness whose key is here and who has not cosigned yet.
    ///
    /// - Parameters:
    ///   - parties: whose witnesses must cosign; one of them that does not is then an error. Nil for all that are here:
    ///     one that does not is told of, and what is pending stays so.
    ///   - time: of the cosignatures, in POSIX seconds: the one that the entries are checked by, so that none lapses
    ///     between the check and the cosignature.
    ///   - requireChecked: called with the size from which on a witness has not seen the entries; throws when they do
    ///     not pass.
    package func cosign(
        _ pending: PendingCheckpoint, parties: Set<PartyID>? = nil, at time: Int64,
        requireChecked: (Int64) async throws -> Void
    ) async throws -> PendingCheckpoint {
        var willing: [(cosigner: Cosigner, state: SignerState)] = []
        var failure: RegistryError?
        for witness in constitution.quorum.witnesses where pending.uncosigned.contains(witness.name) {
            guard parties?.contains(witness.party) ?? true else { continue }
            let isAsked = parties != nil
            // Of several witnesses of a party those cosign that are here; where none is, that is told.
            guard hasKey(of: witness) || isAsked && !hasAnyKey(of: witness.party) else { continue }
            do {
                willing.append(try await check(pending, as: witness, requireChecked: requireChecked))
            } catch let refusal as RegistryError {
                if isAsked { failure = failure ?? refusal }
                if !isAsked {
                    vault.notice(
                        "note: witness \(witness.name) has not cosigned: \(refusal.message); \(refusal.hint)")
                }
            }
        }
        guard !willing.isEmpty else {
            if let failure { throw failure }
            return pending
        }
        // All of them before the first signature is made.
        try SignerState.remember(pending.head, origin: origin, as: willing.map(\.state), prepared: prepared)
        let checkpoint = try Checkpoint(parsing: pending.note.text)
        let signatures = try willing.map { try $0.cosigner.sign(checkpoint, time: time) }
        let note = try pending.note.adding(signatures)
        let cosigned = try PendingCheckpoint(note.bytes, policy: policy)
        // With the quorum met it is published next; else it must not be lost.
        if !cosigned.quorumMet { try registry.files.replace(RegistryFolder.pendingName, with: note.bytes) }
        if let failure { throw failure }
        return cosigned
    }

    private func hasKey(of witness: Witness) -> Bool {
        guard let key = try? VerifierKey(parsing: witness.key) else { return false }
        let name = vault.witnessKeyFile(witness.party, for: key)
        guard vault.has(name) else { return false }
        // That file does not say which key it has: it may be a former one, of a witness that went elsewhere.
        guard name == KeyVault.keyName(witness.party, .witness) else { return true }
        let others = constitution.quorum.witnesses.filter { $0.party == witness.party && $0.key != witness.key }
        let first = try? keys.witnessKey(witness.party)
        // Of the one whose public half lies beside it: nobody is asked for a passphrase to see that.
        let isAnothers = others.contains { $0.key == first && !KeyVault.hasOwnFile(of: $0.key, $0.party, in: keys) }
        return !isAnothers && isKey(name, of: key, witness.party)
    }

    private func hasAnyKey(of party: PartyID) -> Bool {
        constitution.quorum.witnesses.contains { $0.party == party && hasKey(of: $0) }
    }

    /// The first key of a party's witness is in a file that does not say which it is.
    private func isKey(_ name: String, of verifierKey: VerifierKey, _ party: PartyID) -> Bool {
        do {
            let key = try vault.key(name, owner: .party(party))
            return try Cosigner(name: verifierKey.name, key: key).verifierKey == verifierKey
        } catch {
            // Why it does not open is told where it is used.
            return true
        }
    }

    /// Throws unless the witness can vouch for the pending tree.
    private func check(
        _ pending: PendingCheckpoint, as witness: Witness, requireChecked: (Int64) async throws -> Void
    ) async throws -> (cosigner: Cosigner, state: SignerState) {
        let verifierKey = try VerifierKey(parsing: witness.key)
        let keyName = vault.witnessKeyFile(witness.party, for: verifierKey)
        let key = try vault.key(keyName, owner: .party(witness.party))
        let cosigner = try Cosigner(name: verifierKey.name, key: key)
        guard cosigner.verifierKey == verifierKey else {
            throw RegistryError(
                .refused, "\(keys.fullPath(keyName)) is not the key of witness \(witness.name)",
                hint: "restore the witness's own key")
        }
        let state = try SignerState(keys, signer: .witness(witness.party))
        let last = try state.head(origin: origin)
        try requireConsistent(pending.head, after: last, witness: witness.name)
        try await requireChecked(last.size)
        return (cosigner, state)
    }

    /// Writes what the log and the witnesses that are here will remember, before the barrier that is to come.
    func prepareMemories(of head: TreeHead) throws -> PreparedMemories {
        let witnesses = constitution.quorum.witnesses.filter { hasKey(of: $0) }.map {
            SignerState.Signer.witness($0.party)
        }
        let memories = PreparedMemories(keys)
        try memories.prepare(
            Set([.log] + witnesses), head: head, origin: origin, beforeBarrierOf: registry.files)
        return memories
    }

    /// Asks the witnesses that are here before the log signs: whose memory is lost, behind what it has cosigned, or of
    /// another history, would refuse when it is too late to turn the entries away.
    func requireWitnesses(continue head: TreeHead, of ledger: OpenedLedger) throws {
        for witness in constitution.quorum.witnesses where hasKey(of: witness) {
            let signer = SignerState.Signer.witness(witness.party)
            let last = try SignerState(keys, signer: signer).head(origin: origin)
            try requireConsistent(head, after: last, witness: witness.name)
            var cosigned = TreeHead.empty
            if let published = ledger.published, published.witnesses.contains(witness.name) {
                cosigned = published.head
            }
            if let pending = ledger.pending, pending.cosigned.contains(witness.name) { cosigned = pending.head }
            guard last.size >= cosigned.size else {
                throw RegistryError(
                    .refused,
                    "witness \(witness.name) remembers \(last.size) cosigned entries, and has cosigned \(cosigned.size): "
                        + "it signs nothing",
                    hint: "restore keys/private/\(signer).state, or say what to go on from: "
                        + "bitim keys resume \(signer) --tree \(cosigned.size):\(cosigned.root.hex)")
            }
        }
    }

    /// The pending tree must continue the one that the witness cosigned last (C2SP tlog-witness).
    private func requireConsistent(_ head: TreeHead, after last: TreeHead, witness: String) throws {
        guard last.size <= head.size else {
            throw RegistryError(
                .refused, "witness \(witness) has cosigned \(last.size) entries already, more than \(head.size)",
                hint: "the registry here is an older copy: restore the newer one")
        }
        guard last.size > 0 else { return }
        let reader = registry.ledger
        let root = try MerkleTree.root(size: last.size, from: reader.subtrees(size: head.size))
        guard root == last.root else {
            throw RegistryError(
                .refused, "the ledger does not continue what witness \(witness) cosigned at \(last.size) entries",
                hint: "this is another history: keep both copies, they are evidence")
        }
    }

    // MARK: Publication

    /// Publishes a checkpoint whose quorum is met: stored for ever under its size, then put in the place of the last.
    package func publish(_ pending: PendingCheckpoint) throws -> Publication {
        guard let path = CheckpointPath(size: pending.head.size)?.path else {
            throw RegistryError(.refused, "the tree's size is out of range", hint: "see 'bitim audit'")
        }
        var bytes = pending.note.bytes
        if let stored = try? Files.read(registry.fullPath(path), maximumBytes: SignedNote.maximumByteCount) {
            // A process died between the two writes: what is stored is never written again.
            let publication: Publication
            do {
                publication = try Publications.judge(stored, policy: policy)
            } catch {
                throw RegistryError(
                    .refused,
                    "\(registry.fullPath(path)) lies where the checkpoint belongs, and does not hold: \(error)",
                    hint: "move it away, and try again", findings: [error.finding(path: path)])
            }
            guard publication.head == pending.head else {
                throw RegistryError(
                    .refused, "\(registry.fullPath(path)) is the checkpoint of another tree",
                    hint: "two histories: keep everything, and ask all parties")
            }
            bytes = stored
            try registry.files.barrier()
            try registry.files.replace(RegistryFolder.checkpointName, with: bytes)
        } else {
            let files = registry.files
            let stored = try files.prepare(path, bytes, beforeBarrierOf: files)
            let latest = try files.prepare(RegistryFolder.checkpointName, bytes, beforeBarrierOf: files)
            try files.barrier()
            do {
                try files.create(stored)
            } catch {
                files.discard(latest)
                throw error
            }
            try files.replace([latest])
        }
        registry.files.remove(RegistryFolder.pendingName)
        return try Publications.judge(bytes, policy: policy)
    }
}
