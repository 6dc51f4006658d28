internal import Agreements
internal import Registry
internal import TransparencyLog

/// What of a registry is served, by the path of its address. Whatever is not of exactly one of these forms is not there:
/// no path is ever made of what a client has sent.
enum Resource: Equatable {
    case checkpoint
    case tile(TilePath)
    case publishedCheckpoint(CheckpointPath)
    case document(ContentDigest)
    case certificate(ContentDigest)
    /// The sizes of the published checkpoints, one a line.
    case checkpointSizes
    /// The names of the certificates, one a line.
    case certificateNames

    /// Nil for a path that is none.
    init?(path: Substring) {
        guard path.utf8.count <= 128, path.first == "/" else { return nil }
        let name = path.dropFirst()
        // As the folder has it, and as tlog-tiles does.
        let inLedger = name.hasPrefix("ledger/") ? name.dropFirst(7) : name
        if inLedger == "checkpoint" {
            self = .checkpoint
        } else if inLedger.hasPrefix("tile/") {
            guard let tile = TilePath(path: String(inLedger)) else { return nil }
            self = .tile(tile)
        } else if name == "checkpoints/" {
            self = .checkpointSizes
        } else if name == "certificates/" {
            self = .certificateNames
        } else if name.hasPrefix("checkpoints/") {
            guard let checkpoint = CheckpointPath(path: String(name)) else { return nil }
            self = .publishedCheckpoint(checkpoint)
        } else if name.hasPrefix("documents/") {
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, let digest = ContentDigest(hex: parts[2]), digest.hex.prefix(2) == parts[1] else {
                return nil
            }
            self = .document(digest)
        } else if name.hasPrefix("certificates/"), name.hasSuffix(".der") {
            guard let digest = ContentDigest(hex: name.dropFirst(13).dropLast(4)) else { return nil }
            self = .certificate(digest)
        } else {
            return nil
        }
    }

    /// Relative to the registry; nil for what is made on asking.
    var fileName: String? {
        switch self {
        case .checkpoint: RegistryFolder.checkpointName
        case .tile(let tile): "ledger/\(tile.path)"
        case .publishedCheckpoint(let path): path.path
        case .document(let digest): RegistryFolder.documentName(digest)
        case .certificate(let digest): RegistryFolder.certificateName(digest)
        case .checkpointSizes, .certificateNames: nil
        }
    }

    var contentType: String {
        switch self {
        case .checkpoint, .publishedCheckpoint, .checkpointSizes, .certificateNames: "text/plain; charset=utf-8"
        case .tile, .document: "application/octet-stream"
        case .certificate: "application/pkix-cert"
        }
    }

    /// Whether the same address has the same bytes for ever.
    var isImmutable: Bool {
        switch self {
        case .checkpoint, .checkpointSizes, .certificateNames: false
        case .tile, .publishedCheckpoint, .document, .certificate: true
        }
    }

    var cacheControl: String { isImmutable ? "public, max-age=31536000, immutable" : "public, max-age=2" }

    var isEntryBundle: Bool {
        if case .tile(let tile) = self { tile.content == .entries } else { false }
    }

    /// Of any size, so that it is never in memory as a whole.
    var isDocument: Bool {
        if case .document = self { true } else { false }
    }

    /// For metrics.
    var kind: String {
        switch self {
        case .checkpoint: "checkpoint"
        case .tile(let tile): tile.content == .entries ? "entries" : "tile"
        case .publishedCheckpoint, .checkpointSizes: "checkpoints"
        case .document: "document"
        case .certificate, .certificateNames: "certificate"
        }
    }
}
