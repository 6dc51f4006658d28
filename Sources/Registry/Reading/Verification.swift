internal import Agreements
internal import OpenSSLKit
internal import TiledLog

/// What `bitim verify` says of everything it was given.
package struct VerificationReport: Encodable, Sendable {
    package struct Target: Encodable, Sendable {
        /// As it was given.
        package let target: String
        /// `agreement`, `entry`, `document`, `trail`, `proof`, `pending-proof` or `evidence`.
        package let kind: String
        package let verdict: Verdict
        /// The entries that speak of it.
        package let entries: [TrailRow]
        package let findings: [Finding]
    }

    package let schemaVersion = 1
    /// Nil where no ledger is looked at.
    package let demonstration: Bool?
    /// Nil when none is pinned, and no ledger is looked at.
    package let identity: String?
    package let verdict: Verdict
    package let targets: [Target]
    /// Of the published tree; of a proof, that of its checkpoint, and of a trail without a registry, that of the kept one.
    /// Nil when that cannot be read.
    package let treeSize: Int64?
    package let root: String?
    /// True where an index has said which entries speak of the targets: that no others do rests on it. Not told otherwise.
    package private(set) var restsOnIndex: Bool?

    private enum CodingKeys: CodingKey {
        case schemaVersion, demonstration, identity, verdict, targets, treeSize, root, restsOnIndex
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(demonstration, forKey: .demonstration)
        try container.encode(identity, forKey: .identity)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(targets, forKey: .targets)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
        try container.encodeIfPresent(restsOnIndex, forKey: .restsOnIndex)
    }
}

