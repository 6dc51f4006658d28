/// Where the checkpoint of a tree size is kept: grouped like the tiles, since a folder of a million files is a burden.
///
///     checkpoints/000
///     checkpoints/x001/x234/067
///
/// No part of tlog-tiles, which knows the latest checkpoint only.
package struct CheckpointPath: Hashable, Sendable {
    private static let folder = "checkpoints/"

    package let size: Int64

    /// Nil for a negative size.
    package init?(size: Int64) {
        guard size >= 0 else { return nil }
        self.size = size
    }

    /// Nil for every spelling but the one that `path` makes.
    package init?(path: String) {
        guard path.utf8.starts(with: Self.folder.utf8) else { return nil }
        guard let size = GroupedNumber.number(path.utf8.dropFirst(Self.folder.utf8.count)) else { return nil }
        self.size = size
    }

    package var path: String { Self.folder + GroupedNumber.path(size) }
}

extension CheckpointPath: CustomStringConvertible {
    package var description: String { path }
}
