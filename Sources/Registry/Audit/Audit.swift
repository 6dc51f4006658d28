internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Checks everything there is to check of a registry, and reports all that it finds.
package struct Audit {
    package let registry: RegistryFolder
    package let keys: KeysFolder
    /// POSIX seconds: what pending entries are judged by.
    package let now: Int64
    /// Without signatures nothing but bytes is checked: tree, tiles, checkpoints, documents. That never passes.
    let checksSignatures: Bool
    /// How many cores to use; nil for all.
    let threads: Int?
    /// What is judged in the place of `ledger/checkpoint`, by a copy that has not taken it in yet: its `keys/` may be older.
    var checkpoint: [UInt8]?

    package init(
        registry: RegistryFolder, keys: KeysFolder, now: Int64, checksSignatures: Bool = true, threads: Int? = nil
    ) {
        self.registry = registry
        self.keys = keys
        self.now = now
        self.checksSignatures = checksSignatures
        self.threads = threads
    }

    /// The same as `run`, of a registry that others may be writing to: what is found wrong while they do is looked at again.
    package func runUndisturbed(since kept: [UInt8]? = nil) async throws -> AuditReport {
        var report = try await run(since: kept)
        var tries = Self.mostTries
        while report.verdict != .passed, tries > 0, let isOver = disturbance(since: report) {
            tries -= 1
            var patience = Self.patienceSeconds
            while !isOver(), patience > 0 {
                try await Task.sleep(for: .milliseconds(100))
                patience -= 0.1
            }
            report = try await run(since: kept)
        }
        return report
    }

    private static let mostTries = 3
    private static let patienceSeconds = 30.0

    /// When to look again, where somebody writes to the registry, or has since the audit began; nil where nobody does.
    private func disturbance(since report: AuditReport) -> (() -> Bool)? {
        let lock = registry.fullPath(RegistryFolder.lockName)
        if FileLock.isHeld(lock) { return { !FileLock.isHeld(lock) } }
        let size = (try? OpenedLedger.open(registry: registry, keys: keys, now: now))?.publishedHead.size
        return size.map { $0 != report.treeSize } ?? false ? { true } : nil
    }

    /// - Parameter since: a checkpoint that the auditor kept, when all before it was audited then: only what came after is
    ///   judged. If it is not of this ledger's past that is a finding, and everything is judged.
    /// - Throws: `RegistryError` when there is no registry; a bad one is a report.
    package func run(since kept: [UInt8]? = nil) async throws -> AuditReport {
        let clock = ContinuousClock()
        let start = clock.now
        var report = AuditReport()
        if kept != nil { report.since = .some(nil) }
        do {
            let ledger = try opened(&report).followingPendingIfHere()
            try await run(ledger, since: kept.map { KeptCheckpoint($0, ledger: ledger) }, &report)
        } catch let error as OpenedLedger.Unopenable {
            report.findings += error.findings
        }
        report.verdict = report.findings.verdict
        // Nothing to check never passes.
        if report.verdict == .passed, report.entries == 0 || report.signatures == 0 {
            // That nothing has come since what was audited is an answer.
            let isUpToDate = report.since.map { $0?.size == report.entries } ?? false
            if !isUpToDate || report.entries == 0 { report.verdict = .failed }
        }
        let elapsed = (clock.now - start).components
        report.seconds = Double(elapsed.seconds) + (Double(elapsed.attoseconds) / 1e15).rounded() / 1000
        return report
    }

    /// Where the latest checkpoint does not hold, and that is a finding, what there is to check is the tree of the largest
    /// one that is kept and does.
    private func opened(_ report: inout AuditReport) throws -> OpenedLedger {
        do {
            return try OpenedLedger.open(registry: registry, keys: keys, checkpoint: checkpoint, now: now)
        } catch let error as OpenedLedger.Unopenable where checkpoint == nil {
            for stored in Publications.stored(in: registry, over: 0) {
                guard
                    let ledger = try? OpenedLedger.open(
                        registry: registry, keys: keys, checkpoint: stored.bytes, now: now),
                    ledger.publishedHead.size == stored.size
                else { continue }
                report.findings += error.findings
                return ledger
            }
            throw error
        }
    }

    private func run(
        _ ledger: OpenedLedger, since kept: KeptCheckpoint?, _ report: inout AuditReport
    ) async throws {
        let proved = kept?.proved
        report.evidence = kept?.evidence?.bytes
        if let proved, let continued = try await ContinuedAudit(ledger, from: proved, now: now) {
            report.findings += kept?.findings ?? []
            describe(ledger, in: &report)
            report.findings += continued.report(
                ledger, comparesKeys: checkpoint == nil, in: &report)
            report.findings = report.findings.withoutRepetition()
            return
        }
        let head = ledger.fullHead
        report.findings += kept?.findings ?? []
        describe(ledger, in: &report)
        if !checksSignatures {
            report.findings.append(
                Finding(
                    "signatures.skipped", .indeterminate,
                    "signatures, signers and rules were not checked, as asked: this says nothing of who signed"))
        }
        report.findings += pendingFindings(ledger) + ledger.history.findings

        let certificates = CertificateStore(registry)
        report.findings += certificates.findings
        let publications = Publications(registry, history: ledger.history)
        report.findings += publications.findings
        report.checkpoints = publications.all.count

        var judgedEntries: Int64 = 0
        let documents = DocumentAudit(registry)
        var brought: Set<ContentDigest> = []
        var findings: [Finding] = []
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates,
            scope: checksSignatures ? .from(proved?.size ?? 0) : .documents,
            documents: documents, comparesTiles: true, threads: threads, now: now, expectedEntries: head.size)
        scan.proved = try? ProvedTiles(registry.ledger, head: head)
        try await scan.run(size: head.size) { entry, ofDocuments in
            findings += ofDocuments
            // Named, so that their files belong to something; their bytes were looked at with their entries.
            documents.name(entry)
            brought.formUnion(Strays.certificatesBrought(by: entry))
        } judged: { judged, ofDocuments in
            judgedEntries += 1
            findings += judged.findings
            findings += ofDocuments
            brought.formUnion(Strays.certificatesBrought(by: judged.entry))
        }
        report.entries = scan.judge.state.size
        if let proved {
            report.since = AuditReport.Since(size: proved.size, root: proved.root.hex, checked: judgedEntries)
        }
        report.agreements = scan.judge.state.agreementCount
        report.signatures = scan.signatureCount
        report.documents = documents.counts
        let voided = scan.judge.state.voidedEntries
        report.findings += scan.findings + findings.map { $0.settled(by: voided) }
        report.findings += treeFindings(scan.tiles, head: head)
        report.findings += checkpointFindings(scan, head: head, publications: publications)
        report.findings += Self.certificateFindings(scan.judge.directories, certificates)
        // What files belong to follows from entries, of which some may not be readable, here or to this release.
        let hasAllEntries = scan.tiles.hasAllEntries(expectedRoot: head.root) && ledger.pendingFault == nil
        let isKnown = ledger.history.unrecognisedEntry == nil && hasAllEntries
        if checkpoint == nil {
            report.findings += KeysAgreement.findings(keys, ledger: ledger).map { isKnown ? $0 : $0.undecided() }
        }
        report.findings += try await Strays(
            registry: registry, ledger: ledger, publications: publications, documents: documents,
            commitments: documents.commitments, proved: scan.proved, hasAllEntries: hasAllEntries,
            certificates: certificates, brought: brought,
            certificatesInUse: scan.judge.directories.isEmpty || !hasAllEntries
                ? nil : scan.judge.directories.reduce(into: []) { $0.formUnion($1.certificatesInUse) }
        ).findings(threads: threads ?? InOrder.processorCount)
        report.findings = report.findings.withoutRepetition()
    }

    /// Whose registry it is, and how far it is published.
    private func describe(_ ledger: OpenedLedger, in report: inout AuditReport) {
        report.origin = ledger.constitution.log.origin
        report.identity = ledger.identity.text
        report.demonstration = ledger.constitution.demonstration
        report.treeSize = ledger.publishedHead.size
        report.root = ledger.published?.head.root.hex
        report.quorum.required = ledger.policy.quorumWitnesses.map(\.name.text)
        report.quorum.present = ledger.published?.witnesses ?? []
        if ledger.pinnedIdentity == nil {
            report.findings.append(
                Finding(
                    "identity.unpinned", .indeterminate, path: "keys/identity", actual: ledger.identity.text,
                    "no identity is pinned, so this may be anybody's registry"))
        }
    }

    private func pendingFindings(_ ledger: OpenedLedger) -> [Finding] {
        guard let pending = ledger.pending else { return [ledger.pendingFault].compactMap { $0 } }
        let cosigned = pending.cosigned.isEmpty ? "nobody" : pending.cosigned.joined(separator: ", ")
        let rest =
            pending.quorumMet
            ? "which is enough: 'bitim publish' completes it" : "missing \(pending.waitingFor)"
        return [
            Finding(
                "ledger.pending", .indeterminate, path: RegistryFolder.pendingName,
                expected: (pending.cosigned + pending.missing).joined(separator: ", "), actual: cosigned,
                "\(pending.head.size - ledger.publishedHead.size) entries are signed by the log and not yet published: "
                    + "cosigned by \(cosigned), \(rest)")
        ]
    }

    private func treeFindings(_ tiles: borrowing TileCheck, head: TreeHead) -> [Finding] {
        var findings = tiles.mismatches(expectedRoot: head.root).map(\.finding)
        for damaged in tiles.damagedEntries(expectedRoot: head.root) {
            findings.append(
                Finding(
                    "entry.mismatch", entry: damaged.index, path: "ledger/\(damaged.bundle.path)",
                    expected: damaged.hashInTile.hex, actual: damaged.hashOfEntry.hex,
                    "the entry is not the one that was signed over"))
        }
        return findings
    }

    private func checkpointFindings(
        _ scan: borrowing LedgerScan, head: TreeHead, publications: Publications
    ) -> [Finding] {
        var findings: [Finding] = []
        let ledger = scan.ledger
        // What does not lead to the signed root itself says nothing of the roots before.
        let isProvedByEntries = scan.tiles.root == head.root
        // A copy that was on its way to a larger tree has the checkpoints before the rest has passed.
        let incomingSize = checkpoint == nil ? IncomingFiles.sizeOfBroken(registry) ?? 0 : 0
        for publication in publications.all {
            let path = CheckpointPath(size: publication.head.size)?.path
            if publication.head.size > ledger.fullHead.size, publication.head.size <= incomingSize {
                findings.append(
                    Finding(
                        "ledger.incoming", .indeterminate, path: path, expected: String(publication.head.size),
                        actual: String(ledger.fullHead.size),
                        "a run that brings the copy up to date has not come to its end: the next one goes on"))
            } else if publication.head.size > ledger.fullHead.size {
                findings.append(
                    Finding(
                        "ledger.shrunk", path: path, expected: String(publication.head.size),
                        actual: String(ledger.fullHead.size),
                        "a larger tree was published before: entries are missing"))
            } else if scan.tiles.roots[publication.head.size] != publication.head.root,
                let root = isProvedByEntries
                    ? scan.tiles.roots[publication.head.size] : try? scan.proved?.root(size: publication.head.size),
                root != publication.head.root
            {
                findings.append(
                    Finding(
                        "checkpoint.mismatch", path: path, expected: publication.head.root.hex, actual: root.hex,
                        "the checkpoint is not of this tree"))
            }
        }
        for (earlier, later) in zip(publications.all, publications.all.dropFirst())
        where later.quorumTime < earlier.quorumTime {
            let isSkew = earlier.quorumTime - later.quorumTime <= SignerJudge.clockToleranceSeconds
            findings.append(
                Finding(
                    "checkpoint.time.backwards", isSkew ? .warning : .failed,
                    path: CheckpointPath(size: later.head.size)?.path,
                    expected: "after " + (UTCTime(posixSeconds: earlier.quorumTime)?.text ?? "\(earlier.quorumTime)"),
                    actual: UTCTime(posixSeconds: later.quorumTime)?.text ?? "\(later.quorumTime)",
                    "the checkpoint was cosigned before a smaller one"))
        }
        if let published = ledger.published, publications[published.head.size]?.head != published.head {
            findings.append(
                Finding(
                    "checkpoint.missing", path: CheckpointPath(size: published.head.size)?.path,
                    "the latest checkpoint is not among those that are kept"))
        }
        return findings
    }

    /// Every certificate that the lists name has to be held.
    static func certificateFindings(_ directories: [SignerDirectory], _ certificates: CertificateStore) -> [Finding] {
        let listed = directories.reduce(into: Set<ContentDigest>()) { $0.formUnion($1.listedCertificates) }
        return listed.filter { certificates[$0] == nil }.sorted().map {
            Finding(
                "certificate.missing", .indeterminate, path: RegistryFolder.certificateName($0),
                "a listed signer's certificate is not held")
        }
    }
}

extension [Finding] {
    /// The same list with nothing said twice, in the order of first saying.
    func withoutRepetition() -> [Finding] {
        var seen: Set<Finding> = []
        return filter { seen.insert($0).inserted }
    }
}
