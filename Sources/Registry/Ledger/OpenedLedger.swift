package import Agreements
internal import Glibc
package import TiledLog
package import TransparencyLog

/// A ledger whose latest checkpoint has been verified against the policy of its own entry 0. The entries have not.
package struct OpenedLedger: Sendable {
    package let registry: RegistryFolder
    package let keys: KeysFolder
    /// What the user pinned; nil when nothing is.
    package let pinnedIdentity: ContentDigest?
    /// The leaf hash of entry 0.
    package let identity: ContentDigest
    /// Every constitution up to the last entry, pending ones included.
    package let history: RegistryHistory
    /// The latest published checkpoint; nil when none ever was.
    package let published: Publication?
    /// Signed by the log and not yet published.
    package let pending: PendingCheckpoint?
    /// What is wrong with a pending checkpoint that is there and cannot be used: as good as none, but told.
    package let pendingFault: Finding?
    /// The index of a large registry, of the published tree or an earlier one; nil when there is none to go by.
    let index: VouchedIndex?

    /// What holds as far as it is published.
    package var constitution: Constitution { history.state.constitution(forTreeSize: visibleSize) }
    /// What the latest published checkpoint was judged by.
    package var policy: WitnessPolicy { history.policy(forTreeSize: visibleSize) }
    private var visibleSize: Int64 { published?.head.size ?? fullHead.size }

    package var publishedHead: TreeHead { published?.head ?? .empty }
    /// Pending entries included.
    package var fullHead: TreeHead { pending?.head ?? publishedHead }

    /// Why a ledger cannot be opened.
    package struct Unopenable: Error, Sendable {
        package let findings: [Finding]
    }

    /// - Parameters:
    ///   - known: what a pass over all entries has found; nil reads it.
    ///   - minimumSize: how many entries to look at for changes, where that is more than any checkpoint has.
    ///   - checkpoint: what is judged in the place of `ledger/checkpoint`, by a copy that has not taken it in yet.
    ///   - now: POSIX seconds, for changes that are not published yet.
    /// - Throws: `RegistryError` when there is nothing to open, `Unopenable` when what is there does not hold.
    package static func open(
        registry: RegistryFolder, keys: KeysFolder, history known: RegistryHistory? = nil,
        readingTo minimumSize: Int64 = 0, checkpoint: [UInt8]? = nil,
        now: Int64 = Int64(time(nil))
    ) throws -> OpenedLedger {
        guard Files.kind(registry.path) == .folder, registry.hasLedger else {
            guard Files.kind(registry.path) != .other else {
                throw RegistryError(
                    .unavailable, "\(registry.path) is no folder: a link to one is not followed",
                    hint: "name the folder itself with --registry or BITIM_REGISTRY")
            }
            throw RegistryError(
                .unavailable, "there is no registry in \(registry.path)",
                hint: "name its folder with --registry or BITIM_REGISTRY, or make one with 'bitim init'")
        }
        let pinned = try keys.identity()
        let publishedBytes = try checkpoint ?? readIfThere(registry, RegistryFolder.checkpointName)
        var pendingFault: Finding?
        var pendingBytes: [UInt8]?
        do {
            if checkpoint == nil { pendingBytes = try readIfThere(registry, RegistryFolder.pendingName) }
        } catch let error as Unopenable where publishedBytes != nil {
            pendingFault = error.findings.first
        }
        guard let anyBytes = publishedBytes ?? pendingBytes else {
            throw Unopenable(findings: [
                Finding("checkpoint.missing", path: RegistryFolder.checkpointName, "the checkpoint is missing")
            ])
        }
        let path = publishedBytes != nil ? RegistryFolder.checkpointName : RegistryFolder.pendingName
        let claimed: TreeHead
        do {
            let checkpoint = try Checkpoint(parsing: SignedNote(parsing: anyBytes).text)
            claimed = TreeHead(size: checkpoint.size, root: checkpoint.root)
        } catch {
            throw Unopenable(findings: [Finding("checkpoint.malformed", path: path, "\(error)")])
        }
        let size = claimed.size
        let first = try firstEntry(registry, size: size, pinned: pinned)
        let identity = ContentDigest(first.leafHash)
        // The pinned identity decides before any byte of the entry is believed.
        if let pinned, pinned != identity {
            throw Unopenable(findings: [
                Finding(
                    "identity.mismatch", entry: 0, path: "keys/identity", expected: pinned.text, actual: identity.text,
                    "this is not the registry whose identity is pinned")
            ])
        }
        guard let statement = first.statement, case .registryEstablished(let established) = statement.event else {
            throw Unopenable(findings: [
                Finding(
                    "event.order", entry: 0, actual: first.statementError ?? first.statement?.event.name,
                    "entry 0 does not establish a registry")
            ])
        }
        var history: RegistryHistory
        do throws(RegistryError) {
            if let known { history = known } else { history = try RegistryHistory(established) }
        } catch {
            throw Unopenable(findings: [Finding("registry.policy.invalid", entry: 0, error.message)])
        }
        let pendingSize = pendingBytes.flatMap { Self.claimedSize($0) } ?? 0
        let index = VouchedIndex(registry, keys: keys, identity: identity, claimed: claimed)
        if known == nil {
            history.read(registry, first: first, size: max(size, pendingSize, minimumSize), now: now, index: index)
        }
        var published: Publication?
        if let publishedBytes {
            do {
                published = try history.judge(checkpoint: publishedBytes) { policy throws(CheckpointFault) in
                    try Publications.judge(publishedBytes, policy: policy)
                }
            } catch {
                throw Unopenable(findings: [error.finding(path: RegistryFolder.checkpointName)])
            }
        }
        var pending: PendingCheckpoint?
        if let pendingBytes {
            do {
                pending = try history.judge(checkpoint: pendingBytes) { policy throws(CheckpointFault) in
                    try PendingCheckpoint(pendingBytes, policy: policy)
                }
            } catch {
                pendingFault = error.finding(path: RegistryFolder.pendingName)
            }
            // A crash after publication leaves one that says nothing new.
            if let head = pending?.head, head.size <= published?.head.size ?? 0 { pending = nil }
        }
        return OpenedLedger(
            registry: registry, keys: keys, pinnedIdentity: pinned, identity: identity, history: history,
            published: published, pending: pending, pendingFault: pendingFault, index: index)
    }

    private static func claimedSize(_ bytes: [UInt8]) -> Int64? {
        (try? SignedNote(parsing: bytes)).flatMap { try? Checkpoint(parsing: $0.text).size }
    }

    private static func readIfThere(_ registry: RegistryFolder, _ name: String) throws -> [UInt8]? {
        do {
            return try Files.read(registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount)
        } catch {
            switch error.reason {
            case .notFound: return nil
            // `state` itself is no folder.
            case .system(ENOTDIR): break
            // That it may not be read says nothing of what it holds.
            case .system: throw error
            case .notRegular, .notFolder, .tooLarge, .exists: break
            }
            throw Unopenable(findings: [Finding("checkpoint.unreadable", path: name, "\(error)")])
        }
    }

    private static func firstEntry(
        _ registry: RegistryFolder, size: Int64, pinned: ContentDigest?
    ) throws -> Entry {
        guard size > 0, let bundle = TilePath(.entries, index: 0, width: Int(min(size, Int64(TilePath.fullWidth))))
        else {
            throw Unopenable(findings: [
                Finding("ledger.empty", path: RegistryFolder.checkpointName, "the ledger has no entries")
            ])
        }
        var (leaf, fault): (ArraySlice<UInt8>?, LogError?)
        do throws(LogError) {
            leaf = try registry.ledger.entries(bundle).first
        } catch {
            fault = error
        }
        func isPinned(_ leaf: ArraySlice<UInt8>) -> Bool {
            pinned.map { $0 == ContentDigest(MerkleTree.leafHash(leaf)) } ?? true
        }
        if let leaf, isPinned(leaf) { return Entry(leaf: Array(leaf), checksProfile: false) }
        if let other = firstLeaves(registry, of: bundle).first(where: isPinned) {
            return Entry(leaf: Array(other), checksProfile: false)
        }
        guard let leaf else {
            throw Unopenable(findings: [(fault ?? LogError(path: bundle.path, problem: .missing)).finding])
        }
        return Entry(leaf: Array(leaf), checksProfile: false)
    }

    /// Entry 0 is the same in every bundle that has it, so that a checkpoint which speaks of a wrong size can still be judged
    /// by its signatures, and a damaged bundle be reported together with everything else.
    private static func firstLeaves(
        _ registry: RegistryFolder, of bundle: TilePath
    ) -> some Sequence<ArraySlice<UInt8>> {
        let widths = (try? Files.names(in: registry.fullPath("ledger/tile/entries/000.p"))) ?? []
        let others = ([TilePath.fullWidth] + widths.compactMap { Int($0) })
            .compactMap { TilePath(.entries, index: 0, width: $0) }.filter { $0 != bundle }
        return ([bundle] + others).lazy.compactMap { try? registry.ledger.entriesBeforeFault($0).first }
    }
}

