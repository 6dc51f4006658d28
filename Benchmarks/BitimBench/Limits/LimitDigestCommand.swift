internal import ArgumentParser
internal import COpenSSL
internal import TransparencyLog

struct LimitDigestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sha256",
        abstract: "EVP_Digest with a fetched EVP_MD, once over each leaf and each public document, from memory.")

    @Argument(help: "The registry/ folder.", completion: .directory)
    var registry: String

    @Flag(help: "Read the files in the measured time as well: the fairer comparison where there are many small ones.")
    var reading = false

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let registry = registry
        let files = try LedgerBytes.documents(of: registry)
        let bundles = try LedgerBytes.bundles(of: registry)
        let load: @Sendable (Int) throws -> [[UInt8]] = { number in
            number < bundles.count
                ? try LedgerBytes.leaves(of: bundles[number], in: registry)
                : [try LedgerBytes.read(files[number - bundles.count])]
        }
        let total = bundles.count + files.count
        let threads = measuring.threadCount
        let reading = reading
        let held =
            reading
            ? []
            : Array(
                try await Parallel.map(0..<total, pieces: Parallel.coreCount * 4) { try $0.map(load) }.joined())
        let seconds = try await Parallel.share((total + 63) / 64, threads: threads) { numbers in
            let digest = try FetchedDigest()
            while let group = numbers.next() {
                for number in (group * 64)..<min(total, group * 64 + 64) {
                    for item in reading ? try load(number) : held[number] { try digest.hash(item) }
                }
            }
        }
        Answer([
            "files": .integer(total), "threads": .integer(threads), "seconds": .number(seconds),
        ]).print(json: measuring.json)
    }
}

/// One thread's SHA-256 by EVP_Digest.
final class FetchedDigest {
    // EVP_MD *, owned
    private let algorithm: OpaquePointer
    private var output = [UInt8](repeating: 0, count: 32)

    init() throws {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else { throw BenchError("no SHA-256") }
        self.algorithm = algorithm
    }

    deinit { EVP_MD_free(algorithm) }

    func hash(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try hash($0) } }

    func hash(_ bytes: UnsafeRawBufferPointer) throws {
        guard EVP_Digest(bytes.baseAddress, bytes.count, &output, nil, algorithm, nil) == 1 else {
            throw BenchError("no SHA-256")
        }
    }
}
