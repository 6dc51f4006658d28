/// One of the six AlgorithmIdentifiers of digests that the profile allows: parameters absent or NULL (RFC 5754, 2).
struct ExactDigest {
    let algorithm: DigestAlgorithm
    private let hasNull: Bool

    init?(_ cursor: inout DERCursor, _ bytes: Span<UInt8>) {
        guard var inner = cursor.next(0x30, in: bytes), inner.pass(ExactEncodings.sha2, in: bytes) else { return nil }
        switch inner.byte(in: bytes) {
        case 1: algorithm = .sha256
        case 2: algorithm = .sha384
        case 3: algorithm = .sha512
        default: return nil
        }
        hasNull = !inner.isAtEnd
        if hasNull { guard inner.pass(ExactEncodings.null, in: bytes), inner.isAtEnd else { return nil } }
    }

    /// In the order of their encodings: the shorter ones first.
    fileprivate var rank: UInt8 {
        let rank: UInt8 =
            switch algorithm {
            case .sha256: 0
            case .sha384: 1
            case .sha512: 2
            }
        return hasNull ? rank + 3 : rank
    }
}

/// A set of such encodings.
struct ExactDigests: Equatable {
    private var bits: UInt8 = 0

    mutating func insert(_ digest: ExactDigest) { bits |= 1 << digest.rank }

    /// False when it does not come after all that are there.
    mutating func append(_ digest: ExactDigest) -> Bool {
        guard bits >> digest.rank == 0 else { return false }
        insert(digest)
        return true
    }
}
