internal import Synchronization
internal import TiledLog
internal import TransparencyLog

/// Of which sizes there is a file in `checkpoints/`, found by their names, in the order of their sizes: no more folders are
/// listed than lead there.
final class CheckpointSizes: Sendable {
    private let registry: RegistryFolder
    private struct Known {
        var names: [String: [String]] = [:]
        var findings: [Finding] = []
    }
    private let known = Mutex(Known())

    /// Folders that could not be listed: of which sizes there are files is not known then.
    var findings: [Finding] { known.withLock { $0.findings } }

    init(_ registry: RegistryFolder) { self.registry = registry }

    /// The smallest size from a limit on; nil when there is none.
    func first(from limit: Int64) -> Int64? {
        guard let smallest = CheckpointPath(size: max(0, limit)) else { return nil }
        let groups = smallest.path.split(separator: "/").dropFirst().map { String($0) }
        // 2^63 - 1 has seven groups of digits.
        for depth in groups.count...7 {
            let bound = depth == groups.count ? groups[...] : nil
            if let found = first(in: Publications.folder, depth: depth, from: bound) {
                return CheckpointPath(path: found)?.size
            }
        }
        return nil
    }

    /// The first file that lies so many names deep, from a path on.
    private func first(in folder: String, depth: Int, from bound: ArraySlice<String>?) -> String? {
        for name in names(in: folder) where name.hasPrefix("x") == (depth > 1) {
            if let limit = bound?.first, name < limit { continue }
            let path = "\(folder)/\(name)"
            if depth == 1 {
                if CheckpointPath(path: path) != nil { return path }
            } else if let found = first(
                in: path, depth: depth - 1, from: bound?.first == name ? bound?.dropFirst() : nil)
            {
                return found
            }
        }
        return nil
    }

    private func names(in folder: String) -> [String] {
        if let names = known.withLock({ $0.names[folder] }) { return names }
        var findings: [Finding] = []
        let names = FileWalk.listed(folder, &findings) { () throws(FileError) in
            try Files.names(in: registry.fullPath(folder))
        }
        known.withLock {
            $0.names[folder] = names
            $0.findings += findings
        }
        return names
    }
}
