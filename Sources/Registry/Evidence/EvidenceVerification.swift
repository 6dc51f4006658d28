internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Holds proof of misbehaviour against `keys/policy` alone: that both checkpoints are the log's own, and that no tree has
/// both.
struct EvidenceVerification {
    private static let start = Array("bitim-evidence ".utf8)

    let keys: KeysFolder

    static func isEvidence(_ path: String) -> Bool {
        guard Files.kind(path) == .regular else { return false }
        return (try? Files.start(of: path, count: start.count, followingLinks: true)) == start
    }

    func verify(_ path: String) throws -> VerificationReport {
        let bytes = try Files.start(
            of: path, count: MisbehaviourEvidence.maximumByteCount + 1, followingLinks: true)
        let evidence: MisbehaviourEvidence
        do {
            evidence = try MisbehaviourEvidence(parsing: bytes)
        } catch {
            return try report(path, [Finding("evidence.malformed", "\(error)")], nil)
        }
        var findings: [Finding] = []
        for note in [evidence.first, evidence.second] {
            if let finding = try signatureFinding(note) { findings.append(finding) }
        }
        do {
            try evidence.verify()
        } catch {
            findings.append(Finding("evidence.consistent", "\(error)"))
        }
        if findings.isEmpty {
            let (first, second) = (evidence.firstCheckpoint, evidence.secondCheckpoint)
            findings.append(
                Finding(
                    EvidenceFile.forkedKey, .warning, expected: "\(first.size):\(first.root.hex)",
                    actual: "\(second.size):\(second.root.hex)",
                    "the log \(first.origin.text) has signed two histories: no tree has both of these roots"))
        }
        return try report(path, findings, evidence)
    }

    /// Nil where the log has signed the checkpoint with the key that it had for a tree of that size.
    private func signatureFinding(_ note: SignedNote) throws -> Finding? {
        let size = try Checkpoint(parsing: note.text).size
        guard let (policy, name) = try keys.policy(forSize: size) else {
            return Finding(
                "evidence.policy.missing", .indeterminate, path: "keys/\(KeysFolder.policyName)",
                "there is no policy, so nobody here knows the log's key")
        }
        do {
            let evaluation = try policy.evaluate(note: note)
            guard evaluation.unknownSignatures.isEmpty else {
                return Finding(
                    "evidence.signature.unknown", "the checkpoint of \(size) entries has signatures of unknown keys")
            }
            guard evaluation.logs.isEmpty else { return nil }
            return Finding(
                "evidence.unsigned", path: "keys/\(name)",
                "the checkpoint of \(size) entries is not signed by the log that is trusted here")
        } catch {
            return Finding(
                "evidence.unsigned", path: "keys/\(name)", "the checkpoint of \(size) entries does not hold: \(error)")
        }
    }

    private func report(
        _ path: String, _ findings: [Finding], _ evidence: MisbehaviourEvidence?
    ) throws -> VerificationReport {
        VerificationReport(
            demonstration: nil, identity: try keys.identity()?.text, verdict: findings.verdict,
            targets: [
                VerificationReport.Target(
                    target: path, kind: "evidence", verdict: findings.verdict, entries: [], findings: findings)
            ], treeSize: evidence?.secondCheckpoint.size, root: evidence?.secondCheckpoint.root.hex)
    }
}
