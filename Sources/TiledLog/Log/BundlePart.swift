package import OpenSSLKit
package import TransparencyLog

/// Some entries in a row of one bundle: what is read and checked at a time.
package struct BundlePart: Hashable, Sendable {
    package let bundle: TilePath
    /// Within the bundle.
    package let range: Range<Int>

    package init(_ bundle: TilePath, _ range: Range<Int>) {
        self.bundle = bundle
        self.range = range
    }

    /// All of it.
    package init(_ bundle: TilePath) { self.init(bundle, 0..<bundle.width) }

    /// The bundle in parts of at most so many entries.
    package static func parts(of bundle: TilePath, entries: Int) -> [BundlePart] {
        stride(from: 0, to: bundle.width, by: entries).map {
            BundlePart(bundle, $0..<min($0 + entries, bundle.width))
        }
    }

    /// The index of its first entry.
    package var first: Int64 { bundle.index * Int64(TilePath.fullWidth) + Int64(range.lowerBound) }

    /// The tile of the hashes of the bundle's entries.
    package var tile: TilePath? { TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width) }

    package var isFull: Bool { range == 0..<TilePath.fullWidth }

    /// What the tile says of these entries.
    package func storedHashes(_ reader: LogReader) -> Result<[SHA256Digest], LogError> {
        guard let tile else { return .failure(LogError(path: bundle.path, problem: .missing)) }
        do throws(LogError) {
            return .success(Array(try reader.hashes(tile)[range]))
        } catch {
            return .failure(error)
        }
    }
}