/// Verifies documents, agreements and exported entries against a registry.
package struct Verification {
    package let registry: RegistryFolder
    package let keys: KeysFolder
    /// POSIX seconds.
    package let now: Int64
    /// Whether a trail may be held against a kept checkpoint alone, where there is no registry.
    let isRegistryOptional: Bool

    package init(registry: RegistryFolder, keys: KeysFolder, now: Int64, isRegistryOptional: Bool = true) {
        self.registry = registry
        self.keys = keys
        self.now = now
        self.isRegistryOptional = isRegistryOptional
    }

    private static let maximumEntryBytes = 1 << 20

    private enum Target {
        case agreement(AgreementID)
        /// A CMS file, which may be an exported entry or itself a document.
        case entry(Entry, DocumentContent)
        case document(DocumentContent)
    }

    /// - Parameters:
    ///   - keys: of restricted documents among the files.
    ///   - kept: a checkpoint that somebody kept, to hold trails against.
    /// - Throws: `RegistryError` when something cannot be read or found out at all.
    package func verify(
        _ names: [String], keys documentKeys: [DocumentKey] = [], kept: [UInt8]? = nil
    ) async throws -> VerificationReport {
        if let evidence = names.first(where: EvidenceVerification.isEvidence) {
            guard names.count == 1 else {
                throw RegistryError(
                    .usage, "\(evidence) is evidence, and is verified alone", hint: "bitim verify \(evidence)")
            }
            return try EvidenceVerification(keys: keys).verify(evidence)
        }
        if let report = try await verifyExported(names, documentKeys, kept: kept) { return report }
        let targets = try names.map { ($0, try target($0, documentKeys)) }
        let selection: RegistryReading.Selection
        let agreements = targets.compactMap { if case .agreement(let id) = $0.1 { id } else { nil } }
        if let id = agreements.first, targets.count == 1 {
            selection = .agreements([id])
        } else if agreements.isEmpty {
            let contents = targets.compactMap { target -> DocumentContent? in
                switch target.1 {
                case .agreement: nil
                case .entry(_, let content), .document(let content): content
                }
            }
            let statements = targets.compactMap {
                if case .entry(let entry, _) = $0.1 { entry.statementDigest } else { nil }
            }
            selection = .content(
                Set(contents.map(\.digest) + statements),
                commitments: contents.reduce(into: []) { $0.formUnion($1.commitments) })
        } else {
            selection = .all
        }
        var reading = try await RegistryReading.read(
            registry: registry, keys: keys, selection: selection, now: now)
        if case .content = selection, !reading.restsOnIndex {
            // An entry is worth what its whole agreement is: all entries of those that were found are judged.
            let found = Set(reading.judged.compactMap { $0.entry.statement?.agreement })
            reading = try await RegistryReading.read(
                registry: registry, keys: keys, selection: .agreements(found), now: now)
        }
        // Documents beside an exported entry must be that entry's own.
        let entries = targets.compactMap {
            if case .entry(let entry, _) = $0.1 { entry.statementDigest } else { nil }
        }
        var judged: [VerificationReport.Target] = []
        for (name, target) in targets {
            if case .agreement(let id) = target,
                !reading.judged.contains(where: { $0.entry.statement?.agreement == id }),
                let error = try await PendingAgreements.error(id, in: reading.ledger, now: now)
            {
                throw error
            }
            judged.append(try judge(name, target, beside: entries, in: reading))
        }
        return VerificationReport(
            demonstration: reading.ledger.constitution.demonstration, identity: reading.ledger.identity.text,
            verdict: judged.map(\.verdict).max() ?? .failed, targets: judged,
            treeSize: reading.ledger.publishedHead.size, root: reading.ledger.publishedHead.root.hex,
            restsOnIndex: reading.restsOnIndex ? true : nil)
    }

    /// A file when there is one of that name, else an agreement's id.
    private func target(_ name: String, _ documentKeys: [DocumentKey]) throws -> Target {
        if Files.kind(name) != .regular, let id = AgreementID(name) { return .agreement(id) }
        let content: DocumentContent
        do {
            content = try DocumentContent(path: name, keys: documentKeys)
        } catch let error as FileError {
            throw RegistryError(
                .unavailable, "\(error)", hint: "give a file, or an agreement's id such as KZ-UZ-2025-06")
        }
        guard !TrailFile.isCSV(path: name) else {
            throw RegistryError(
                .usage, "\(name) is a trail in CSV, which cannot be verified", hint: "export it as JSON: bitim export")
        }
        if content.sizeBytes <= Self.maximumEntryBytes {
            var bytes: [UInt8] = []
            try Files.stream(name, followingLinks: true) { bytes += $0 }
            if let signedData = try? SignedData(derBytes: bytes), let leaf = try? signedData.withoutCertificates() {
                return .entry(Entry(leaf: leaf), content)
            }
        }
        return .document(content)
    }

    private func judge(
        _ name: String, _ target: Target, beside entries: [ContentDigest], in reading: RegistryReading
    ) throws -> VerificationReport.Target {
        switch target {
        case .agreement(let id):
            guard reading.judged.contains(where: { $0.entry.statement?.agreement == id }) else {
                throw RegistryError(
                    .unavailable, "there is no file and no agreement \(id)", hint: "'bitim list' shows the agreements")
            }
            return judgeAgreement(name, id, reading)
        case .entry(let entry, let content):
            // A signature of a national tool may be registered as a document: it is found by its content, as any is.
            let isDocument = reading.judged.contains { judged in
                judged.entry.statement?.event.documents.contains(where: content.isContent) ?? false
            }
            if isDocument { return judgeDocument(name, content, beside: [], reading) }
            return judgeEntry(name, entry, content.digest, reading)
        case .document(let content):
            return judgeDocument(name, content, beside: entries, reading)
        }
    }

    private func judgeAgreement(
        _ name: String, _ id: AgreementID, _ reading: RegistryReading
    ) -> VerificationReport.Target {
        let judged = reading.judged.filter { $0.entry.statement?.agreement == id }
        var findings = judged.flatMap(\.findings) + reading.foundations
        let documents = DocumentAudit(registry)
        for entry in judged { findings += documents.findings(of: entry) }
        return report(name, "agreement", judged, findings, reading)
    }

    private func judgeEntry(_ name: String, _ entry: Entry, _ file: ContentDigest, _ reading: RegistryReading)
        -> VerificationReport.Target
    {
        let match = reading.judged.first {
            $0.entry.statementDigest == entry.statementDigest && entry.statementDigest != nil
        }
        guard let match else {
            let finding = Finding(
                "entry.unknown", actual: entry.statementDigest?.text, "the ledger has no entry with this statement")
            return report(name, "entry", [], [finding], reading)
        }
        var findings = match.findings + reading.foundations
        // What is set aside to find the leaf proves nothing: the file is the leaf, or just what is exported of it.
        let isExported = (try? reading.exportedEntry(match)).map { ContentDigest.of($0) == file } ?? false
        if !isExported, ContentDigest.of(match.entry.leaf) != file {
            findings.append(
                Finding(
                    "entry.variant", .indeterminate, entry: match.index,
                    "the file holds the entry's signatures, and other things beside them than an export does"))
        }
        if match.entry.leafHash != entry.leafHash {
            findings.append(
                Finding(
                    "entry.variant", entry: match.index, expected: match.entry.leafHash.hex, actual: entry.leafHash.hex,
                    "the statement is in the ledger, in other bytes than these signatures"))
        }
        return report(name, "entry", [match], findings, reading)
    }

    private func judgeDocument(
        _ name: String, _ content: DocumentContent, beside entries: [ContentDigest], _ reading: RegistryReading
    ) -> VerificationReport.Target {
        let holding = reading.judged.filter { judged in
            judged.entry.statement?.event.documents.contains(where: content.isContent) ?? false
        }
        guard !holding.isEmpty else {
            // Without its digest: the file may be a restricted document, and this answer end up in a log.
            let finding = Finding("document.unknown", "no agreement in the ledger holds this document")
            return report(name, "document", [], [finding], reading)
        }
        var findings = holding.flatMap(\.findings) + reading.foundations
        let named = holding.filter { $0.entry.statementDigest.map(entries.contains) ?? false }
        if !entries.isEmpty, named.isEmpty {
            findings.append(Finding("document.other-entry", "the document is not one of the exported entry"))
        }
        for judged in holding {
            for document in judged.entry.statement?.event.documents ?? []
            where content.isContent(of: document) && document.sizeBytes != Int64(content.sizeBytes) {
                findings.append(
                    Finding(
                        "document.size", entry: judged.index, expected: String(document.sizeBytes),
                        actual: String(content.sizeBytes),
                        "the statement gives another size for the document"))
            }
        }
        return report(name, "document", entries.isEmpty ? holding : named, findings, reading)
    }

    private func report(
        _ name: String, _ kind: String, _ judged: [JudgedEntry], _ findings: [Finding], _ reading: RegistryReading
    ) -> VerificationReport.Target {
        let voided = reading.state.voidedEntries
        let ofEffect = judged.filter { voided[$0.index] == nil }
        var findings = findings.map { $0.settled(by: voided) }
        for entry in judged {
            guard let voiding = voided[entry.index] else { continue }
            findings.append(
                Finding(voidedEntry: entry, by: voiding, ofEffect.isEmpty ? .failed : .warning))
        }
        return VerificationReport.Target(
            target: name, kind: kind,
            // Nothing to check never passes.
            verdict: ofEffect.isEmpty ? .failed : max(findings.verdict, ofEffect.map(\.verdict).max() ?? .failed),
            entries: judged.map { TrailRow($0, state: reading.state) }, findings: findings.withoutRepetition())
    }
}
