package import OpenSSLKit

/// The text of a checkpoint: which log, how many leaves, which root (tlog-checkpoint, Note text).
///
///     example.com/behind-the-sofa
///     20852163
///     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// Extension lines may follow. They are kept, so that who allows none can refuse them.
package struct Checkpoint: Hashable, Sendable {
    /// Not empty; need not be a key name, and none but a key name can sign for it.
    package let origin: ByteString
    /// The number of leaves.
    package let size: Int64
    package let root: SHA256Digest
    /// Without their newlines; none is empty. Covered by 0x01 and 0x04 signatures, not by ML-DSA-44 cosignatures.
    package let extensionLines: [ByteString]

    /// - Throws: `CheckpointError` for what would not read back as the same checkpoint.
    package init(
        origin: ByteString,
        size: Int64,
        root: SHA256Digest,
        extensionLines: [ByteString] = []
    ) throws(CheckpointError) {
        guard Self.isLine(origin) else { throw .badOrigin }
        guard size >= 0 else { throw .badSize }
        guard size > 0 || root == MerkleTree.emptyRoot else { throw .badEmptyRoot }
        guard extensionLines.allSatisfy(Self.isLine) else { throw .badExtensionLine }
        self.origin = origin
        self.size = size
        self.root = root
        self.extensionLines = extensionLines
        guard bytes.count <= SignedNote.maximumByteCount else { throw .tooLong }
    }

    /// From the text of a note, without separator and signatures.
    package init(parsing text: [UInt8]) throws(CheckpointError) {
        guard text.count <= SignedNote.maximumByteCount else { throw .tooLong }
        guard text.last == 0x0A else { throw .noFinalNewline }
        let lines = text.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.count >= 3 else { throw .tooFewLines }
        guard let size = DecimalNumber.parse(lines[1]) else { throw .badSize }
        guard let root = Base64.decode(lines[2]).flatMap({ SHA256Digest($0) }) else { throw .badRoot }
        try self.init(
            origin: ByteString(lines[0]),
            size: size,
            root: root,
            extensionLines: lines.dropFirst(3).map { ByteString($0) }
        )
    }

    package var bytes: [UInt8] {
        let lines = [origin.bytes, DecimalNumber.print(size), Base64.encode(root.bytes)] + extensionLines.map(\.bytes)
        return lines.flatMap { $0 + [0x0A] }
    }

    /// Not empty, and fit for a note (signed-note, Format).
    private static func isLine(_ line: ByteString) -> Bool {
        !line.isEmpty && !line.bytes.contains { $0 < 0x20 } && String(validating: line.bytes, as: UTF8.self) != nil
    }
}
