internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Holds a proof, the entry that it is of, and documents of that entry against `keys/` alone: no registry is opened.
/// What this can show, and what it cannot: docs/proofs.md.
struct OfflineVerification {
    let keys: KeysFolder
    /// Of restricted documents among the files.
    let documentKeys: [DocumentKey]
    /// POSIX seconds.
    let now: Int64

    /// - Parameters:
    ///   - proofName: as it was given.
    ///   - others: the entry first among files that are one, then documents.
    /// - Throws: `RegistryError` when a file cannot be read, or no entry is among them.
    func verify(_ proofName: String, _ file: ProofFile, beside others: [String]) throws -> VerificationReport {
        let pinned = try keys.identity()
        var entryFile: EntryFile?
        var documents: [String] = []
        for name in others {
            if entryFile == nil, let entry = try EntryFile(path: name) {
                entryFile = entry
            } else {
                documents.append(name)
            }
        }
        guard let entryFile else {
            throw RegistryError(
                .usage, "there is no entry beside \(proofName)",
                hint:
                    "name the entry that was exported with it: bitim verify X.\(file.isPending ? "pending-proof" : "tlog-proof") X.cms"
            )
        }
        var findings: [Finding] = []
        if pinned == nil {
            findings.append(
                Finding(
                    "identity.unpinned", .indeterminate, path: "keys/identity",
                    "no identity is pinned, so this may be of anybody's registry"))
        }
        var judged: JudgedEntry?
        if let proof = file.proof {
            let (checkpointFindings, publication) = try checkpointFindings(proof, isPending: file.isPending)
            findings += checkpointFindings
            var provedBy = publication?.quorumTime
            do {
                try InclusionProof(index: proof.index, size: proof.checkpoint.size, hashes: proof.hashes)
                    .verify(leafHash: entryFile.entry.leafHash, root: proof.checkpoint.root)
            } catch {
                provedBy = nil
                findings.append(
                    Finding(
                        "proof.inclusion", entry: proof.index, "the entry is not proved to be in the tree: \(error)"))
            }
            if proof.extra != nil {
                findings.append(Finding("proof.extra", .warning, "the proof has extra data, for which nobody vouches"))
            }
            let entry = try OfflineEntry(
                file: entryFile, index: proof.index, origin: proof.checkpoint.origin.text, identity: pinned, keys: keys,
                provedBy: provedBy, now: now
            ).judged()
            judged = entry
            findings += entry.findings
        } else {
            findings.append(Finding("proof.malformed", file.fault ?? "the proof cannot be read"))
        }
        return report(
            proofName, kind: file.isPending ? "pending-proof" : "proof", findings, judged,
            documents: try documents.map { ($0, try documentFindings($0, of: entryFile.entry)) },
            identity: pinned, checkpoint: file.proof?.checkpoint)
    }

    private func report(
        _ proofName: String, kind: String, _ findings: [Finding], _ judged: JudgedEntry?,
        documents: [(name: String, findings: [Finding])], identity: ContentDigest?, checkpoint: Checkpoint?
    ) -> VerificationReport {
        var state = LedgerState()
        // For the title: a registration says itself what its agreement is called.
        if let judged, let statement = judged.entry.statement, let digest = judged.entry.statementDigest,
            case .agreementRegistered = statement.event
        {
            state.apply(statement, statementDigest: digest, leafHash: ContentDigest(judged.entry.leafHash))
        }
        let rows = judged.map { [TrailRow($0, state: state)] } ?? []
        let verdict = judged == nil ? .failed : findings.verdict
        var targets = [
            VerificationReport.Target(
                target: proofName, kind: kind, verdict: verdict, entries: rows,
                findings: findings.withoutRepetition())
        ]
        for (name, found) in documents {
            targets.append(
                VerificationReport.Target(
                    target: name, kind: "document", verdict: max(verdict, found.verdict), entries: rows, findings: found
                ))
        }
        return VerificationReport(
            demonstration: nil, identity: identity?.text, verdict: targets.map(\.verdict).max() ?? .failed,
            targets: targets, treeSize: checkpoint?.size, root: checkpoint?.root.hex)
    }

    // MARK: The checkpoint

    /// Signed by the log, cosigned by the quorum, by the policy of its size; and by nobody else, who would change the
    /// bytes and not the verdict.
    private func checkpointFindings(
        _ proof: TLogProof, isPending: Bool
    ) throws -> (findings: [Finding], publication: Publication?) {
        let pinned: (policy: WitnessPolicy, name: String)?
        do throws(RegistryError) {
            pinned = try keys.policy(forSize: proof.checkpoint.size)
        } catch {
            return ([Finding("keys.policy.malformed", path: "keys/\(KeysFolder.policyName)", error.message)], nil)
        }
        guard let pinned else {
            return (
                [
                    Finding(
                        "keys.policy.missing", .indeterminate, path: "keys/\(KeysFolder.policyName)",
                        "no policy is pinned, so nobody knows whose signatures a checkpoint needs")
                ], nil
            )
        }
        do throws(CheckpointFault) {
            guard isPending else { return ([], try Publications.judge(proof.note.bytes, policy: pinned.policy)) }
            let pending = try PendingCheckpoint(proof.note.bytes, policy: pinned.policy)
            return ([Finding(pendingEntry: proof.index, cosigned: pending.cosigned, missing: pending.missing)], nil)
        } catch {
            return ([Self.finding(of: error, under: pinned.name)], nil)
        }
    }

    /// The latest policy may have been superseded since: a proof that came later bears keys that it does not name.
    private static func finding(of fault: CheckpointFault, under name: String) -> Finding {
        let mayBeOlder = [
            "checkpoint.signature.missing", "checkpoint.signature.unknown", "checkpoint.quorum.missing",
        ].contains(fault.key)
        let path = "keys/\(name)"
        guard mayBeOlder, name == KeysFolder.policyName else { return Finding(fault.key, path: path, "\(fault)") }
        return Finding(
            fault.key, path: path,
            "\(fault), by \(path), which may be older than the proof: "
                + "'bitim keys update' brings it up to date from a copy of the registry")
    }

    // MARK: Documents

    private func documentFindings(_ name: String, of entry: Entry) throws -> [Finding] {
        let content = try DocumentContent(path: name, keys: documentKeys)
        let documents = entry.statement?.event.documents ?? []
        guard let document = documents.first(where: content.isContent) else {
            // A restricted one without its key is as unknown as any other; no digest of it is told.
            return [Finding("document.other-entry", "the document is not one of the exported entry")]
        }
        guard document.sizeBytes == Int64(content.sizeBytes) else {
            return [
                Finding(
                    "document.size", expected: String(document.sizeBytes), actual: String(content.sizeBytes),
                    "the statement gives another size for the document")
            ]
        }
        return []
    }
}
