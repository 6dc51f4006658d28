internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Files of a registry that belong to nothing, and promised ones that only this look can find wrong: the partial tiles
/// of older checkpoints.
struct Strays: Sendable {
    let registry: RegistryFolder
    let ledger: OpenedLedger
    let publications: Publications
    let documents: DocumentAudit
    let commitments: Set<DocumentCommitment>
    /// Nil when the tiles do not lead to the signed root.
    let proved: ProvedTiles?
    /// Whether every entry was read that may name a file. Where not, nobody can tell what belongs to nothing; why not is
    /// told elsewhere, and is never passed.
    let hasAllEntries: Bool
    let certificates: CertificateStore
    /// By changes that were registered, of effect or not.
    let brought: Set<ContentDigest>
    /// What the lists and the chains of listed signers are made of; nil when they are not known.
    let certificatesInUse: Set<ContentDigest>?

    static func certificatesBrought(by entry: Entry) -> [ContentDigest] {
        guard case .registryChanged(let change)? = entry.statement?.event else { return [] }
        return change.listChanges.filter { $0.action == .add }.map(\.certificate)
    }

    func findings(threads: Int) async throws -> [Finding] {
        var findings: [Finding] = []
        var walked: [String] = []
        // `state/` can be rebuilt and is not served; certificates and checkpoints were walked when they were read.
        let names = FileWalk.listed(".", &findings) { () throws(FileError) in try Files.names(in: registry.path) }
        for name in names {
            guard Files.kind(registry.fullPath(name)) == .folder else {
                findings.append(Self.folders.contains(name) ? Self.noFolder(name) : Self.unexpected(name))
                continue
            }
            switch name {
            case "state", "checkpoints": continue
            case "certificates": findings += certificateStrays()
            case EvidenceFile.folder: findings += evidenceHeld()
            case "documents", "ledger", RegistryFolder.restrictedFolder:
                if name == RegistryFolder.restrictedFolder { findings += openToOthers(name) }
                walked.append(name)
            default:
                findings.append(Self.unexpected(name))
            }
        }
        // Level by level, a folder at a time: what is held of a folder goes before the next one.
        while !walked.isEmpty {
            var folders: [String] = []
            try await InOrder.run(walked, workers: threads) {
                judge(folder: $0)
            } take: { found in
                findings += found.findings
                folders += found.folders
                return true
            }
            walked = folders
        }
        return findings + missingPromised()
    }

    private func judge(folder: String) -> (findings: [Finding], folders: [String]) {
        var findings: [Finding] = []
        let (files, folders) = FileWalk.contents(of: folder, in: registry.path, strays: &findings)
        for name in files where !isDocument(name, in: folder) { findings += judge("\(folder)/\(name)") }
        return (findings, folders)
    }

    /// Partial tiles and bundles of published checkpoints that are not there. They are needed while the full ones are not,
    /// and may stay beside them: a process may have died before it removed them.
    private func missingPromised() -> [Finding] {
        var missing: Set<TilePath> = []
        // Of larger trees than this one it is said elsewhere that they are not here.
        let sizes = publications.all.map(\.head.size).filter { $0 < ledger.fullHead.size }
        for size in sizes + [ledger.fullHead.size] {
            var edge = TilePath.rightEdge(forSize: size)
            if let width = edge.first?.width, let index = edge.first?.index,
                let bundle = TilePath(.entries, index: index, width: width)
            {
                edge.append(bundle)
            }
            for tile in edge where tile.isPartial && tile.width(inTreeOfSize: ledger.fullHead.size) < TilePath.fullWidth
            {
                if !isThere(tile), !isThere(tile.full) { missing.insert(tile) }
            }
        }
        return missing.map { "ledger/\($0.path)" }.sorted().map {
            Finding("ledger.tile.missing", path: $0, "a tile of a published checkpoint is missing")
        }
    }

    private func isThere(_ tile: TilePath) -> Bool {
        Files.kind(registry.fullPath("ledger/\(tile.path)")) == .regular
    }

    private func judge(_ path: String) -> [Finding] {
        if path == RegistryFolder.checkpointName { return [] }
        // One that an entry names is known by now.
        if path.hasPrefix("documents/") { return [Self.unexpected(path)] }
        if path.hasPrefix("\(RegistryFolder.restrictedFolder)/") { return restrictedStray(path) }
        guard path.hasPrefix("ledger/"), let tile = TilePath(path: String(path.dropFirst(7))) else {
            return [Self.unexpected(path)]
        }
        let width = tile.width(inTreeOfSize: ledger.fullHead.size)
        // The pass over the entries has read this very tile.
        if width == tile.width { return [] }
        // It may be of the pending tree, which cannot be followed.
        if width < tile.width, ledger.pendingFault != nil { return [] }
        guard tile.width < width, publications.promise(tile, pending: ledger.fullHead) else {
            return [Self.unexpected(path)]
        }
        return isWrong(tile)
            ? [Finding("ledger.tile.mismatch", path: path, "the partial tile is not the beginning of the full one")]
            : []
    }

