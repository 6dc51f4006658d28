package import Agreements
package import OpenSSLKit
package import TiledLog
package import TransparencyLog

/// One checkpoint that was published: signed by the log, and cosigned by the quorum.
package struct Publication: Sendable {
    package let head: TreeHead
    /// POSIX seconds.
    package let earliestCosignature: Int64
    /// When the quorum was complete, in POSIX seconds.
    package let quorumTime: Int64
    /// The witnesses that cosigned, by their names in the policy.
    package let witnesses: [String]
}

/// Every checkpoint ever published, by size: the proof of *when*.
package struct Publications: Sendable {
    /// Ascending by size, each size once.
    package private(set) var all: [Publication] = []
    private var allFindings: [Finding] = []
    /// Where the others are read when they are asked for; `all` then has only what was added since.
    private var others: PublicationFolder?

    package var findings: [Finding] { allFindings + (others?.findings ?? []) }

    static let folder = "checkpoints"

    package init() {}

    /// Reads and verifies `checkpoints/`. What does not hold is a finding, and otherwise as good as not there.
    package init(_ registry: RegistryFolder, history: RegistryHistory) {
        for path in FileWalk.regularFiles(in: registry.path, under: Self.folder, strays: &allFindings) {
            guard let name = CheckpointPath(path: path) else {
                allFindings.append(
                    Finding("registry.file.unexpected", .indeterminate, path: path, "a file that belongs to nothing"))
                continue
            }
            let (publication, finding) = Self.read(path, size: name.size, registry, history)
            if let publication { all.append(publication) }
            if let finding { allFindings.append(finding) }
        }
        all.sort { $0.head.size < $1.head.size }
    }

    /// Reads those that are asked for, and only them: each must be one of the tree's own.
    init(lazily registry: RegistryFolder, history: RegistryHistory, tiles: ProvedTiles) {
        others = PublicationFolder(registry, history: history, tiles: tiles)
    }

    /// One file, and what is wrong with it.
    static func read(
        _ path: String, size: Int64, _ registry: RegistryFolder, _ history: RegistryHistory
    ) -> (Publication?, Finding?) {
        do {
            let bytes = try Files.read(registry.fullPath(path), maximumBytes: SignedNote.maximumByteCount)
            let publication = try history.judge(checkpoint: bytes) { policy throws(CheckpointFault) in
                try judge(bytes, policy: policy)
            }
            guard publication.head.size == size else {
                return (
                    nil,
                    Finding(
                        "checkpoint.misplaced", path: path, expected: String(size),
                        actual: String(publication.head.size), "the checkpoint is of another size than its path")
                )
            }
            return (publication, nil)
        } catch let error as CheckpointFault {
            return (nil, error.finding(path: path))
        } catch {
            return (nil, Finding("checkpoint.unreadable", path: path, "\(error)"))
        }
    }

    /// The files of checkpoints of larger trees, the largest first and unjudged.
    static func stored(in registry: RegistryFolder, over size: Int64) -> [(size: Int64, bytes: [UInt8])] {
        var strays: [Finding] = []
        let paths = FileWalk.regularFiles(in: registry.path, under: folder, strays: &strays)
            .compactMap { CheckpointPath(path: $0) }.filter { $0.size > size }.sorted { $0.size > $1.size }
        return paths.prefix(mostStored).compactMap { path in
            (try? Files.read(registry.fullPath(path.path), maximumBytes: SignedNote.maximumByteCount))
                .map { (path.size, $0) }
        }
    }

    /// Each is judged by all that the ledger says of keys: of many that do not hold, the latest are enough.
    private static let mostStored = 32

    /// A published checkpoint's bytes, judged by the policy.
    package static func judge(_ bytes: [UInt8], policy: WitnessPolicy) throws(CheckpointFault) -> Publication {
        let evaluation = try CheckpointFault.evaluate(bytes, policy: policy)
        guard evaluation.quorumMet, let quorumTime = evaluation.quorumTime,
            let earliest = evaluation.earliestQuorumCosignatureTime
        else {
            throw CheckpointFault(
                "checkpoint.quorum.missing",
                "the quorum has not cosigned: missing \(evaluation.need.words.joined(separator: ", "))"
            )
        }
        return Publication(
            head: TreeHead(size: evaluation.checkpoint.size, root: evaluation.checkpoint.root),
            earliestCosignature: earliest, quorumTime: quorumTime,
            witnesses: policy.witnesses.map(\.name).filter { evaluation.cosignatureTimes[$0] != nil }.map(\.text))
    }

    /// With the latest checkpoint, which may be missing among those that are kept.
    package func including(_ latest: Publication?) -> Publications {
        guard let latest, self[latest.head.size] == nil else { return self }
        var merged = self
        merged.all.append(latest)
        merged.all.sort { $0.head.size < $1.head.size }
        return merged
    }

    /// Those that are of this very tree.
    package func confirmed(by roots: [Int64: SHA256Digest]) -> Publications {
        var confirmed = self
        confirmed.all.removeAll { roots[$0.head.size] != $0.head.root }
        return confirmed
    }

    package mutating func append(_ publication: Publication) { all.append(publication) }

    package subscript(size: Int64) -> Publication? {
        let position = firstPosition { $0 >= size }
        if position < all.count, all[position].head.size == size { return all[position] }
        return others?.publication(ofSize: size)
    }

    /// The first checkpoint that includes the entry.
    package func first(including index: Int64) -> Publication? {
        let position = firstPosition { $0 > index }
        let added = position < all.count ? all[position] : nil
        guard let other = others?.first(from: index + 1) else { return added }
        return added.map { $0.head.size < other.head.size ? $0 : other } ?? other
    }

    /// Whether the partial tile or bundle is of the size of a published checkpoint, or of the pending one.
    package func promise(_ tile: TilePath, pending: TreeHead) -> Bool {
        let level =
            switch tile.content {
            case .hashes(let level): level
            case .entries: 0
            }
        // 256^7 leaves fit into an Int64, 256^8 do not.
        guard level < 8 else { return false }
        func isOf(_ size: Int64) -> Bool {
            let count = size >> Int64(8 * level)
            return count / Int64(TilePath.fullWidth) == tile.index && count % Int64(TilePath.fullWidth) == tile.width
        }
        if isOf(pending.size) { return true }
        if let others {
            // The first size at which the tile is so wide.
            let (reached, overflow) = (tile.index * Int64(TilePath.fullWidth) + Int64(tile.width))
                .multipliedReportingOverflow(by: 1 << Int64(8 * level))
            // Also of one that does not hold: it may still be somebody's.
            if !overflow, let size = others.sizes.first(from: reached), isOf(size) { return true }
        }
        let position = firstPosition { size in
            let count = size >> Int64(8 * level)
            return (count / Int64(TilePath.fullWidth), Int(count % Int64(TilePath.fullWidth))) >= (
                tile.index, tile.width
            )
        }
        return position < all.count && isOf(all[position].head.size)
    }

    package func proved(index: Int64, tree: TreeReference?) -> ProvedInterval {
        ProvedInterval(
            notBefore: tree.flatMap { self[$0.size]?.earliestCosignature },
            notAfter: first(including: index)?.quorumTime)
    }

    private func firstPosition(where isReached: (Int64) -> Bool) -> Int {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if isReached(all[middle].head.size) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Why a checkpoint does not count.
package struct CheckpointFault: Error, Sendable, CustomStringConvertible {
    package let key: String
    package let description: String
    /// Failed, unless nobody here can tell.
    private let severity: Finding.Severity

    init(_ key: String, _ description: String, _ severity: Finding.Severity = .failed) {
        self.key = key
        self.description = description
        self.severity = severity
    }

    package func finding(path: String?) -> Finding { Finding(key, severity, path: path, description) }

    /// The same fault under another key.
    func named(_ key: String, _ description: String) -> CheckpointFault { CheckpointFault(key, description, severity) }

    func undecided(because entry: Int64) -> CheckpointFault {
        CheckpointFault(
            key,
            "\(description); entry \(entry), of a version that is not known to this program, may have changed the keys",
            .indeterminate)
    }

    /// What a note says and who signed it: at least the log, and nobody whom the policy does not know.
    package static func evaluate(
        _ bytes: [UInt8], policy: WitnessPolicy
    ) throws(CheckpointFault) -> WitnessPolicy.Evaluation {
        let evaluation: WitnessPolicy.Evaluation
        do {
            evaluation = try policy.evaluate(note: SignedNote(parsing: bytes))
        } catch let error as PolicyEvaluationError {
            switch error {
            case .checkpoint: throw CheckpointFault("checkpoint.malformed", "\(error)")
            case .note: throw CheckpointFault("checkpoint.signature.invalid", "\(error)")
            }
        } catch {
            throw CheckpointFault("checkpoint.malformed", "\(error)")
        }
        guard !evaluation.logs.isEmpty else {
            throw CheckpointFault("checkpoint.signature.missing", "the log has not signed the checkpoint")
        }
        guard evaluation.checkpoint.extensionLines.isEmpty else {
            throw CheckpointFault("checkpoint.extension", "the checkpoint has extension lines")
        }
        // Lines of nobody that counts would change the bytes and not the verdict.
        guard evaluation.unknownSignatures.isEmpty else {
            throw CheckpointFault("checkpoint.signature.unknown", "the checkpoint has signatures of unknown keys")
        }
        return evaluation
    }
}
