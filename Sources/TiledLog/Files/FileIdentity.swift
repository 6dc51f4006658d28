internal import Glibc

/// Which file it is, and when it was changed last, as the kernel keeps it: the times of change of its bytes and of its
/// place, of which nobody but the kernel sets the second.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    package let sizeBytes: Int64
    /// Nanoseconds.
    package let modified: Int64
    /// Nanoseconds.
    package let changed: Int64

    package init(device: UInt64, inode: UInt64, sizeBytes: Int64, modified: Int64, changed: Int64) {
        self.device = device
        self.inode = inode
        self.sizeBytes = sizeBytes
        self.modified = modified
        self.changed = changed
    }

    /// Of a regular file that nobody but this user can write to; nil of everything else.
    package init?(ofOwn path: String) {
        guard let status = Self.ownStatus(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), sizeBytes: Int64(status.st_size),
            modified: Self.nanoseconds(status.st_mtim), changed: Self.nanoseconds(status.st_ctim))
    }

    /// Whether it is a folder in which nobody but this user can put or replace anything.
    package static func isOwnFolder(_ path: String) -> Bool {
        ownStatus(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    private static func ownStatus(_ path: String) -> stat? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            return nil
        }
        return status
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(time.tv_nsec)
    }
}

extension Files {
    /// What tells this start of the machine from others; nil when the kernel does not say.
    package static var bootIdentifier: String? {
        guard let bytes = try? read("/proc/sys/kernel/random/boot_id", maximumBytes: 100) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map { String($0) } ?? ""
        return text.isEmpty || text.contains(" ") ? nil : text
    }
}
