internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// From entry 0 to the first checkpoint, and what a run that was cut short on this way has left.
///
/// The entry lies on disk before its hash is pinned, and is pinned before the log signs: so one that is pinned is gone on
/// with, and one that is not was never promised to anybody.
struct LedgerFounding {
    let registry: RegistryFolder
    let keys: KeysFolder
    let vault: KeyVault
    let origin: String

    struct Locks: ~Copyable {
        let registry: FileLock
        let keys: FileLock
    }

    var taken: RegistryError {
        RegistryError(
            .conflict, "there is a registry in \(registry.path) already", hint: "choose another folder with --registry")
    }

    private var logKeys: LogKeys { LogKeys(keys: keys, vault: vault, origin: origin) }

    func lock() throws -> Locks {
        let locks = Locks(
            registry: try Registrar.lock(registry, patienceSeconds: 10),
            keys: try Registrar.lock(keys, patienceSeconds: 10))
        try registry.files.sweepTemporaryFiles()
        try keys.files.sweepTemporaryFiles()
        return locks
    }

    // MARK: What is there

    /// The leaf hash of the first entry of a registry that the log has signed.
    func firstIdentity() throws -> ContentDigest {
        do {
            return try OpenedLedger.open(registry: registry, keys: keys).identity
        } catch is OpenedLedger.Unopenable {
            throw taken
        }
    }

    /// Throws unless the registry is one of these folders that waits for its first cosignatures, and of this statement.
    ///
    /// - Parameter statement: the bytes of entry 0 under that log's key.
    func requirePending(_ statement: (String) throws -> [UInt8]) throws -> ContentDigest {
        guard !registry.isPublished, vault.has(KeyVault.logKeyName), let pinned = try keys.identity(),
            try firstIdentity() == pinned, let entry = try entryOnDisk(), ContentDigest(entry.leafHash) == pinned
        else { throw taken }
        guard entry.statementDigest == ContentDigest.of(try statement(try logKeys.present().verifierKey.text))
        else { throw taken }
        return pinned
    }

    /// Cosigns and publishes what is pending, as `bitim publish` does.
    func complete(now: @escaping () -> Int64) async throws -> Registrar.Publishing {
        try await Registrar.open(registry: registry, keys: keys, vault: vault, now: now, purpose: .completing).publish()
    }

    /// Throws unless nothing is here but what a run that was cut short could have left.
    func requireUnused() throws {
        if registry.hasCheckpoint { throw taken }
        try requireNothingElse()
        if try keys.identity() != nil {
            guard try begunEntry() != nil else { throw LogKeys.taken(keys) }
        } else if vault.has(KeyVault.logKeyName), try !SignerState(keys, signer: .log).isUnused {
            throw LogKeys.taken(keys)
        }
    }

    func requireFree(for entry: Entry) throws {
        if registry.hasCheckpoint { throw taken }
        try requireNothingElse()
        if let pinned = try keys.identity(), pinned != ContentDigest(entry.leafHash) { throw LogKeys.taken(keys) }
    }

    /// Tiles of a registry that has lost its checkpoint are not to be written over.
    private func requireNothingElse() throws {
        let own: Set<String> = ["tile/entries/000.p/1", "tile/0/000.p/1"]
        var strays: [Finding] = []
        let files = FileWalk.regularFiles(in: registry.fullPath("ledger"), under: "", strays: &strays)
        guard strays.isEmpty, files.allSatisfy(own.contains), Files.kind(registry.fullPath("checkpoints")) == nil else {
            throw taken
        }
    }

    private func entryOnDisk() throws -> Entry? {
        guard let bundle = TilePath(.entries, index: 0, width: 1) else { return nil }
        return (try? registry.ledger.entries(bundle))?.first.map { Entry(leaf: Array($0)) }
    }

    /// The entry that a run which was cut short has pinned; nil when there is none.
    func begunEntry() throws -> Entry? {
        guard let pinned = try keys.identity(), let entry = try entryOnDisk(), ContentDigest(entry.leafHash) == pinned
        else { return nil }
        return entry
    }

    // MARK: Writing

