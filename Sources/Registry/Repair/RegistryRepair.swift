internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Mends what is damaged in a registry: from what else is here, and from a copy where one is named. Nothing is believed
/// that the pinned identity, the quorum's cosignatures, the tree or a digest in an entry does not prove, nothing is signed,
/// and what is replaced is kept in `state/damaged/`.
package struct RegistryRepair {
    let registry: RegistryFolder
    let keys: KeysFolder
    let copy: RegistrySource?
    /// POSIX seconds.
    let now: Int64
    let damaged: DamagedFiles

    package static let damagedFolder = "state/damaged"

    package init(registry: RegistryFolder, keys: KeysFolder, from copy: RegistrySource?, now: Int64) {
        self.registry = registry
        self.keys = keys
        self.copy = copy
        self.now = now
        damaged = DamagedFiles(registry.files, folder: Self.damagedFolder)
    }

    /// - Throws: `RegistryError` when nothing can be told right from wrong: no identity, no checkpoint that holds.
    package func run(progress: CopyProgress? = nil, patienceSeconds: Double = 10) async throws -> RepairReport {
        guard let identity = try keys.identity() else {
            throw RegistryError(
                .refused, "no identity is pinned in \(keys.path), so nobody can tell what is right",
                hint: "write the registry's identity, known from elsewhere, to \(keys.path)/identity")
        }
        let lock = try Registrar.lock(registry, patienceSeconds: patienceSeconds)
        defer { withExtendedLifetime(lock) {} }
        try registry.files.sweepTemporaryFiles()
        var report = RepairReport()
        let ledger = try await opened(identity, &report)
        try clearPending(&report)
        try IncomingFiles.undo(registry, having: [ledger.publishedHead, ledger.fullHead])
        try await mendLedger(ledger, &report, progress)
        try keepLatest(ledger, &report)
        try mendPartials(ledger, &report)
        var audit = try await audited()
        let mendedBefore = report.mended.count
        try await mendFiles(audit.findings, ledger, &report)
        try mendPartials(ledger, &report)
        try await mendIndex(ledger, &report)
        if report.mended.count > mendedBefore { audit = try await audited() }
        if try removeStrangers(audit, &report) { audit = try await audited() }
        report.settle(audit)
        return report
    }

    /// What is no file cannot be replaced by one: the log signs anew what waits.
    private func clearPending(_ report: inout RepairReport) throws {
        guard let kind = Files.kind(registry.fullPath(RegistryFolder.pendingName)), kind != .regular else { return }
        try damaged.takeAway(RegistryFolder.pendingName)
        report.add(RegistryFolder.pendingName, .ledger)
    }

    /// A copy may list certificates that belong to nobody here: which are needed, only the audit tells.
    private func removeStrangers(_ audit: AuditReport, _ report: inout RepairReport) throws -> Bool {
        let copied = Set(report.mended.filter { $0.from == .copy }.map(\.path))
        let strangers = copied.intersection(
            audit.findings.filter { $0.key == "registry.file.unexpected" }.compactMap(\.path))
        for name in strangers { registry.files.remove(name) }
        report.drop(strangers)
        return !strangers.isEmpty
    }

    private func audited() async throws -> AuditReport {
        try await Audit(registry: registry, keys: keys, now: now).run()
    }

    // MARK: The ledger

    private func mendLedger(
        _ ledger: OpenedLedger, _ report: inout RepairReport, _ progress: CopyProgress?
    ) async throws {
        let publishedSize = ledger.publishedHead.size
        var lost = try await mendLedger(ledger, to: ledger.fullHead, &report, progress)
        // What only waits may be gone for good, and what is published need not be.
        if !lost.isEmpty, ledger.pending != nil {
            let waiting = lost.flatMap(\.entries).filter { $0 >= publishedSize }
            lost = try await mendLedger(ledger, to: ledger.publishedHead, &report, progress)
            report.lostEntries = waiting
        }
        report.lostEntries = lost.flatMap(\.entries) + report.lostEntries
    }

    /// - Returns: what is nowhere to be had.
    private func mendLedger(
        _ ledger: OpenedLedger, to head: TreeHead, _ report: inout RepairReport, _ progress: CopyProgress?
    ) async throws -> [LogRepair.Lost] {
        var repair = try LogRepair(folder: registry.files, head: head, keeping: damaged, copy: fileInCopy)
        let bundles = head.size / Int64(TilePath.fullWidth) + (head.size % Int64(TilePath.fullWidth)).signum()
        let outcome = try await repair.run { progress?.report($0, of: bundles) }
        for mended in outcome.mended {
            report.add("ledger/\(mended.file.path)", mended.origin == .copy ? .copy : .ledger)
        }
        return outcome.lost
    }

    /// Those of every published tree that is known by now.
    private func mendPartials(_ ledger: OpenedLedger, _ report: inout RepairReport) throws {
        let publications = Publications(registry, history: ledger.history)
        let sizes = publications.all.map(\.head.size)
        // The pending tree may be one that nothing here leads to, and the published one too.
        for head in Set([ledger.fullHead, ledger.publishedHead]).sorted(by: { $0.size > $1.size }) {
            do {
                let mended = try LogRepair.mendPartials(
                    ofSizes: sizes, folder: registry.files, head: head, keeping: damaged)
                for file in mended { report.add("ledger/\(file.path)", .ledger) }
                return
            } catch let error as LogError {
                if case .file(let fault) = error.problem, case .system = fault.reason { throw fault }
            }
        }
    }

    /// How a file of the log is had from the copy; nil where there is none.
    var fileInCopy: LogRepair.Copy? {
        guard let copy else { return nil }
        return { file in
            let isTile = file.byteCount != nil
            return try await copy.fetch(
                "ledger/\(file.path)",
                maximumBytes: isTile ? TilePath.fullWidth * SHA256Digest.byteCount : EntryBundle.maximumByteCount)
        }
    }

    /// The latest checkpoint is there twice, and each makes the other good.
    private func keepLatest(_ ledger: OpenedLedger, _ report: inout RepairReport) throws {
        guard let published = ledger.published, let path = CheckpointPath(size: published.head.size)?.path else {
            return
        }
        let (stored, _) = Publications.read(path, size: published.head.size, registry, ledger.history)
        guard stored?.head != published.head else { return }
        let bytes = try Files.read(
            registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount)
        try damaged.keep(path)
        try registry.files.replace(path, with: bytes)
        report.add(path, .ledger)
    }

    // MARK: What lies beside it

    /// Documents, certificates and checkpoints that an audit has found wanting.
    private func mendFiles(
        _ findings: [Finding], _ ledger: OpenedLedger, _ report: inout RepairReport
    ) async throws {
        guard let copy else { return }
        let wanted = WantedFiles(findings, registry: registry)
        guard !wanted.isEmpty else { return }
        var files = IncomingFiles(registry: registry, source: copy, damaged: wanted.names)
        if !wanted.certificates.isEmpty { try await files.fetchCertificates(wanted.certificates) }
        let needed = try wanted.documents.isEmpty && wanted.restricted.isEmpty ? NeededFiles() : neededFiles(of: ledger)
        if !wanted.documents.isEmpty {
            try await files.fetchDocuments(needed.documents.filter { wanted.documents.contains($0.key) })
        }
        for size in wanted.checkpointSizes.sorted() {
            guard let path = CheckpointPath(size: size)?.path,
                let bytes = try await copy.fetch(path, maximumBytes: SignedNote.maximumByteCount),
                holds(bytes, size: size, ledger)
            else { continue }
            try files.stage(path, bytes)
        }
        report.refused += files.findings
        for name in files.ready { try damaged.keep(name) }
        try files.place(for: ledger.publishedHead)
        try registry.files.barrier()
        for name in files.ready { report.add(name, .copy) }
        try IncomingFiles.finish(registry)
        try mendRestricted(needed.restricted.filter { wanted.restricted.contains($0.key) }, from: copy, &report)
    }

    /// What the entries that are here name.
    private func neededFiles(of ledger: OpenedLedger) throws -> NeededFiles {
        var needed = NeededFiles()
        var missing = 0
        for bundle in TilePath.bundles(forSize: ledger.fullHead.size) {
            do throws(LogError) {
                for leaf in try registry.ledger.entries(bundle) { needed.take(leaf: leaf) }
                missing = 0
            } catch {
                missing = error.problem == .missing ? missing + 1 : 0
                // A size that nobody has.
                if missing > LogRepair.mostMissing { break }
            }
        }
        return needed
    }

    /// Published, and of this very tree.
    private func holds(_ bytes: [UInt8], size: Int64, _ ledger: OpenedLedger) -> Bool {
        guard size <= ledger.publishedHead.size else { return false }
        let publication = try? ledger.history.judge(checkpoint: bytes) { policy throws(CheckpointFault) in
            try Publications.judge(bytes, policy: policy)
        }
        guard let publication, publication.head.size == size else { return false }
        let root = try? MerkleTree.root(
            size: size, from: registry.ledger.subtrees(size: ledger.publishedHead.size))
        return root == publication.head.root
    }

    /// Restricted documents are served nowhere: only a folder may have them, each with its key.
    ///
    /// - Parameter sizes: of each, in bytes, as its entry gives it.
    private func mendRestricted(
        _ sizes: [DocumentCommitment: Int64], from copy: RegistrySource, _ report: inout RepairReport
    ) throws {
        guard let folder = copy.folder else { return }
        for (commitment, size) in sizes.sorted(by: { $0.key.hex < $1.key.hex }) {
            let name = RegistryFolder.restrictedName(commitment)
            let path = folder.fullPath(name)
            guard let key = try? DocumentKey(path: folder.fullPath(RegistryFolder.restrictedKeyName(commitment))),
                (try? key.commitment(to: path, maximumBytes: Int(clamping: size)).commitment) == commitment
            else { continue }
            for lying in [name, RegistryFolder.restrictedKeyName(commitment)] { try damaged.keep(lying) }
            try registry.placeRestricted([commitment: RestrictedDocument(path: path, key: key)])
            try registry.files.barrier()
            report.add(name, .copy)
        }
    }

    // MARK: The index

    /// A cache: made anew where it does not fit the ledger.
    private func mendIndex(_ ledger: OpenedLedger, _ report: inout RepairReport) async throws {
        let name = RegistryFolder.indexName
        guard Files.kind(registry.fullPath(name)) != nil else { return }
        if let index = IndexUpkeep.opened(ledger), index.size == ledger.publishedHead.size { return }
        for suffix in ["", "-wal", "-shm"] { try damaged.takeAway(name + suffix) }
        if try await IndexUpkeep.current(ledger, now: now) != nil { report.add(name, .ledger) }
    }
}

