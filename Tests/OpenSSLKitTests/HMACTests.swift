import Foundation
import OpenSSLKit
import Support
import Testing

@Suite struct HMACTests {
    /// RFC 4231, 4.2 to 4.4 and 4.7: keys shorter than a block, of 20 bytes, and longer than a block.
    static let vectors: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    private func key(_ bytes: [UInt8]) -> SecretBytes {
        var bytes = bytes
        return SecretBytes(consuming: &bytes)
    }

    private func code(_ message: [UInt8], key: SecretBytes, chunk: Int) throws -> String {
        var code = try HMACSHA256(key: key)
        for start in stride(from: 0, to: message.count, by: chunk) {
            code.update(message[start..<min(start + chunk, message.count)])
        }
        return code.finalize().map(hex).joined()
    }

    @Test(arguments: vectors.indices)
    func `HMAC-SHA256 gives the published codes, however the message is cut`(number: Int) throws {
        let vector = Self.vectors[number]
        for chunk in [1, 7, 1024] {
            #expect(try code(vector.message, key: key(vector.key), chunk: chunk) == vector.code)
        }
    }

    @Test func `The openssl program computes the same`() throws {
        let tool = OpenSSLTool()
        let secret = try SecretBytes.random(count: 32)
        let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try tool.scratch.write(message, to: "message")
        let digits = secret.revealed().map(hex).joined()
        let run = try tool.run(["mac", "-digest", "SHA256", "-macopt", "hexkey:\(digits)", "-in", "message", "HMAC"])
        let theirs = run.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        #expect(try code(message, key: secret, chunk: 4096) == theirs, "\(run.standardError)")
    }

    @Test func `Random secrets have their length and differ`() throws {
        let secrets = try (0..<100).map { _ in try SecretBytes.random(count: 32).revealed() }
        #expect(secrets.allSatisfy { $0.count == 32 })
        #expect(Set(secrets).count == 100)
    }
}

private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
