import OpenSSLKit
import Testing

@Suite struct DigestTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let message: [UInt8]
        let digest: String

        init(_ message: String, _ digest: String) { self.init(message, Array(message.utf8), digest) }

        init(_ description: String, _ message: [UInt8], _ digest: String) {
            testDescription = description
            self.message = message
            self.digest = digest
        }
    }

    /// FIPS 180-4, examples of NIST's Cryptographic Standards and Guidelines.
    static let vectors: [Vector] = [
        Vector("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Vector("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        Vector(
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
        Vector(
            "a million times a", [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors)
    func `SHA-256 gives the published digests`(_ vector: Vector) {
        #expect(SHA256Hasher.hash(vector.message).hex == vector.digest)
        #expect(DigestAlgorithm.sha256.hash(vector.message).map { hex($0) }.joined() == vector.digest)
    }

    @Test(arguments: [
        (
            DigestAlgorithm.sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func `SHA-384 and SHA-512 give the published digests`(_ algorithm: DigestAlgorithm, _ digest: String) {
        let actual = algorithm.hash(Array("abc".utf8))
        #expect(actual.map { hex($0) }.joined() == digest)
        #expect(actual.count == algorithm.byteCount)
    }

    @Test func `A digest does not depend on the pieces in which it is fed`() {
        var hasher = SHA256Hasher()
        for length in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000] {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let whole = SHA256Hasher.hash(message)
            for cut in Set([0, 1, length / 2, 55, 64, length]) where cut <= length {
                hasher.update(message[..<cut])
                hasher.update(message[cut...])
                #expect(hasher.finalize() == whole)
            }
            for byte in message { hasher.update(byte) }
            #expect(hasher.finalize() == whole, "a hasher is as new after each digest")
        }
    }

    @Test func `A digest of 32 bytes is kept as it is and others are none`() throws {
        let bytes = (0..<32).map { UInt8($0 * 8) }
        let digest = try #require(SHA256Digest(bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.hex.count == 64)
        #expect(digest.hex.hasPrefix("0008101820"))
        #expect(SHA256Digest(bytes.dropLast()) == nil)
        #expect(SHA256Digest(bytes + [0]) == nil)
        #expect(SHA256Digest([UInt8]()) == nil)
    }
}

private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
