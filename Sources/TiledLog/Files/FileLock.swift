internal import Glibc

/// An exclusive lock between processes on this machine; it dies with the process that holds it.
@safe package struct FileLock: ~Copyable {
    private let descriptor: Descriptor

    /// Nil when another process still holds the lock after `patienceSeconds`.
    package static func acquire(_ path: String, mode: UInt32 = 0o644, patienceSeconds: Double) throws(FileError)
        -> FileLock?
    {
        let descriptor = try Descriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: mode, operation: "lock")
        var waited = 0.0
        while flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw FileError("lock", path) }
            guard waited < patienceSeconds else { return nil }
            usleep(20_000)
            waited += 0.02
        }
        return FileLock(descriptor: descriptor)
    }

    /// Whether another holder has the lock at this moment. Asking takes it for an instant where it is free.
    package static func isHeld(_ path: String) -> Bool {
        guard let descriptor = try? Descriptor(opening: path, O_RDONLY | O_NOFOLLOW, operation: "lock") else {
            return false
        }
        return flock(descriptor.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private init(descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