    /// Whether it holds what was not signed over. Not told by the wider one, which may itself be the damaged one.
    private func isWrong(_ tile: TilePath) -> Bool {
        guard
            let bytes = try? Files.read(
                registry.fullPath("ledger/\(tile.path)"), maximumBytes: EntryBundle.maximumByteCount)
        else { return true }
        let level: Int
        let hashes: [UInt8]
        switch tile.content {
        case .entries:
            guard let entries = try? EntryBundle(parsing: bytes, width: tile.width).entries else { return true }
            level = 0
            hashes = entries.flatMap { MerkleTree.leafHash($0).bytes }
        case .hashes(let ofTile):
            guard bytes.count == tile.byteCount else { return true }
            level = ofTile
            hashes = bytes
        }
        let first = tile.index * Int64(TilePath.fullWidth)
        let right = try? (first..<first + Int64(tile.width)).compactMap {
            try proved?.subtree(level: 8 * level, index: $0)
        }
        guard let right, right.count == tile.width else { return false }
        return hashes != right.flatMap(\.bytes)
    }

    /// Whether the file lies where a document that an entry names, or may name, belongs: `documents/<ab>/<sha256>`.
    private func isDocument(_ name: String, in folder: String) -> Bool {
        guard let digest = ContentDigest(hex: name) else { return false }
        return folder.utf8.elementsEqual("documents/\(name.prefix(2))".utf8)
            && (documents.isNamed(digest) || !hasAllEntries)
    }

    /// A restricted document or its key; what is being written is swept by the next writer.
    private func restrictedStray(_ path: String) -> [Finding] {
        if path.hasPrefix("\(RegistryFolder.restrictedTemporary)/") { return [] }
        let parts = path.split(separator: "/")
        guard parts.count == 3, let commitment = DocumentCommitment(text: "hmac-sha256:\(parts[2].prefix(64))"),
            [RegistryFolder.restrictedName(commitment), RegistryFolder.restrictedKeyName(commitment)].contains(path),
            commitments.contains(commitment) || !hasAllEntries
        else { return [Self.unexpected(path)] + openToOthers(path) }
        return openToOthers(path)
    }

    /// Restricted documents and their keys are their keeper's alone.
    private func openToOthers(_ path: String) -> [Finding] {
        guard let mode = Files.permissions(registry.fullPath(path)), mode & 0o077 != 0 else { return [] }
        return [
            Finding(
                "registry.file.open", .warning, path: path,
                expected: Files.kind(registry.fullPath(path)) == .folder ? "mode 700" : "mode 600",
                actual: "mode \(String(mode & 0o777, radix: 8))", "others than its owner can reach what is restricted")
        ]
    }

    /// Certificates that no change brought, that are on no list and in no listed signer's chain.
    private func certificateStrays() -> [Finding] {
        var findings: [Finding] = []
        _ = FileWalk.regularFiles(in: registry.path, under: "certificates", strays: &findings)
        guard let used = certificatesInUse?.union(brought) else { return findings }
        for fingerprint in certificates.fingerprints.sorted() where !used.contains(fingerprint) {
            findings.append(Self.unexpected(RegistryFolder.certificateName(fingerprint)))
        }
        return findings
    }

    /// That somebody has seen the log sign two histories is no fault of this copy of one of them, and is always told.
    private func evidenceHeld() -> [Finding] {
        var findings: [Finding] = []
        for path in FileWalk.regularFiles(in: registry.path, under: EvidenceFile.folder, strays: &findings) {
            findings.append(
                EvidenceFile.names(registry).contains(path)
                    ? Finding(
                        "evidence.held", .warning, path: path,
                        "a file says that the log has signed two histories: 'bitim verify' tells whether it convinces")
                    : Self.unexpected(path))
        }
        return findings
    }

    private static let folders: Set = [
        "state", "checkpoints", "certificates", "documents", "ledger", EvidenceFile.folder,
        RegistryFolder.restrictedFolder,
    ]

    private static func noFolder(_ path: String) -> Finding {
        Finding(
            "registry.file.unexpected", .indeterminate, path: path,
            "a link or a file stands where a folder belongs: links are not followed")
    }

    private static func unexpected(_ path: String) -> Finding {
        Finding("registry.file.unexpected", .indeterminate, path: path, "a file that belongs to nothing")
    }
}
