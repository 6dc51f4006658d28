import OpenSSLKit

/// What a tlog-tiles log has to look like on disk, straight from the specification: it shares nothing with ours but
/// SHA-256.
struct ReferenceLog {
    /// hashes[l][i] = MTH(D[i * 256^l : (i + 1) * 256^l])
    private let hashes: [[[UInt8]]]
    private let entries: [[UInt8]]

    init(_ entries: [[UInt8]]) {
        self.entries = entries
        var levels = [entries.map { DigestAlgorithm.sha256.hash([0] + $0) }]
        while let last = levels.last, last.count >= 256 {
            levels.append(
                (0..<(last.count / 256)).map { Self.root(last[($0 * 256)..<(($0 + 1) * 256)]) })
        }
        hashes = levels
    }

    /// MTH over nodes of one level (RFC 6962, 2.1).
    static func root(_ nodes: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = nodes.first else { return DigestAlgorithm.sha256.hash([UInt8]()) }
        guard nodes.count > 1 else { return first }
        var split = 1
        while split * 2 < nodes.count { split *= 2 }
        let middle = nodes.startIndex + split
        return DigestAlgorithm.sha256.hash([1] + root(nodes[..<middle]) + root(nodes[middle...]))
    }

    func root(size: Int) -> [UInt8] { Self.root(hashes[0][..<size]) }
    func leafHash(_ index: Int) -> [UInt8] { hashes[0][index] }

    /// All files of a log of these entries, of which the given sizes were signed, by path: full ones, and the partial
    /// ones of each signed size.
    ///
    /// - Parameter superseded: whether partial ones stay beside their full ones.
    func files(signedSizes: [Int], superseded: Bool) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for size in signedSizes {
            for (path, bytes) in self.files(size: size) where superseded || !isSuperseded(path) { files[path] = bytes }
        }
        return files
    }

    private func isSuperseded(_ path: String) -> Bool {
        guard let dot = path.firstIndex(of: ".") else { return false }
        let parts = path[..<dot].split(separator: "/").map(String.init)
        let level = parts[1] == "entries" ? 0 : Int(parts[1])!
        let index = parts.dropFirst(2).reduce(0) { $0 * 1000 + Int($1.drop { $0 == "x" })! }
        return hashes[level].count >= (index + 1) * 256
    }

    private func files(size: Int) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var count = size
        for level in 0... {
            guard count > 0 else { break }
            for start in stride(from: 0, to: count, by: 256) {
                let end = min(start + 256, count)
                let tail = Self.path(start / 256) + (end - start < 256 ? ".p/\(end - start)" : "")
                files["tile/\(level)/\(tail)"] = hashes[level][start..<end].flatMap { $0 }
                guard level == 0 else { continue }
                files["tile/entries/\(tail)"] = entries[start..<end].flatMap {
                    [UInt8($0.count / 256), UInt8($0.count % 256)] + $0
                }
            }
            count /= 256
        }
        return files
    }

    static func path(_ number: Int) -> String {
        let last = String(String(number % 1000 + 1000).dropFirst())
        guard number >= 1000 else { return last }
        return path(number / 1000).split(separator: "/").map { "x\($0.drop { $0 == "x" })/" }.joined() + last
    }
}
