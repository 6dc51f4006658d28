/// Where the parts of a SignedData of the exact profile lie (docs/entry.md): read in place, in one spelling, without a
/// tree. What it does not read is not thereby wrong: `SignedData` judges it.
///
/// Two parts of each signer are only delimited: the identifier, and the attribute signing-certificate-v2. They are the
/// same in all that a certificate signs, see `KnownSigners`. Signatures under RSASSA-PSS, and signing-times from 2050
/// on, are left to `SignedData`.
package struct ExactSignedData: Sendable {
    /// Offsets from the first byte.
    package let content: Range<Int>
    /// In the order of the SET: at least one.
    package let signers: [ExactSigner]

    package init?(_ bytes: Span<UInt8>) {
        var outer = DERCursor(0..<bytes.count)
        guard var info = outer.next(0x30, in: bytes), outer.isAtEnd, info.pass(ExactEncodings.signedData, in: bytes),
            var explicit = info.next(0xA0, in: bytes), info.isAtEnd,
            var fields = explicit.next(0x30, in: bytes), explicit.isAtEnd,
            fields.pass(ExactEncodings.version, in: bytes),
            let digests = fields.next(0x31, in: bytes),
            let content = Self.content(&fields, bytes),
            let signers = fields.next(0x31, in: bytes), fields.isAtEnd,
            let read = Self.signers(signers, bytes),
            Self.digests(digests, bytes) == read.digests
        else { return nil }
        self.content = content
        self.signers = read.signers
    }

    private static func content(_ fields: inout DERCursor, _ bytes: Span<UInt8>) -> Range<Int>? {
        guard var encapsulated = fields.next(0x30, in: bytes), encapsulated.pass(ExactEncodings.data, in: bytes),
            var explicit = encapsulated.next(0xA0, in: bytes), encapsulated.isAtEnd,
            let octets = explicit.next(0x04, in: bytes), explicit.isAtEnd, !octets.isAtEnd
        else { return nil }
        return octets.rest
    }

    /// The set of digest algorithms; nil when it is not in DER's order, or has one twice.
    private static func digests(_ set: DERCursor, _ bytes: Span<UInt8>) -> ExactDigests? {
        var set = set
        var found = ExactDigests()
        while !set.isAtEnd {
            guard let digest = ExactDigest(&set, bytes), found.append(digest) else { return nil }
        }
        return found
    }

    private static func signers(
        _ set: DERCursor, _ bytes: Span<UInt8>
    ) -> (signers: [ExactSigner], digests: ExactDigests)? {
        var set = set
        var signers: [ExactSigner] = []
        signers.reserveCapacity(2)
        var digests = ExactDigests()
        var previous: Range<Int>?
        while !set.isAtEnd {
            let start = set.position
            guard let fields = set.next(0x30, in: bytes) else { return nil }
            let whole = start..<set.position
            if let previous, bytes.order(previous, whole) >= 0 { return nil }
            previous = whole
            guard let (signer, digest) = ExactSigner.read(fields, bytes),
                !signers.contains(where: { bytes.order($0.identifier, signer.identifier) == 0 })
            else { return nil }
            digests.insert(digest)
            signers.append(signer)
        }
        return signers.isEmpty ? nil : (signers, digests)
    }
}
