internal import ArgumentParser
internal import COpenSSL
internal import OpenSSLKit

struct LimitSignaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signatures",
        abstract: "EVP_PKEY_verify over all signatures: parsed, hashed and sorted out beforehand, contexts reused.")

    @Argument(help: "The registry/ folder.", completion: .directory)
    var registry: String

    @Option(help: ArgumentHelp("The signatures of this file of entries instead.", valueName: "file"))
    var entries: String?

    @Option(help: "Only of so many entries.")
    var count = Int.max / 1024

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let certificates = try KnownCertificates(registry: registry)
        let leaves = try await LedgerBytes.leaves(registry: registry, entries: entries, count: count)
        let parts = try await Parallel.map(0..<leaves.count, pieces: Parallel.coreCount * 16) { piece in
            try RawSignatures(leaves[piece], certificates)
        }
        let threads = measuring.threadCount
        let seconds = try await Parallel.share(parts.count, threads: threads) { numbers in
            let verifier = try RawVerifier(certificates.all)
            while let number = numbers.next() { try verifier.verify(parts[number]) }
        }
        let signatures = parts.reduce(0) { $0 + $1.count }
        Answer([
            "signatures": .integer(signatures), "threads": .integer(threads), "seconds": .number(seconds),
            "perSecond": .number(Double(signatures) / seconds),
        ]).print(json: measuring.json)
    }
}

/// Signatures with nothing left to do but to verify them.
struct RawSignatures: Sendable {
    struct Item {
        /// Of the certificate and so of the key.
        let key: Int
        let digest: Range<Int>
        let signature: Range<Int>
    }

    private(set) var items: [Item] = []
    private(set) var bytes: [UInt8] = []

    var count: Int { items.count }

    init(_ leaves: ArraySlice<[UInt8]>, _ certificates: KnownCertificates) throws {
        for leaf in leaves {
            for signer in try SignedData(derBytes: leaf).signerInfos {
                guard let attributes = signer.signedAttributesDER, let algorithm = signer.digestAlgorithm else {
                    throw BenchError("a leaf is not of the profile")
                }
                let digest = add(algorithm.hash(attributes))
                items.append(
                    Item(key: try certificates.position(of: signer), digest: digest, signature: add(signer.signature)))
            }
        }
    }

    private mutating func add(_ more: [UInt8]) -> Range<Int> {
        let start = bytes.count
        bytes += more
        return start..<bytes.count
    }
}

/// One thread's contexts, one a key.
final class RawVerifier {
    // EVP_PKEY_CTX *, owned
    private var contexts: [OpaquePointer] = []

    init(_ certificates: [Certificate]) throws {
        for certificate in certificates {
            let der = try certificate.publicKey.subjectPublicKeyInfo()
            let key = der.withUnsafeBufferPointer { buffer in
                var cursor = buffer.baseAddress
                return d2i_PUBKEY(nil, &cursor, buffer.count)
            }
            guard let key, let context = EVP_PKEY_CTX_new(key, nil), EVP_PKEY_verify_init(context) == 1 else {
                throw BenchError("a key cannot be used")
            }
            // The context has a reference of its own.
            EVP_PKEY_free(key)
            if case .rsa = certificate.publicKey.algorithm {
                guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
                    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
                else { throw BenchError("a key cannot be used") }
            }
            contexts.append(context)
        }
    }

    deinit { for context in contexts { EVP_PKEY_CTX_free(context) } }

    func verify(_ signatures: RawSignatures) throws {
        try signatures.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for item in signatures.items {
                let valid = EVP_PKEY_verify(
                    contexts[item.key], base + item.signature.lowerBound, item.signature.count,
                    base + item.digest.lowerBound, item.digest.count)
                guard valid == 1 else { throw BenchError("a signature does not verify") }
            }
        }
    }
}
