internal import COpenSSL
internal import OpenSSLKit

/// OpenSSL's randomness replaced by SHA-256 of a seed and a counter, so that the same options give the same keys and
/// certificates. Whoever knows the options knows the keys: they are for measuring alone.
///
/// Only one thread may ask OpenSSL for anything meanwhile.
enum RepeatableRandom {
    // Written before the method is installed; read and written by one thread at a time while it is.
    nonisolated(unsafe) private static var seed: [UInt8] = []
    nonisolated(unsafe) private static var counter: UInt64 = 0
    // RAND_METHOD, never freed: OpenSSL keeps the pointer.
    nonisolated(unsafe) private static let method: UnsafeMutablePointer<RAND_METHOD> = {
        let method = UnsafeMutablePointer<RAND_METHOD>.allocate(capacity: 1)
        method.initialize(
            to: RAND_METHOD(
                seed: { _, _ in 1 }, bytes: { fill($0, $1) }, cleanup: nil, add: { _, _, _ in 1 },
                pseudorand: { fill($0, $1) }, status: { 1 }))
        return method
    }()

    static func during<Result>(seed text: String, _ body: () async throws -> Result) async throws -> Result {
        seed = Array("bitim-bench 1 \(text)".utf8)
        counter = 0
        RAND_set_rand_method(method)
        defer { RAND_set_rand_method(nil) }
        return try await body()
    }

    private static func fill(_ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
        guard let buffer else { return 0 }
        var position = 0
        while position < Int(count) {
            let block = SHA256Hasher.hash(seed + withUnsafeBytes(of: counter.bigEndian, Array.init)).bytes
            counter += 1
            for byte in block.prefix(Int(count) - position) {
                buffer[position] = byte
                position += 1
            }
        }
        return 1
    }
}
