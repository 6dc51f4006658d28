import OpenSSLKit

/// A second implementation, straight from the recursions of RFC 6962, section 2.1, to hold ours against: it shares
/// nothing with it but SHA-256.
final class ReferenceTree {
    private let leafHashes: [[UInt8]]
    private var known: [Range<Int>: [UInt8]] = [:]

    init(leaves: [[UInt8]]) {
        leafHashes = leaves.map { DigestAlgorithm.sha256.hash([0] + $0) }
    }

    /// MTH(D[range])
    func root(_ range: Range<Int>) -> [UInt8] {
        if range.isEmpty { return DigestAlgorithm.sha256.hash([UInt8]()) }
        if range.count == 1 { return leafHashes[range.lowerBound] }
        if let root = known[range] { return root }
        let middle = range.lowerBound + split(range.count)
        let root = DigestAlgorithm.sha256.hash(
            [1] + self.root(range.lowerBound..<middle) + self.root(middle..<range.upperBound)
        )
        known[range] = root
        return root
    }

    /// PATH(m, D[range])
    func path(_ m: Int, _ range: Range<Int>) -> [[UInt8]] {
        if range.count == 1 { return [] }
        let k = split(range.count)
        let middle = range.lowerBound + k
        if m < k { return path(m, range.lowerBound..<middle) + [root(middle..<range.upperBound)] }
        return path(m - k, middle..<range.upperBound) + [root(range.lowerBound..<middle)]
    }

    /// SUBPROOF(m, D[range], b)
    func subproof(_ m: Int, _ range: Range<Int>, _ b: Bool) -> [[UInt8]] {
        if m == range.count { return b ? [] : [root(range)] }
        let k = split(range.count)
        let middle = range.lowerBound + k
        if m <= k { return subproof(m, range.lowerBound..<middle, b) + [root(middle..<range.upperBound)] }
        return subproof(m - k, middle..<range.upperBound, false) + [root(range.lowerBound..<middle)]
    }

    private func split(_ count: Int) -> Int {
        var k = 1
        while k * 2 < count { k *= 2 }
        return k
    }
}
