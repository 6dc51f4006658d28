internal import Glibc

/// Who besides this user, and root, may change what lies at a path.
package enum ForeignWriter: Hashable, Sendable, CustomStringConvertible {
    case everybody
    case group(UInt32)
    case owner(UInt32)

    package var description: String {
        switch self {
        case .everybody: "everybody on this machine"
        case .group(let number): "the group \(number)"
        case .owner(let number): "the user \(number)"
        }
    }

    /// Links are followed. Nil when nobody may, and where nothing is.
    package init?(of path: String) {
        guard let status = Self.status(path), let writer = Self.writer(status) else { return nil }
        self = writer
    }

    /// Who may give another name to what lies in a folder, and put something else in its place.
    package init?(ofPlacesIn folder: String) {
        guard let status = Self.status(folder) else { return nil }
        // There each gives other names to what is theirs, as in /tmp.
        let isSticky = status.st_mode & S_ISVTX != 0
        guard let writer = Self.writer(status), !isSticky || writer == .owner(status.st_uid) else { return nil }
        self = writer
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }

    private static func writer(_ status: stat) -> ForeignWriter? {
        if Files.isForeign(owner: status.st_uid) { return .owner(status.st_uid) }
        if status.st_mode & 0o002 != 0 { return .everybody }
        guard status.st_mode & 0o020 != 0, !isOfOne(group: status.st_gid, owner: status.st_uid) else { return nil }
        return .group(status.st_gid)
    }

    /// Whether a group is a user's own, as where each has one of the same name and files are made with the umask 002.
    private static func isOfOne(group: UInt32, owner: UInt32) -> Bool {
        // The groups of a network directory stand in no file: there the numbers are all that is known.
        guard let entry = entries("/etc/group").first(where: { $0.count > 3 && $0[2] == String(group) }) else {
            return group == owner
        }
        let users = entries("/etc/passwd").filter { $0.count > 3 }
        guard let user = users.first(where: { $0[2] == String(owner) }), user[0] == entry[0] else { return false }
        return entry[3].split(separator: ",").allSatisfy { $0 == user[0] }
            && users.allSatisfy { $0[3] != String(group) || $0[2] == String(owner) }
    }

    private static func entries(_ path: String) -> [[Substring]] {
        let text = (try? Files.read(path, maximumBytes: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    }
}

extension Files {
    /// Whether what is at the path itself belongs to somebody else than this user or root, who may then change it.
    package static func isForeign(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && isForeign(owner: status.st_uid)
    }

    fileprivate static func isForeign(owner: UInt32) -> Bool { owner != geteuid() && owner != 0 }
}
