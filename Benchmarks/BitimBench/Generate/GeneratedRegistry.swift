internal import Agreements
internal import OpenSSLKit
internal import Registry
internal import TiledLog
internal import TransparencyLog

/// A registry of two parties whose keys are all at hand, in `DIR/keys` and `DIR/registry`.
struct GeneratedRegistry {
    let folder: RegistryFolder
    let keys: KeysFolder
    let identity: ContentDigest
    let parties: [GeneratedParty]

    /// 2025-01-01: fixed, so that nothing depends on when it was made.
    static let start: Int64 = 1_735_689_600
    static let secondsPerCheckpoint: Int64 = 60
    private static let origin = "benchmark.example/registry"

    private init(_ path: String) {
        folder = RegistryFolder(path: "\(path)/registry")
        keys = KeysFolder(path: "\(path)/keys")
        identity = ContentDigest.of([])
        parties = []
    }

    /// Keys and entry 0.
    init(making path: String, certificates: Int, keys mix: KeyMix, seed: String) async throws {
        let empty = Self(path)
        let (folder, keys) = (empty.folder, empty.keys)
        guard Files.kind(folder.path) == nil, Files.kind(keys.path) == nil else {
            throw BenchError("\(path) has keys or a registry already")
        }
        try await RepeatableRandom.during(seed: seed) {
            for (party, name) in GeneratedParty.names {
                try GeneratedParty.write(
                    .of(party), name: name, certificates: certificates, keys: mix, now: Self.start, to: keys)
            }
            let english = try LanguageTag.of("en")
            _ = try await Establishing(
                origin: Self.origin,
                name: LocalizedText([.init(language: english, text: "A registry to measure with")]),
                parties: GeneratedParty.names.map { party, name in
                    .init(party: try .of(party), name: LocalizedText([.init(language: english, text: name)]))
                }, isDemonstration: true
            ).run(registry: folder, keys: keys, vault: Self.vault(keys), logPassphrase: nil, now: { Self.start })
        }
        try self.init(opening: path)
    }

    init(opening path: String) throws {
        let empty = Self(path)
        folder = empty.folder
        keys = empty.keys
        guard let identity = try keys.identity() else { throw BenchError("no registry in \(path)") }
        self.identity = identity
        let keys = keys
        parties = try GeneratedParty.names.map { party, name in
            try GeneratedParty(.of(party), name: name, in: keys)
        }
    }

    static func vault(_ keys: KeysFolder) -> KeyVault {
        KeyVault(keys) { _ in throw BenchError("generated keys have no passphrase") }
    }

    // MARK: Entries

    /// Signs and publishes the entries of so many agreements.
    ///
    /// - Returns: the size of the ledger.
    func fill(with lives: LifeMaker, agreements: Int, batch: Int) async throws -> Int64 {
        for first in 0..<256 {
            let name = "0\(String(first, radix: 16))".suffix(2)
            try folder.files.makeFolder(folder.fullPath("documents/\(name)"), mode: 0o755)
        }
        let ledger = try OpenedLedger.open(registry: folder, keys: keys)
        let signing = CheckpointSigning(
            registry: folder, keys: keys, vault: Self.vault(keys), constitution: ledger.history.state.constitution,
            policy: ledger.history.policy(forTreeSize: .max))
        var writer = try LogWriter(folder: folder.files, head: ledger.publishedHead)
        var next = 0
        var time = Self.start
        while next < agreements {
            let old = writer.head
            // Sizes that are whole batches leave no partial tiles where a batch is whole bundles.
            let count = max(1, batch - Int(old.size) % batch)
            let range = next..<min(agreements, next + count)
            let signedAt = time + Self.secondsPerCheckpoint / 2
            let leaves = try await Parallel.map(range, pieces: Parallel.coreCount * 8) { piece in
                try piece.flatMap { try lives.leaves(of: $0, tree: old, time: signedAt) }
            }.flatMap { $0 }
            try Self.requireDER(leaves.first)
            time += Self.secondsPerCheckpoint
            let head = try writer.append(leaves)
            let pending = try await signing.cosign(signing.signAsLog(head, continuing: old), at: time) { _ in }
            _ = try signing.publish(pending)
            try writer.removeSupersededPartials(from: old.size)
            next = range.upperBound
        }
        return writer.head.size
    }

    /// Leaves are put together by hand: OpenSSL must read one as it was written.
    static func requireDER(_ leaf: [UInt8]?) throws {
        guard let leaf, try SignedData.reencoded(leaf) == leaf else {
            throw BenchError("a leaf is not what OpenSSL would have written")
        }
    }
}
