package import OpenSSLKit

/// A timestamped Ed25519 cosignature, type 0x04 (tlog-cosignature, Format): eight bytes of time, big-endian, and the
/// 64 bytes of the signature over
///
///     cosignature/v1
///     time 1679315147
///     example.com/behind-the-sofa
///     20852163
///     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// It says that at that time the cosigner had seen no larger tree of that origin. The message does not name the
/// cosigner, so each has a key of its own.
package struct Cosignature: Hashable, Sendable {
    package static let byteCount = 8 + 64

    /// Seconds since 1970; never negative.
    package let time: Int64
    /// The 64 bytes of RFC 8032.
    package let signature: [UInt8]

    /// From the bytes of a note signature, without the key ID; nil unless there are 72, and the time is below 2^63.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        let time = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let time = Int64(exactly: time) else { return nil }
        self.time = time
        signature = Array(bytes.dropFirst(8))
    }

    /// Signs the text of a checkpoint, which the caller has judged.
    ///
    /// - Parameter time: seconds since 1970, not negative. A witness that answers tlog-witness never uses 0.
    package static func sign(
        checkpointText: [UInt8],
        key: PrivateKey,
        time: Int64
    ) throws(OpenSSLError) -> Cosignature {
        let signature = try key.sign(message(checkpointText: checkpointText, time: time), scheme: .ed25519)
        let cosignature = Cosignature(parsing: timeBytes(time) + signature)
        guard let cosignature else {
            throw OpenSSLError("cosigning", reason: "the time is negative or the key no Ed25519")
        }
        return cosignature
    }

    /// What is signed: two lines and the whole text with its final newline.
    package static func message(checkpointText: [UInt8], time: Int64) -> [UInt8] {
        Array("cosignature/v1\ntime ".utf8) + DecimalNumber.print(time) + [0x0A] + checkpointText
    }

    package func isValid(for checkpointText: [UInt8], by key: PublicKey) -> Bool {
        let message = Self.message(checkpointText: checkpointText, time: time)
        return key.isValid(signature: signature, for: message, scheme: .ed25519)
    }

    /// As in a note signature, without the key ID.
    package var bytes: [UInt8] { Self.timeBytes(time) + signature }

    private static func timeBytes(_ time: Int64) -> [UInt8] {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: time >> Int64(8 * $0)) }
    }
}