    /// - Parameters:
    ///   - certificates: all that an audit of entry 0 needs.
    ///   - time: of the check and the cosignatures, in POSIX seconds: nothing expires in between.
    func found(
        _ entry: Entry, certificates: [Certificate], logKey: LogKeys.LogKey, at time: Int64
    ) async throws -> Registrar.Publishing {
        guard let statement = entry.statement else {
            throw RegistryError(.refused, "entry 0 has no statement", hint: "see 'bitim show'")
        }
        let constitution = try Establishing.established(statement).constitution
        try requireSound(entry, certificates, now: time)
        let head = TreeHead(size: 1, root: entry.leafHash)
        try requireOneHistory(head, constitution)
        try logKeys.keep(logKey)
        try placeCertificates(certificates)
        var writer = try LogWriter(folder: registry.files, head: .empty)
        guard try writer.append([Array(entry.leaf)]) == head else {
            throw RegistryError(.refused, "the tree of entry 0 is another one", hint: "see 'bitim audit'")
        }
        _ = try Self.pin(ContentDigest(entry.leafHash), constitution, keys)
        let signing = CheckpointSigning(
            registry: registry, keys: keys, vault: vault, constitution: constitution,
            policy: try WitnessPolicy(constitution))
        let pending = try await signing.cosign(try signing.signAsLog(head, continuing: .empty), at: time) { _ in }
        guard pending.quorumMet else {
            return .pending(head, missing: pending.missing, waitingFor: pending.waitingFor)
        }
        _ = try signing.publish(pending)
        return .published(head)
    }

    /// Where the identity is pinned already nothing is written: the policy may have followed a change since.
    ///
    /// - Returns: the files that were written, relative to the keys folder.
    static func pin(_ identity: ContentDigest, _ constitution: Constitution, _ keys: KeysFolder) throws -> [String] {
        if let pinned = try keys.identity() {
            guard pinned == identity else { throw LogKeys.taken(keys) }
            return []
        }
        try keys.files.replace(KeysFolder.policyName, with: try WitnessPolicy(constitution).bytes)
        try keys.files.create(KeysFolder.identityName, with: Array("\(identity)\n".utf8))
        return [KeysFolder.policyName, KeysFolder.identityName]
    }

    /// Those of a run that was cut short and had other arguments would belong to nothing.
    private func placeCertificates(_ certificates: [Certificate]) throws {
        let names = Set(certificates.map { RegistryFolder.certificateName(ContentDigest($0.fingerprint)) })
        for name in (try? Files.names(in: registry.fullPath("certificates"))) ?? []
        where name.hasSuffix(".der") && !names.contains("certificates/\(name)") {
            registry.files.remove("certificates/\(name)")
        }
        try registry.placeCertificates(certificates)
        try registry.files.barrier()
    }

    private func requireSound(_ entry: Entry, _ certificates: [Certificate], now: Int64) throws {
        let store = CertificateStore(certificates)
        var judge = EntryJudge(certificates: store)
        let judged = judge.judge(
            entry, outcomes: SignatureCheck.outcomes(of: entry, certificates: store),
            proved: ProvedInterval(notBefore: nil, notAfter: nil), now: now, publishedRoot: { _ in nil })
        guard judged.verdict == .passed else {
            throw RegistryError(
                .refused, "entry 0 is refused: \(judged.findings.map(\.message).joined(separator: "; "))",
                hint: "mend what is said of the keys, then run 'bitim init' again", findings: judged.findings)
        }
    }

    /// Log and witnesses serve one registry of an origin: one that has signed for another would refuse at the end.
    private func requireOneHistory(_ head: TreeHead, _ constitution: Constitution) throws {
        // A key without its memory signs nothing: better known before anything is written.
        if vault.has(KeyVault.logKeyName) {
            let last = try SignerState(keys, signer: .log).head(origin: origin)
            guard last == .empty || last == head else {
                throw RegistryError(
                    .conflict, "the log has signed \(last.size) entries of this origin already",
                    hint: "a second history is never signed: restore the registry that it was signed for")
            }
        }
        for party in constitution.parties.map(\.party)
        where Files.kind(keys.fullPath(KeyVault.keyName(party, .witness))) != nil {
            let last = try SignerState(keys, signer: .witness(party)).head(origin: origin)
            guard last == .empty || last == head else {
                throw RegistryError(
                    .conflict, "the witness of \(party) has cosigned another registry of this origin",
                    hint: "choose another --origin, or make new keys")
            }
        }
    }
}
