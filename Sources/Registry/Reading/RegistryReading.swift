package import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// A registry as a reader sees it: published entries, folded, with those that were asked for judged.
package struct RegistryReading: Sendable {
    package let ledger: OpenedLedger
    package let publications: Publications
    package let state: LedgerState
    /// The judged entries, in order.
    package let judged: [JudgedEntry]

    package enum Selection: Sendable {
        /// Nothing is judged: for listings.
        case none
        case all
        /// All entries of these agreements.
        case agreements(Set<AgreementID>)
        /// Entries that name a document with one of these digests, and those with one of these statements.
        case content(Set<ContentDigest>)
    }

    /// Reads the published ledger. The tree is computed from the entries and must be the one that the quorum cosigned,
    /// whatever is judged.
    package static func read(
        registry: RegistryFolder, keys: KeysFolder, selection: Selection, now: Int64
    ) async throws -> RegistryReading {
        let ledger = try OpenedLedger.openForReading(registry: registry, keys: keys)
        let scope: LedgerScan.Scope
        var publications = Publications()
        var certificates = CertificateStore()
        switch selection {
        case .none: scope = .none
        case .all: scope = .all
        case .agreements(let ids):
            scope = .matching { statement in statement.agreement.map(ids.contains) ?? false }
        case .content(let digests):
            scope = .matching { statement in
                statement.event.documents.contains { $0.digest.map(digests.contains) ?? false }
                    || digests.contains(ContentDigest.of(statement.canonicalBytes))
            }
        }
        if case .none = selection {
        } else {
            publications = Publications(registry, policy: ledger.policy).including(ledger.published)
            certificates = CertificateStore(registry)
        }
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates, scope: scope, comparesTiles: false, now: now
        )
        var judged: [JudgedEntry] = []
        try await scan.run(size: ledger.publishedHead.size) { judged.append($0) }
        if let finding = scan.findings.first {
            throw RegistryError(
                .refused, "\(finding.path ?? registry.path): \(finding.message)", hint: "see 'bitim audit'",
                findings: scan.findings)
        }
        guard scan.tiles.root == ledger.publishedHead.root else {
            throw RegistryError(
                .refused, "the entries are not those of the published checkpoint",
                hint: "'bitim audit' names what is damaged",
                findings: [
                    Finding(
                        "ledger.root.mismatch", path: RegistryFolder.checkpointName,
                        expected: ledger.publishedHead.root.hex, actual: scan.tiles.root.hex,
                        "the entries are not those of the published checkpoint")
                ])
        }
        return RegistryReading(
            ledger: ledger, publications: publications, state: scan.judge.state, judged: judged)
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
    package func exportedEntry(_ judged: JudgedEntry) throws -> [UInt8] {
        let store = CertificateStore(ledger.registry)
        let directory = try SignerDirectory(ledger.established, certificates: store)
        var embedded: [Certificate] = []
        for signer in judged.signers {
            guard let fingerprint = signer.certificate, let certificate = store[fingerprint] else {
                throw RegistryError(
                    .unavailable, "a signer's certificate is not held, so the entry cannot be exported with it",
                    hint: "'bitim audit' names the missing file")
            }
            embedded.append(certificate)
            // The anchor stays out: who verifies brings it.
            for link in directory.standing(of: certificate).chain?.fingerprints.dropFirst().dropLast() ?? [] {
                if let intermediate = store[ContentDigest(link)] { embedded.append(intermediate) }
            }
        }
        var seen: Set<SHA256Digest> = []
        embedded = embedded.filter { seen.insert($0.fingerprint).inserted }
        return try SignedData.embed(embedded, in: judged.entry.leaf)
    }
}
