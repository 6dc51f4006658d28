internal import ArgumentParser
internal import COpenSSL
internal import OpenSSLKit

struct LimitCMSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cms",
        abstract: "d2i_CMS_ContentInfo and CMS_verify over the exported entries: certificates inside, one trust store.")

    @Argument(help: "The registry/ folder.", completion: .directory)
    var registry: String

    @Option(help: "Only of so many entries.")
    var count = 10_000

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let certificates = try KnownCertificates(registry: registry)
        let leaves = try await LedgerBytes.leaves(registry: registry, entries: nil, count: count)
        let exported = try await Parallel.map(0..<leaves.count, pieces: Parallel.coreCount * 16) { piece in
            try leaves[piece].map { leaf in
                let signers = try SignedData(derBytes: leaf).signerInfos
                return (
                    signers.count,
                    try SignedData.embed(signers.map { certificates.all[try certificates.position(of: $0)] }, in: leaf)
                )
            }
        }
        let store = try TrustStore(certificates.all.filter(\.isAuthority))
        let threads = measuring.threadCount
        let seconds = try await Parallel.share(exported.count, threads: threads) { numbers in
            while let number = numbers.next() {
                for (_, entry) in exported[number] { try store.verify(entry) }
            }
        }
        let signatures = exported.joined().reduce(0) { $0 + $1.0 }
        Answer([
            "entries": .integer(leaves.count), "signatures": .integer(signatures), "threads": .integer(threads),
            "seconds": .number(seconds), "perSecond": .number(Double(signatures) / seconds),
        ]).print(json: measuring.json)
    }
}

final class TrustStore: @unchecked Sendable {
    // X509_STORE *, owned. Sendable: filled in init; OpenSSL locks it inside.
    private let store: OpaquePointer

    init(_ authorities: [Certificate]) throws {
        guard let store = X509_STORE_new() else { throw BenchError("no store") }
        self.store = store
        X509_VERIFY_PARAM_set_purpose(X509_STORE_get0_param(store), Int32(X509_PURPOSE_ANY))
        for authority in authorities {
            let certificate = authority.derBytes.withUnsafeBufferPointer { buffer in
                var cursor = buffer.baseAddress
                return d2i_X509(nil, &cursor, buffer.count)
            }
            guard let certificate, X509_STORE_add_cert(store, certificate) == 1 else {
                throw BenchError("no authority")
            }
            X509_free(certificate)
        }
    }

    deinit { X509_STORE_free(store) }

    /// As `openssl cms -verify -inform DER -purpose any -cades` does.
    func verify(_ entry: [UInt8]) throws {
        let message = entry.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_CMS_ContentInfo(nil, &cursor, buffer.count)
        }
        defer { CMS_ContentInfo_free(message) }
        guard CMS_verify(message, nil, store, nil, nil, UInt32(CMS_BINARY | CMS_CADES)) == 1 else {
            throw BenchError("an entry does not verify: \(OpenSSLError("verifying"))")
        }
    }
}
