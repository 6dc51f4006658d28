internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Entry 0 and a checkpoint: without them there is nothing to go by.
extension RegistryRepair {
    func opened(_ identity: ContentDigest, _ report: inout RepairReport) async throws -> OpenedLedger {
        if let ledger = try await openedLatest(&report) { return ledger }
        try requireOwnRegistry(identity)
        try await mendFirstBundle(identity, &report)
        if let ledger = try await openedLatest(&report) { return ledger }
        try await mendCheckpoint(&report)
        do {
            return try open()
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "nothing here leads to the registry: \(error.findings.first?.words ?? "")",
                hint: copy == nil
                    ? "name a copy of the registry: bitim repair --from URL or --from FOLDER"
                    : "name another copy, or ask the other party for its own",
                findings: error.findings)
        }
    }

    /// Nil where what is here does not open.
    private func openedLatest(_ report: inout RepairReport) async throws -> OpenedLedger? {
        guard let ledger = try? open() else { return nil }
        return try await mendOlderCheckpoint(ledger, &report) ? open() : ledger
    }

    private func open(checkpoint: [UInt8]? = nil) throws -> OpenedLedger {
        try OpenedLedger.open(registry: registry, keys: keys, checkpoint: checkpoint, now: now)
    }

    /// Whose entry 0 is another one, and whose entries lead to its checkpoint all the same, is not damaged: somebody has
    /// named the wrong folders.
    private func requireOwnRegistry(_ identity: ContentDigest) throws {
        guard
            let bytes = try? Files.read(
                registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount),
            let checkpoint = try? Checkpoint(parsing: SignedNote(parsing: bytes).text), checkpoint.size > 0
        else { return }
        var range = CompactRange()
        for bundle in TilePath.bundles(forSize: checkpoint.size) {
            guard let entries = try? registry.ledger.entries(bundle) else { return }
            if bundle.index == 0, entries.first.map({ ContentDigest(MerkleTree.leafHash($0)) }) == identity { return }
            for entry in entries { try range.append(MerkleTree.leafHash(entry)) }
        }
        guard range.root == checkpoint.root else { return }
        throw RegistryError(
            .refused, "\(registry.path) is sound, and another registry than the one that is pinned in \(keys.path)",
            hint: "nothing was touched: name the folders that belong together, with --registry and --keys")
    }

    // MARK: Entry 0

    /// The leaf hash of entry 0 is pinned: whether a bundle begins with it can be told before all else.
    private func mendFirstBundle(_ identity: ContentDigest, _ report: inout RepairReport) async throws {
        let bundles = firstBundles(in: registry)
        let right = bundles.filter { begins($0, with: identity) }
        var first =
            try right.first.flatMap { try registry.ledger.entriesBeforeFault($0).first }
            ?? bundles.lazy.compactMap { firstOfWrongLength($0, identity) }.first
        let origin: RepairReport.Origin = first == nil ? .copy : .ledger
        if first == nil { first = try await firstEntryInCopy(identity) }
        guard let first else { return }
        for bundle in bundles where !right.contains(bundle) {
            // Its other entries may be as good as ever; what cannot be read keeps its place until its entries are known.
            guard let rest = (try? registry.ledger.entries(bundle))?.dropFirst() else { continue }
            try damaged.keep("ledger/\(bundle.path)")
            try registry.files.replace(
                "ledger/\(bundle.path)", with: EntryBundle([first] + rest).bytes,
                mode: bundle.isPartial ? 0o644 : 0o444)
            report.add("ledger/\(bundle.path)", origin)
        }
        guard right.isEmpty, !report.mended.contains(where: { $0.path.hasPrefix("ledger/tile/entries/000") }),
            let alone = TilePath(.entries, index: 0, width: 1)
        else { return }
        try damaged.keep("ledger/\(alone.path)")
        try registry.files.replace("ledger/\(alone.path)", with: EntryBundle([first]).bytes)
        report.add("ledger/\(alone.path)", origin)
    }

    private func firstOfWrongLength(_ bundle: TilePath, _ identity: ContentDigest) -> ArraySlice<UInt8>? {
        guard
            let bytes = try? Files.read(
                registry.fullPath("ledger/\(bundle.path)"), maximumBytes: EntryBundle.maximumByteCount)
        else { return nil }
        return EntryBundle.recover(from: bytes, width: 1) { entry, _ in
            ContentDigest(MerkleTree.leafHash(entry)) == identity
        }.first.flatMap(\.self)
    }

    private func firstEntryInCopy(_ identity: ContentDigest) async throws -> ArraySlice<UInt8>? {
        guard let copy else { return nil }
        let served = (try await copy.checkpoint()).flatMap { bytes in
            (try? SignedNote(parsing: bytes)).flatMap { try? Checkpoint(parsing: $0.text).size }
        }
        let widths = [served.map { Int(min($0, Int64(TilePath.fullWidth))) }, TilePath.fullWidth].compactMap { $0 }
        for bundle in widths.compactMap({ TilePath(.entries, index: 0, width: $0) }) {
            guard
                let bytes = try await copy.fetch("ledger/\(bundle.path)", maximumBytes: EntryBundle.maximumByteCount),
                let first = try? EntryBundle(parsing: bytes, width: bundle.width).entries.first,
                ContentDigest(MerkleTree.leafHash(first)) == identity
            else { continue }
            return first
        }
        return nil
    }

    private func firstBundles(in registry: RegistryFolder) -> [TilePath] {
        let widths = (try? Files.names(in: registry.fullPath("ledger/tile/entries/000.p"))) ?? []
        return ([TilePath.fullWidth] + widths.compactMap { Int($0) }).compactMap {
            TilePath(.entries, index: 0, width: $0)
        }.filter { Files.kind(registry.fullPath("ledger/\($0.path)")) != nil }
    }

    private func begins(_ bundle: TilePath, with identity: ContentDigest) -> Bool {
        guard let first = try? registry.ledger.entriesBeforeFault(bundle).first else { return false }
        return ContentDigest(MerkleTree.leafHash(first)) == identity
    }

    // MARK: The checkpoint

    /// The largest one that holds among all that were ever published, here and in the copy.
    private func mendCheckpoint(_ report: inout RepairReport) async throws {
        var candidates: [(size: Int64, bytes: [UInt8], origin: RepairReport.Origin)] =
            Publications.stored(in: registry, over: 0).map { ($0.size, $0.bytes, .ledger) }
        if let bytes = try await copy?.checkpoint(), let note = try? SignedNote(parsing: bytes),
            let checkpoint = try? Checkpoint(parsing: note.text)
        {
            candidates.append((checkpoint.size, bytes, .copy))
        }
        candidates.sort { $0.size > $1.size }
        for candidate in candidates {
            guard let opened = try? open(checkpoint: candidate.bytes), opened.publishedHead.size == candidate.size
            else {
                continue
            }
            try placeCheckpoint(candidate.bytes, candidate.origin, &report)
            // With what is pending beside it.
            if let finding = shrunk((try? open()) ?? opened) { report.add(unmended: finding) }
            return
        }
    }

    /// That a larger tree was published, or signed, than the largest of which a checkpoint holds.
    private func shrunk(_ ledger: OpenedLedger) -> Finding? {
        let size = ledger.publishedHead.size
        let origin = ledger.constitution.log.origin
        let signers = [SignerState.Signer.log] + ledger.constitution.parties.map { .witness($0.party) }
        let remembered = signers.compactMap { try? SignerState(keys, signer: $0).head(origin: origin).size }.max() ?? 0
        var others: [Finding] = []
        let files = FileWalk.regularFiles(in: registry.path, under: Publications.folder, strays: &others)
        let named = (files + others.compactMap(\.path)).compactMap { CheckpointPath(path: $0)?.size }.max() ?? 0
        // What waits is signed and not published; a copy that was on its way has checkpoints before the rest.
        let isNamed = named > max(size, IncomingFiles.sizeOfBroken(registry) ?? 0)
        guard remembered > ledger.fullHead.size || isNamed else { return nil }
        return Finding(
            "ledger.shrunk", path: RegistryFolder.checkpointName, expected: String(max(remembered, named)),
            actual: String(size),
            "there were more entries than the \(size) of the largest checkpoint that holds here: name a copy that has a "
                + "larger one; or where the log's key is, move what does not hold away from checkpoints/, and 'bitim "
                + "publish' signs the entries again")
    }

    /// An older one that was put back says less than what is kept beside it: the largest that continues it is the latest.
    private func mendOlderCheckpoint(_ ledger: OpenedLedger, _ report: inout RepairReport) async throws -> Bool {
        let own = ledger.publishedHead
        let incomingSize = IncomingFiles.sizeOfBroken(registry) ?? 0
        for candidate in Publications.stored(in: registry, over: max(own.size, incomingSize)) {
            guard let opened = try? open(checkpoint: candidate.bytes), opened.publishedHead.size == candidate.size,
                let tiles = try await provedTiles(opened.publishedHead), let root = try? tiles.root(size: own.size)
            else { continue }
            guard root == own.root else {
                throw RegistryError(
                    .refused, "\(registry.path) holds checkpoints of two histories: nothing was touched",
                    hint: "keep everything, it is evidence, and ask all parties",
                    findings: [
                        Finding(
                            "checkpoint.mismatch", path: CheckpointPath(size: candidate.size)?.path,
                            expected: own.root.hex, actual: root.hex,
                            "the checkpoint does not continue the tree of the latest one")
                    ])
            }
            try placeCheckpoint(candidate.bytes, .ledger, &report)
            return true
        }
        return false
    }

    /// The tiles here, and in the copy where those here do not do; nil when neither lead to the tree.
    private func provedTiles(_ head: TreeHead) async throws -> ProvedTiles? {
        let ledger = registry.ledger
        if let proved = try? ProvedTiles(ledger, head: head) { return proved }
        guard let fileInCopy else { return nil }
        var copied: [TilePath: [SHA256Digest]] = [:]
        for tile in TilePath.rightEdge(forSize: head.size) where tile.isPartial {
            copied[tile] = try await LogRepair.hashes(tile, in: fileInCopy)
        }
        let edge = copied
        return try? ProvedTiles(head: head) { try edge[$0] ?? ledger.hashes($0) }
    }

    private func placeCheckpoint(
        _ bytes: [UInt8], _ origin: RepairReport.Origin, _ report: inout RepairReport
    ) throws {
        try damaged.keep(RegistryFolder.checkpointName)
        try registry.files.replace(RegistryFolder.checkpointName, with: bytes)
        report.add(RegistryFolder.checkpointName, origin)
    }
}
