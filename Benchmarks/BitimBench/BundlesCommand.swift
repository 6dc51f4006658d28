internal import ArgumentParser
internal import COpenSSL
internal import Glibc
internal import TransparencyLog

struct BundlesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundles",
        abstract: "Hash the leaves of all bundles: read into a buffer that is used again, and mapped.")

    @Argument(help: "The registry/ folder.", completion: .directory)
    var registry: String

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let paths = try LedgerBytes.bundles(of: registry).map { "\(registry)/ledger/\($0.path)" }
        let threads = measuring.threadCount
        // The first time for the kernel's cache alone.
        _ = try await Self.read(paths, threads)
        let read = try await Self.read(paths, threads)
        let mapped = try await Self.map(paths, threads)
        Answer([
            "bundles": .integer(paths.count), "threads": .integer(threads), "readSeconds": .number(read),
            "mappedSeconds": .number(mapped), "mappedToRead": .number(mapped / read),
        ]).print(json: measuring.json)
    }

    private static func read(_ paths: [String], _ threads: Int) async throws -> Double {
        try await Parallel.share(paths.count, threads: threads) { numbers in
            let digest = try FetchedDigest()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: EntryBundle.maximumByteCount, alignment: 16)
            defer { buffer.deallocate() }
            while let number = numbers.next() {
                let file = open(paths[number], O_RDONLY)
                defer { close(file) }
                let count = Glibc.read(file, buffer.baseAddress, buffer.count)
                guard count > 0 else { throw BenchError("\(paths[number]) cannot be read") }
                try hash(UnsafeRawBufferPointer(rebasing: buffer[..<count]), digest)
            }
        }
    }

    private static func map(_ paths: [String], _ threads: Int) async throws -> Double {
        try await Parallel.share(paths.count, threads: threads) { numbers in
            let digest = try FetchedDigest()
            while let number = numbers.next() {
                let file = open(paths[number], O_RDONLY)
                defer { close(file) }
                var status = stat()
                guard fstat(file, &status) == 0,
                    let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file, 0),
                    address != MAP_FAILED
                else { throw BenchError("\(paths[number]) cannot be mapped") }
                defer { munmap(address, Int(status.st_size)) }
                try hash(UnsafeRawBufferPointer(start: address, count: Int(status.st_size)), digest)
            }
        }
    }

    private static func hash(_ bundle: UnsafeRawBufferPointer, _ digest: FetchedDigest) throws {
        var position = 0
        while position + 2 <= bundle.count {
            let end = position + 2 + Int(bundle[position]) << 8 + Int(bundle[position + 1])
            guard end <= bundle.count else { throw BenchError("a bundle is cut short") }
            try digest.hash(UnsafeRawBufferPointer(rebasing: bundle[(position + 2)..<end]))
            position = end
        }
    }
}
