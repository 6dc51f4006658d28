internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Files of a registry that belong to nothing, and promised ones that only this look can find wrong: the partial tiles
/// of older checkpoints.
struct Strays {
    let registry: RegistryFolder
    let ledger: OpenedLedger
    let publications: Publications
    let documents: Set<ContentDigest>
    let hasRestricted: Bool
    let certificates: CertificateStore
    let directory: SignerDirectory?

    func findings() -> [Finding] {
        var findings: [Finding] = []
        let promised = promisedPartials()
        var seen: Set<String> = []
        // `state/` can be rebuilt and is not served; certificates and checkpoints were walked when they were read.
        let names = (try? Files.names(in: registry.path)) ?? []
        for name in names {
            switch name {
            case "state", "checkpoints": continue
            case "certificates": findings += certificateStrays()
            case "documents", "ledger", "restricted":
                for path in FileWalk.regularFiles(in: registry.path, under: name, strays: &findings) {
                    seen.insert(path)
                    findings += judge(path, promised: promised)
                }
            default:
                findings.append(Self.unexpected(name))
            }
        }
        for (path, tile) in promised where !seen.contains(path) && !seen.contains("ledger/\(tile.full.path)") {
            findings.append(Finding("ledger.tile.missing", path: path, "a tile of a published checkpoint is missing"))
        }
        return findings
    }

    /// Tiles and bundles of the unfinished right edge that older checkpoints still need, by path.
    private func promisedPartials() -> [String: TilePath] {
        let sizes = publications.all.map(\.head.size) + [ledger.fullHead.size]
        let tiles = PartialTiles.promised(checkpointSizes: sizes, size: ledger.fullHead.size)
        return Dictionary(uniqueKeysWithValues: tiles.map { ("ledger/\($0.path)", $0) })
    }

    private func judge(_ path: String, promised: [String: TilePath]) -> [Finding] {
        if path == RegistryFolder.checkpointName { return [] }
        if path.hasPrefix("documents/") { return documentStray(path) }
        // What is restricted is judged with its key, and its names tell nothing.
        if path.hasPrefix("restricted/") { return hasRestricted ? [] : [Self.unexpected(path)] }
        guard path.hasPrefix("ledger/"), let tile = TilePath(path: String(path.dropFirst(7))) else {
            return [Self.unexpected(path)]
        }
        let width = PartialTiles.heldWidth(of: tile, size: ledger.fullHead.size)
        // The pass over the entries has read this very tile.
        if width == tile.width { return [] }
        guard tile.width < width, promised[path] != nil || width == TilePath.fullWidth else {
            return [Self.unexpected(path)]
        }
        return isPrefix(tile, width: width)
            ? []
            : [Finding("ledger.tile.mismatch", path: path, "the partial tile is not the beginning of the full one")]
    }

    private func isPrefix(_ tile: TilePath, width: Int) -> Bool {
        guard let current = TilePath(tile.content, index: tile.index, width: width),
            let bytes = try? Files.read(
                registry.fullPath("ledger/\(tile.path)"), maximumBytes: EntryBundle.maximumByteCount)
        else { return false }
        switch tile.content {
        case .entries:
            guard let entries = try? EntryBundle(parsing: bytes, width: tile.width).entries,
                let all = try? registry.ledger.entries(current)
            else { return false }
            return entries.elementsEqual(all.prefix(tile.width))
        case .hashes:
            guard let all = try? registry.ledger.hashes(current) else { return false }
            return bytes == all.prefix(tile.width).flatMap(\.bytes)
        }
    }

    private func documentStray(_ path: String) -> [Finding] {
        let parts = path.split(separator: "/")
        guard parts.count == 3, let digest = ContentDigest(hex: parts[2]),
            RegistryFolder.documentName(digest) == path, documents.contains(digest)
        else { return [Self.unexpected(path)] }
        return []
    }

    /// Certificates that are on no list and in no listed signer's chain.
    private func certificateStrays() -> [Finding] {
        var findings: [Finding] = []
        _ = FileWalk.regularFiles(in: registry.path, under: "certificates", strays: &findings)
        guard let directory else { return findings }
        var used = directory.listedCertificates.union(directory.authorityCertificates)
        for listed in directory.listedCertificates {
            guard let certificate = certificates[listed] else { continue }
            for link in directory.standing(of: certificate).chain?.fingerprints ?? [] {
                used.insert(ContentDigest(link))
            }
        }
        for fingerprint in certificates.fingerprints.sorted() where !used.contains(fingerprint) {
            findings.append(Self.unexpected(RegistryFolder.certificateName(fingerprint)))
        }
        return findings
    }

    private static func unexpected(_ path: String) -> Finding {
        Finding("registry.file.unexpected", .indeterminate, path: path, "a file that belongs to nothing")
    }
}
