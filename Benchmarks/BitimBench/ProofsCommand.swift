internal import ArgumentParser
internal import Glibc
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

struct ProofsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofs",
        abstract: "Make and verify proofs on one core: one of each kind from disk, then many.")

    @Argument(help: "The registry/ folder.", completion: .directory)
    var registry: String

    @Option(help: "How long many are made, in seconds, for each of two orders.")
    var seconds = 2.0

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let note = try SignedNote(parsing: LedgerBytes.read("\(registry)/ledger/checkpoint"))
        let checkpoint = try Checkpoint(parsing: note.text)
        let (size, root) = (checkpoint.size, checkpoint.root)
        let reader = LogReader(path: "\(registry)/ledger")
        let index = size * 2 / 3
        let leaf = try reader.subtrees(size: size)(0, index)

        // One of each kind by a reader that has read nothing yet.
        var reads = Self.readCalls()
        var watch = Stopwatch()
        let inclusion = try InclusionProof(index: index, size: size, from: reader.subtrees(size: size))
        try inclusion.verify(leafHash: leaf, root: root)
        let inclusionSeconds = watch.seconds
        let inclusionReads = Self.readCalls() - reads

        let oldSize = size / 2 + 1
        let oldRoot = try MerkleTree.root(size: oldSize, from: reader.subtrees(size: size))
        reads = Self.readCalls()
        watch = Stopwatch()
        let consistency = try ConsistencyProof(oldSize: oldSize, newSize: size, from: reader.subtrees(size: size))
        try consistency.verify(oldRoot: oldRoot, newRoot: root)
        let consistencySeconds = watch.seconds
        let consistencyReads = Self.readCalls() - reads

        let inOrder = try rate(size, root, reader) { Int64($0) % size }
        // A step that has no factor in common with most sizes: far apart, none twice.
        let scattered = try rate(size, root, reader) { Int64($0) * 611_953 % size }
        Answer([
            "size": .integer(Int(size)), "inOrderPerSecond": .number(inOrder),
            "scatteredPerSecond": .number(scattered), "inclusionSeconds": .number(inclusionSeconds),
            "inclusionReadCalls": .integer(inclusionReads), "consistencySeconds": .number(consistencySeconds),
            "consistencyReadCalls": .integer(consistencyReads),
        ]).print(json: measuring.json)
    }

    private func rate(
        _ size: Int64, _ root: SHA256Digest, _ reader: LogReader, _ index: (Int) -> Int64
    ) throws -> Double {
        let source = reader.subtrees(size: size)
        let watch = Stopwatch()
        var made = 0
        while watch.seconds < seconds {
            for _ in 0..<200 {
                let index = index(made)
                let proof = try InclusionProof(index: index, size: size, from: source)
                try proof.verify(leafHash: source(0, index), root: root)
                made += 1
            }
        }
        return Double(made) / watch.seconds
    }

    /// How many read(2) calls this process has made.
    private static func readCalls() -> Int {
        guard let bytes = try? [UInt8](reading: "/proc/self/io") else { return 0 }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("syscr: ") {
            return Int(line.dropFirst(7)) ?? 0
        }
        return 0
    }
}

extension [UInt8] {
    /// A file that does not know its size, such as those in /proc.
    fileprivate init(reading path: String) throws {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw BenchError("\(path) cannot be read") }
        defer { close(file) }
        self.init(unsafeUninitializedCapacity: 4_096) { buffer, count in
            count = Swift.max(0, Glibc.read(file, buffer.baseAddress, 4_096))
        }
    }
}
