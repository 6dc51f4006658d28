internal import Agreements
internal import OpenSSLKit
internal import TiledLog

/// What has left a registry, told by its content: proofs and trails.
extension Verification {
    /// - Returns: nil when there is neither a proof nor a trail among the files.
    func verifyExported(
        _ names: [String], _ documentKeys: [DocumentKey], kept: [UInt8]?
    ) async throws -> VerificationReport? {
        // As elsewhere: a file when there is one of that name, else an agreement's id.
        let files = names.filter { name in
            switch Files.kind(name) {
            case .regular: true
            case .other: AgreementID(name) == nil
            case .folder, nil: false
            }
        }
        let proofs = try files.compactMap { name in try ProofFile(path: name).map { (name, $0) } }
        if let (name, proof) = proofs.first, kept == nil {
            guard proofs.count == 1 else {
                throw RegistryError(
                    .usage, "there are \(proofs.count) proofs", hint: "verify each with its own entry and documents")
            }
            return try OfflineVerification(keys: keys, documentKeys: documentKeys, now: now).verify(
                name, proof, beside: names.filter { $0 != name })
        }
        var trails: [String: VerificationReport] = [:]
        for name in files {
            guard let trail = try TrailFile(path: name) else { continue }
            trails[name] = try await verify(name, trail, kept: kept)
        }
        guard kept == nil || trails.count == Set(names).count else {
            throw RegistryError(
                .usage, "a kept checkpoint is for trails, and for nothing beside them",
                hint: "a proof has its own checkpoint; to hold the ledger against one: bitim audit --since FILE")
        }
        guard !trails.isEmpty else { return nil }
        let others = names.filter { trails[$0] == nil }
        let rest = others.isEmpty ? nil : try await verify(others, keys: documentKeys)
        guard let any = rest ?? trails.values.first else { return nil }
        var remaining = (rest?.targets ?? [])[...]
        let targets = names.compactMap { trails[$0]?.targets.first ?? remaining.popFirst() }
        return VerificationReport(
            demonstration: any.demonstration, identity: any.identity, verdict: targets.map(\.verdict).max() ?? .failed,
            targets: targets, treeSize: any.treeSize, root: any.root)
    }

    private func verify(_ name: String, _ trail: TrailFile, kept: [UInt8]?) async throws -> VerificationReport {
        if let kept, isRegistryOptional, !registry.hasLedger { return try verify(name, trail, against: kept) }
        var check = TrailCheck(registry: registry, keys: keys, now: now)
        let ledger = try await check.check(trail, kept: kept)
        let findings = check.findings.withoutRepetition()
        return VerificationReport(
            demonstration: ledger.constitution.demonstration, identity: ledger.identity.text, verdict: findings.verdict,
            targets: [.init(target: name, kind: "trail", verdict: findings.verdict, entries: [], findings: findings)],
            treeSize: ledger.publishedHead.size, root: ledger.publishedHead.root.hex)
    }

    /// Without a registry.
    private func verify(_ name: String, _ trail: TrailFile, against kept: [UInt8]) throws -> VerificationReport {
        var check = KeptTrailCheck(keys: keys)
        try check.check(trail, against: kept)
        let findings = check.findings.withoutRepetition()
        return VerificationReport(
            demonstration: nil, identity: check.identity?.text, verdict: findings.verdict,
            targets: [.init(target: name, kind: "trail", verdict: findings.verdict, entries: [], findings: findings)],
            treeSize: check.kept?.size, root: check.kept?.root.hex)
    }
}
