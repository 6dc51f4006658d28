internal import Agreements
internal import Glibc
internal import OpenSSLKit
internal import Registry
internal import TiledLog
internal import TransparencyLog

/// Signed entries for a registry that is there: SignedData in DER, one after the other.
enum EntriesFile {
    /// - Returns: how many entries were written.
    static func write(to path: String, count: Int, lives: LifeMaker, of registry: GeneratedRegistry) async throws
        -> Int64
    {
        let time = Int64(time(nil))
        let tree = try OpenedLedger.open(registry: registry.folder, keys: registry.keys).publishedHead
        let leaves = try await Parallel.map(0..<count, pieces: Parallel.coreCount * 8) { piece in
            try piece.flatMap { try lives.leaves(of: $0, tree: tree, time: time) }
        }.flatMap { $0 }
        try GeneratedRegistry.requireDER(leaves.first)
        guard let file = fopen(path, "w") else { throw BenchError("\(path) cannot be written") }
        for leaf in leaves {
            guard fwrite(leaf, 1, leaf.count, file) == leaf.count else { throw BenchError("\(path) cannot be written") }
        }
        guard fclose(file) == 0 else { throw BenchError("\(path) cannot be written") }
        return Int64(leaves.count)
    }
}
