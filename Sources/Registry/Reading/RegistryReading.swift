package import Agreements
internal import Glibc
internal import OpenSSLKit
package import TiledLog
internal import TransparencyLog

/// A registry as a reader sees it: published entries, folded, with those that were asked for judged.
package struct RegistryReading: Sendable {
    package let ledger: OpenedLedger
    /// The tree whose entries were read.
    package let head: TreeHead
    package let publications: Publications
    package let state: LedgerState
    /// The judged entries, in order.
    package let judged: [JudgedEntry]
    /// The agreements that were read, in the order of their registration: all of them, or those that were asked for.
    package let agreements: [AgreementState]
    /// Whether an index has said where to look: that there is nothing else of what was asked for then rests on it.
    package let restsOnIndex: Bool

    package enum Selection: Sendable {
        /// Nothing is judged: for listings.
        case none
        /// Nothing is judged: for one who asks the state for this agreement and that.
        case state
        /// Nothing is judged: for a listing of agreements with words that begin so, folded (`SearchText`). There may be
        /// others among those that are read.
        case search([String])
        case all
        /// All entries of these agreements.
        case agreements(Set<AgreementID>)
        /// Entries that name a document with one of these digests or commitments, and those with one of these statements.
        case content(Set<ContentDigest>, commitments: Set<DocumentCommitment> = [])
    }

    /// Reads the published ledger. The tree is computed from the entries and must be the one that the quorum cosigned,
    /// whatever is judged.
    ///
    /// - Parameter size: how many entries to tell of, as was known when there were no more; nil for all. The whole
    ///   published tree is held against its checkpoint all the same.
    package static func read(
        registry: RegistryFolder, keys: KeysFolder, selection: Selection, now: Int64, at size: Int64? = nil
    ) async throws -> RegistryReading {
        let ledger = try open(registry: registry, keys: keys, now: now)
        let published = ledger.publishedHead
        guard size ?? 0 <= published.size else {
            throw RegistryError(
                .unavailable, "the published ledger has \(published.size) entries, not \(size ?? 0)",
                hint: "give a size up to \(published.size)")
        }
        if size == nil, selection.isOfFew,
            let index = try await IndexUpkeep.current(
                ledger, now: now, isMade: selection.isWorthAnIndex),
            // Whatever is wrong with the index, or with what it names: the whole ledger tells.
            let reading = try? read(ledger, index: index, selection: selection, now: now)
        {
            return reading
        }
        return try await read(
            ledger, head: published, selection: selection, now: now, at: size)
    }

    /// - Throws: `RegistryError` also when what is there does not hold.
    package static func open(
        registry: RegistryFolder, keys: KeysFolder, now: Int64 = Int64(time(nil))
    ) throws -> OpenedLedger {
        do {
            return try OpenedLedger.open(registry: registry, keys: keys, now: now)
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry does not hold: \(error.findings.first?.message ?? "")",
                hint: "see 'bitim audit'", findings: error.findings)
        }
    }

    /// Reads the entries of a tree that a checkpoint of this ledger stands for: the published one, an earlier one, or
    /// the pending one.
    package static func read(
        _ ledger: OpenedLedger, head: TreeHead, selection: Selection, now: Int64, at size: Int64? = nil
    ) async throws -> RegistryReading {
        let registry = ledger.registry
        let scope: LedgerScan.Scope
        var publications = Publications()
        var certificates = CertificateStore()
        switch selection {
        case .none, .state, .search: scope = .none
        case .all: scope = .all
        case .agreements(let ids):
            scope = .matching { statement in statement.agreement.map(ids.contains) ?? false }
        case .content(let digests, let commitments):
            scope = .matching { statement in
                statement.event.documents.contains {
                    $0.digest.map(digests.contains) ?? $0.commitment.map(commitments.contains) ?? false
                }
                    || digests.contains(ContentDigest.of(statement.canonicalBytes))
            }
        }
        var ownEvents: OwnEvents?
        if case .none = scope { ownEvents = OwnEvents(registry, size: head.size) }
        if let ownEvents, ownEvents.isEmpty {
            // Nothing is judged, and nothing of the fold depends on it.
        } else {
            publications = Publications(registry, history: ledger.history).including(ledger.published)
            certificates = CertificateStore(registry)
        }
        // Of a large ledger a state of every agreement would take gigabytes: few of them are asked for.
        let isCompact = selection.asksForFewStates && size == nil && head.size >= IndexUse.smallestSize
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates, scope: scope, comparesTiles: false,
            now: now, expectedEntries: isCompact ? head.size : nil, snapshotSize: size, ownEvents: ownEvents)
        var judged: [JudgedEntry] = []
        try await scan.run(size: head.size) { entry, _ in judged.append(entry) }
        if let finding = scan.findings.first {
            throw RegistryError(
                .refused, "\(finding.path ?? registry.path): \(finding.message)", hint: "see 'bitim audit'",
                findings: scan.findings)
        }
        guard scan.tiles.root == head.root else {
            let message = "the entries are not those of the published checkpoint"
            throw RegistryError(
                .refused, message, hint: "'bitim audit' names what is damaged",
                findings: [
                    Finding(
                        "ledger.root.mismatch", path: RegistryFolder.checkpointName, expected: head.root.hex,
                        actual: scan.tiles.root.hex, message)
                ])
        }
        let state = scan.snapshot ?? scan.judge.state
        return RegistryReading(
            ledger: ledger, head: head, publications: publications, state: state,
            judged: judged.filter { $0.index < size ?? .max }, agreements: state.agreements, restsOnIndex: false)
    }

    /// Findings on what everything rests on: a pinned identity and the registry's own events.
    package var foundations: [Finding] {
        var findings = publications.findings
        findings += judged.filter { $0.entry.statement?.agreement == nil }.flatMap(\.findings)
            .map { $0.settled(by: state.voidedEntries) }
        if ledger.pinnedIdentity == nil {
            findings.append(
                Finding(
                    "identity.unpinned", .indeterminate, path: "keys/identity", actual: ledger.identity.text,
                    "no identity is pinned, so this may be anybody's registry"))
        }
        return findings
    }

    /// What an embedded export needs: the certificates of the entry's signers and of their chains.
    ///
    /// - Throws: `RegistryError` when one is not held, `SignedDataError` when the leaf is no CMS.
    package func exportedEntry(_ judged: JudgedEntry) throws -> [UInt8] {
        let (directory, store) = try exporting(judged)
        return try ExportedEntry.bytes(judged, directory: directory, certificates: store)
    }

    /// The same with as many certificates as there are.
    package func availableEntry(_ judged: JudgedEntry) throws -> [UInt8] {
        let (directory, store) = try exporting(judged)
        return ExportedEntry.available(judged, directory: directory, certificates: store)
    }

    private func exporting(_ judged: JudgedEntry) throws -> (SignerDirectory, CertificateStore) {
        let store = CertificateStore(ledger.registry)
        // The lists as they stood before it.
        let constitution = ledger.history.state.constitution(forTreeSize: judged.index)
        return (try SignerDirectory(constitution, certificates: store), store)
    }
}
