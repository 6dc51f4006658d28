internal import Agreements
internal import OpenSSLKit
internal import TiledLog

/// What `bitim verify` says of everything it was given.
package struct VerificationReport: Encodable, Sendable {
    package struct Target: Encodable, Sendable {
        /// As it was given.
        package let target: String
        /// `agreement`, `entry` or `document`.
        package let kind: String
        package let verdict: Verdict
        /// The entries that speak of it.
        package let entries: [TrailRow]
        package let findings: [Finding]
    }

    package let schemaVersion = 1
    package let demonstration: Bool
    package let identity: String
    package let verdict: Verdict
    package let targets: [Target]
    package let treeSize: Int64
    package let root: String

    private enum CodingKeys: CodingKey { case schemaVersion, demonstration, identity, verdict, targets, treeSize, root }
}

/// Verifies documents, agreements and exported entries against a registry.
package struct Verification {
    package let registry: RegistryFolder
    package let keys: KeysFolder
    /// POSIX seconds.
    package let now: Int64

    package init(registry: RegistryFolder, keys: KeysFolder, now: Int64) {
        self.registry = registry
        self.keys = keys
        self.now = now
    }

    private static let maximumEntryBytes = 1 << 20

    private enum Target {
        case agreement(AgreementID)
        /// A CMS file, which may be an exported entry or itself a document.
        case entry(Entry, file: ContentDigest, sizeBytes: Int)
        case document(ContentDigest, sizeBytes: Int)
    }

    /// - Throws: `RegistryError` when something cannot be read or found out at all.
    package func verify(_ names: [String]) async throws -> VerificationReport {
        let targets = try names.map { ($0, try target($0)) }
        let selection: RegistryReading.Selection
        let agreements = targets.compactMap { if case .agreement(let id) = $0.1 { id } else { nil } }
        if let id = agreements.first, targets.count == 1 {
            selection = .agreements([id])
        } else if agreements.isEmpty {
            selection = .content(
                Set(
                    targets.flatMap { target -> [ContentDigest] in
                        switch target.1 {
                        case .agreement: []
                        case .entry(let entry, let file, _): [entry.statementDigest, file].compactMap { $0 }
                        case .document(let digest, _): [digest]
                        }
                    }))
        } else {
            selection = .all
        }
        var reading = try await RegistryReading.read(registry: registry, keys: keys, selection: selection, now: now)
        if case .content = selection {
            // An entry is worth what its whole agreement is: all entries of those that were found are judged.
            let found = Set(reading.judged.compactMap { $0.entry.statement?.agreement })
            reading = try await RegistryReading.read(
                registry: registry, keys: keys, selection: .agreements(found), now: now)
        }
        // Documents beside an exported entry must be that entry's own.
        let entries = targets.compactMap {
            if case .entry(let entry, _, _) = $0.1 { entry.statementDigest } else { nil }
        }
        var judged: [VerificationReport.Target] = []
        for (name, target) in targets {
            judged.append(try judge(name, target, beside: entries, in: reading))
        }
        return VerificationReport(
            demonstration: reading.ledger.established.demonstration, identity: reading.ledger.identity.text,
            verdict: judged.map(\.verdict).max() ?? .failed, targets: judged,
            treeSize: reading.ledger.publishedHead.size, root: reading.ledger.publishedHead.root.hex)
    }

    /// A file when there is one of that name, else an agreement's id.
    private func target(_ name: String) throws -> Target {
        if Files.kind(name) != .regular, let id = AgreementID(name) { return .agreement(id) }
        let digest: ContentDigest
        let size: Int
        do {
            (digest, size) = try DocumentCheck.digest(of: name, followingLinks: true)
        } catch let error as FileError {
            throw RegistryError(
                .unavailable, "\(error)", hint: "give a file, or an agreement's id such as KZ-UZ-2025-06")
        }
        guard size > 0 else { throw RegistryError(.usage, "\(name) is empty", hint: "nothing to check never passes") }
        if size <= Self.maximumEntryBytes {
            var bytes: [UInt8] = []
            try Files.stream(name, followingLinks: true) { bytes += $0 }
            if let signedData = try? SignedData(derBytes: bytes), let leaf = try? signedData.withoutCertificates() {
                return .entry(Entry(leaf: leaf), file: digest, sizeBytes: size)
            }
        }
        return .document(digest, sizeBytes: size)
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
        case .entry(let entry, let file, let size):
            // A signature of a national tool may be registered as a document: it is found by its content, as any is.
            let isDocument = reading.judged.contains { judged in
                judged.entry.statement?.event.documents.contains { $0.digest == file } ?? false
            }
            if isDocument { return judgeDocument(name, file, size, beside: [], reading) }
            return judgeEntry(name, entry, file, reading)
        case .document(let digest, let size):
            return judgeDocument(name, digest, size, beside: entries, reading)
        }
    }

    private func judgeAgreement(
        _ name: String, _ id: AgreementID, _ reading: RegistryReading
    ) -> VerificationReport.Target {
        let judged = reading.judged.filter { $0.entry.statement?.agreement == id }
        var findings = judged.flatMap(\.findings) + reading.foundations
        for entry in judged {
            for document in entry.entry.statement?.event.documents ?? [] {
                let outcome = DocumentCheck.check(document, registry: registry)
                findings += [
                    DocumentCheck.finding(outcome, document, entry: entry.index, agreement: id.text)
                ].compactMap { $0 }
            }
        }
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
        _ name: String, _ digest: ContentDigest, _ size: Int, beside entries: [ContentDigest],
        _ reading: RegistryReading
    ) -> VerificationReport.Target {
        let holding = reading.judged.filter { judged in
            judged.entry.statement?.event.documents.contains { $0.digest == digest } ?? false
        }
        guard !holding.isEmpty else {
            let finding = Finding(
                "document.unknown", actual: digest.text, "no agreement in the ledger holds this document")
            return report(name, "document", [], [finding], reading)
        }
        var findings = holding.flatMap(\.findings) + reading.foundations
        let named = holding.filter { $0.entry.statementDigest.map(entries.contains) ?? false }
        if !entries.isEmpty, named.isEmpty {
            findings.append(
                Finding("document.other-entry", actual: digest.text, "the document is not one of the exported entry"))
        }
        for judged in holding {
            for document in judged.entry.statement?.event.documents ?? []
            where document.digest == digest && document.sizeBytes != Int64(size) {
                findings.append(
                    Finding(
                        "document.size", entry: judged.index, expected: String(document.sizeBytes),
                        actual: String(size),
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
                Finding(
                    "entry.voided", ofEffect.isEmpty ? .failed : .warning, entry: entry.index,
                    agreement: entry.entry.statement?.agreement?.text, actual: "entry \(voiding)",
                    "the entry is of no effect: the parties have voided it"))
        }
        return VerificationReport.Target(
            target: name, kind: kind,
            // Nothing to check never passes.
            verdict: ofEffect.isEmpty ? .failed : max(findings.verdict, ofEffect.map(\.verdict).max() ?? .failed),
            entries: judged.map { TrailRow($0, state: reading.state) }, findings: findings.withoutRepetition())
    }
}