/// A checkpoint that the log has signed and the quorum has not yet cosigned.
package struct PendingCheckpoint: Sendable {
    package let note: SignedNote
    package let head: TreeHead
    /// Names in the policy.
    package let cosigned: [String]
    package let uncosigned: [String]
    /// Those of them that the quorum can still use.
    package let missing: [String]
    /// For whom it waits, in words.
    package let waitingFor: String
    package let quorumMet: Bool

    package init(_ bytes: [UInt8], policy: WitnessPolicy) throws(CheckpointFault) {
        let evaluation = try CheckpointFault.evaluate(bytes, policy: policy)
        do {
            note = try SignedNote(parsing: bytes)
        } catch {
            throw CheckpointFault("checkpoint.malformed", "\(error)")
        }
        head = TreeHead(size: evaluation.checkpoint.size, root: evaluation.checkpoint.root)
        let uncosigned = evaluation.missingWitnesses.map(\.name.text)
        self.uncosigned = uncosigned
        cosigned = policy.witnesses.map(\.name.text).filter { !uncosigned.contains($0) }
        missing = evaluation.need.witnesses.map(\.name.text)
        waitingFor = evaluation.need.words.joined(separator: ", ")
        quorumMet = evaluation.quorumMet
    }
}

extension LogError {
    /// What an audit says of it. Paths of log errors are relative to `ledger/`.
    package var finding: Finding {
        let file = path == "ledger" ? path : "ledger/\(path)"
        let isBundle = path.hasPrefix("tile/entries/")
        let what = isBundle ? "ledger.bundle" : path == "checkpoint" || path == "ledger" ? "ledger.root" : "ledger.tile"
        switch problem {
        case .missing:
            return Finding("\(what).missing", path: file, "a file of the ledger is missing")
        case .malformed(let reason):
            return Finding("\(what).malformed", path: file, reason)
        case .mismatch(let expected, let actual):
            return Finding(
                "\(what).mismatch", path: file, expected: expected, actual: actual,
                isBundle ? "an entry is not the one that was signed over" : "the hashes are not those of the entries")
        case .file(let error):
            return Finding("\(what).unreadable", path: file, error.description)
        }
    }
}