/// What a copy is asked for: the files that findings name.
private struct WantedFiles {
    private(set) var documents: Set<ContentDigest> = []
    private(set) var certificates: Set<ContentDigest> = []
    private(set) var checkpointSizes: Set<Int64> = []
    private(set) var restricted: Set<DocumentCommitment> = []
    /// Registry-relative.
    private(set) var names: Set<String> = []

    init(_ findings: [Finding], registry: RegistryFolder) {
        for finding in findings {
            // The tree that an entry names, and of which there is no checkpoint.
            if finding.key == "statement.tree.unknown", let size = finding.actual.flatMap({ Int64($0) }),
                let path = CheckpointPath(size: size)?.path
            {
                checkpointSizes.insert(size)
                names.insert(path)
            }
            guard let path = finding.path, finding.key != "registry.file.unexpected" || isLink(path, registry) else {
                continue
            }
            take(path)
        }
    }

    var isEmpty: Bool { names.isEmpty }

    private func isLink(_ path: String, _ registry: RegistryFolder) -> Bool {
        Files.kind(registry.fullPath(path)) != .regular
    }

    private mutating func take(_ path: String) {
        let file = path.split(separator: "/").last.map(String.init) ?? ""
        if let digest = ContentDigest(hex: file), RegistryFolder.documentName(digest) == path {
            documents.insert(digest)
        } else if file.hasSuffix(".der"), let digest = ContentDigest(hex: file.dropLast(4)),
            RegistryFolder.certificateName(digest) == path
        {
            certificates.insert(digest)
        } else if let size = CheckpointPath(path: path)?.size {
            checkpointSizes.insert(size)
        } else if let commitment = DocumentCommitment(text: "hmac-sha256:\(file.prefix(64))"),
            [RegistryFolder.restrictedName(commitment), RegistryFolder.restrictedKeyName(commitment)].contains(path)
        {
            restricted.insert(commitment)
        } else {
            return
        }
        names.insert(path)
    }
}
