internal import ArgumentParser
internal import COpenSSL
internal import Glibc

struct LimitHashAndWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash-and-write",
        abstract: "Hash each entry once and write the same bytes to one file, one fsync a batch.")

    @Argument(help: "A folder on the disk that is measured.", completion: .directory)
    var folder: String

    @Option(help: "How many entries.")
    var count = 1_000_000

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let path = "\(folder)/hash-and-write.tmp"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw BenchError("\(path) cannot be written") }
        defer {
            close(file)
            unlink(path)
        }
        let digest = try FetchedDigest()
        let run = try BatchedRun(count: count) { batch in
            for entry in batch { try digest.hash(entry) }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(batch.count * BatchedRun.entryBytes)
            for entry in batch { bytes += entry }
            guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
                throw BenchError("\(path) cannot be written")
            }
        }
        run.answer.print(json: measuring.json)
    }
}

/// A run over entries of 2,560 bytes in batches of 4,096, of which only the work on the batches is timed.
struct BatchedRun {
    static let batchSize = 4_096
    static let entryBytes = 2_560

    private let count: Int
    private var times: [Double] = []

    init(count: Int, _ work: ([[UInt8]]) throws -> Void) throws {
        self.count = count
        let filler = [UInt8](repeating: 0x5A, count: Self.entryBytes - 8)
        for start in stride(from: 0, to: count, by: Self.batchSize) {
            let batch = (start..<min(count, start + Self.batchSize)).map { number in
                withUnsafeBytes(of: number.bigEndian, Array.init) + filler
            }
            let watch = Stopwatch()
            try work(batch)
            times.append(watch.seconds)
        }
    }

    var answer: Answer {
        // Whole batches only: the last one may be shorter.
        let whole = times.prefix(count / Self.batchSize)
        let tenth = max(1, whole.count / 10)
        let perBatch = { (times: ArraySlice<Double>) in times.reduce(0, +) / Double(times.count) }
        return Answer([
            "entries": .integer(count), "seconds": .number(times.reduce(0, +)),
            "firstTenthBatchSeconds": .number(perBatch(whole.prefix(tenth))),
            "lastTenthBatchSeconds": .number(perBatch(whole.suffix(tenth))),
        ])
    }
}
