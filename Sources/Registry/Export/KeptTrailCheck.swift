internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Holds a trail against a checkpoint that somebody kept, with nothing but `keys/`: no registry is opened. A trail has its
/// entries' leaf hashes and not their bytes, so it is never passed here. What can be shown, and what cannot:
/// docs/audit-trail.md.
struct KeptTrailCheck {
    let keys: KeysFolder

    private(set) var findings: [Finding] = []
    /// Of the kept checkpoint, if it holds.
    private(set) var kept: TreeHead?
    private(set) var identity: ContentDigest?

    init(keys: KeysFolder) { self.keys = keys }

    /// - Throws: `RegistryError` when `keys/identity` cannot be read as what it should be.
    mutating func check(_ file: TrailFile, against note: [UInt8]) throws {
        identity = try keys.identity()
        if identity == nil {
            findings.append(
                Finding(
                    "identity.unpinned", .indeterminate, path: "keys/identity",
                    "no identity is pinned, so this may be of anybody's registry"))
        }
        let origin = readCheckpoint(note)
        guard let claim = TrailClaim(file, findings: &findings) else { return }
        let rows = TrailRows(claim)
        findings += rows.findings
        compareRegistry(claim, rows, origin: origin)
        compareCounts(claim, rows)
        compareRoots(claim, rows)
        findings += TrailVerdict.findings(rows.rows)
        findings.append(
            Finding(
                "trail.contents.unproved", .indeterminate, path: "rows",
                "what the rows say of their entries, such as titles, signers and times, only the entries show: hold the trail against a registry"
            ))
    }

    /// - Returns: the origin of the log, if the checkpoint holds.
    private mutating func readCheckpoint(_ note: [UInt8]) -> String? {
        let size = (try? SignedNote(parsing: note)).flatMap { try? Checkpoint(parsing: $0.text).size }
        let pinned: (policy: WitnessPolicy, name: String)?
        do throws(RegistryError) {
            pinned = try keys.policy(forSize: size ?? 0)
        } catch {
            findings.append(Finding("keys.policy.malformed", path: "keys/\(KeysFolder.policyName)", error.message))
            return nil
        }
        guard let pinned else {
            findings.append(
                Finding(
                    "keys.policy.missing", .indeterminate, path: "keys/\(KeysFolder.policyName)",
                    "no policy is pinned, so nobody knows whose signatures a checkpoint needs"))
            return nil
        }
        let origins = pinned.policy.logs.map(\.key.name.value.text)
        do throws(CheckpointFault) {
            let (head, origin) = try KeptCheckpoint.judge(note, origins: origins, policy: pinned.policy)
            kept = head
            return origin
        } catch {
            findings.append(error.finding(path: nil))
            return nil
        }
    }

    private mutating func compareRegistry(_ claim: TrailClaim, _ rows: TrailRows, origin: String?) {
        guard let members = claim.members["registry"]?.membersByKey, members.count == 3,
            case .string(let claimedOrigin)? = members["origin"],
            case .string(let claimedIdentity)? = members["identity"], case .bool? = members["demonstration"]
        else {
            return findings.append(
                .malformedTrail("it is not an origin, an identity and demonstration", at: "registry"))
        }
        func require(_ expected: String?, _ actual: String, at path: String, _ message: String) {
            guard let expected, expected != actual else { return }
            findings.append(
                Finding(
                    "trail.registry.mismatch", path: path, expected: expected,
                    actual: CanonicalJSON.string(actual).excerpt, message))
        }
        require(origin, claimedOrigin, at: "registry.origin", "the kept checkpoint is of another log")
        require(identity?.text, claimedIdentity, at: "registry.identity", "another registry's identity is pinned")
        // Entry 0 is the identity.
        if claim.agreement == nil, rows.isWhole, let first = rows.leafHashes.first {
            require(
                ContentDigest(first).text, claimedIdentity, at: "registry.identity",
                "entry 0 of the trail is another registry's")
        }
    }

    private mutating func compareCounts(_ claim: TrailClaim, _ rows: TrailRows) {
        guard case .array(let all)? = claim.members["rows"] else { return }
        let counted: [String: Int] = [
            "rows": all.count, "passed": rows.rows.count { $0.verdict == .passed },
            "indeterminate": rows.rows.count { $0.verdict == .indeterminate },
            "failed": rows.rows.count { $0.verdict == .failed },
        ]
        let made = CanonicalJSON.object(
            counted.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .integer(Int64($0.value))) })
        var comparison = TrailComparison()
        comparison.compare(
            claim.members["counts"], with: made, at: "counts", key: "trail.counts.mismatch",
            "the trail itself has other rows")
        findings += comparison.findings
        guard case .array? = claim.members["findings"] else {
            return findings.append(.malformedTrail("the findings are missing, or no list", at: "findings"))
        }
    }

    // MARK: The tree

    private mutating func compareRoots(_ claim: TrailClaim, _ rows: TrailRows) {
        let isTree = claim.agreement == nil && rows.isWhole
        if isTree {
            require(MerkleTree.root(of: rows.leafHashes), claim.root, "the rows' leaf hashes lead to another root")
        }
        guard let kept else { return }
        if claim.size == kept.size {
            require(kept.root, claim.root, "the kept checkpoint of \(kept.size) entries has another root")
        } else if claim.size < kept.size {
            findings.append(
                Finding(
                    "trail.checkpoint.unproved", .indeterminate, path: "checkpoint.size", expected: String(kept.size),
                    actual: String(claim.size),
                    "that the kept checkpoint continues the trail's, only the ledger shows, and what came in between"))
        } else if isTree {
            require(
                MerkleTree.root(of: rows.leafHashes.prefix(Int(kept.size))), kept,
                "the first \(kept.size) rows are not the entries of the kept checkpoint")
        }
        guard isTree else {
            return unproved("that the rows are of the tree, and that none is left out, only the ledger shows")
        }
        if claim.size > kept.size {
            unproved("the rows from entry \(kept.size) on came after the kept checkpoint, which says nothing of them")
        }
    }

    private mutating func unproved(_ message: String) {
        findings.append(Finding("trail.rows.unproved", .indeterminate, path: "rows", message))
    }

    private mutating func require(_ expected: SHA256Digest, _ root: String, _ message: String) {
        guard expected.hex != root else { return }
        findings.append(
            Finding(
                "trail.checkpoint.mismatch", path: "checkpoint.root", expected: expected.hex,
                actual: CanonicalJSON.string(root).excerpt, message))
    }

    private mutating func require(_ computed: SHA256Digest, _ kept: TreeHead, _ message: String) {
        guard computed != kept.root else { return }
        findings.append(
            Finding(
                "trail.checkpoint.mismatch", path: "rows", expected: kept.root.hex, actual: computed.hex, message))
    }
}
