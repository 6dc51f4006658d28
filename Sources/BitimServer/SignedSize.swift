internal import TransparencyLog

/// What a checkpoint on this machine's own disk says of its size, unverified.
enum SignedSize {
    /// 0 where it is no checkpoint.
    static func size(ofNote bytes: some Collection<UInt8>) -> Int64 {
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        return lines.count == 3 ? DecimalNumber.parse(lines[1]) ?? 0 : 0
    }
}
