internal import Glibc
internal import NIOCore
internal import Registry
internal import Synchronization
internal import TiledLog

/// Files of a registry that were served last, and what they look like compressed. A file that changes is seen by its
/// identity before it is served again; one that never does is looked at once.
final class FileCache: Sendable {
    struct Served: Sendable {
        let body: ByteBuffer
        /// Nil where it is not worth while.
        let compressed: ByteBuffer?
        let entityTag: String
    }

    private struct Held {
        let served: Served
        let identity: FileStamp
        let cost: Int
    }

    private struct Contents {
        var files: [String: Held] = [:]
        var cost = 0
    }

    private static let maximumFileBytes = 1 << 25
    private let maximumBytes: Int
    private let contents = Mutex(Contents())
    private let registry: RegistryFolder

    init(_ registry: RegistryFolder, maximumBytes: Int = 64 << 20) {
        self.registry = registry
        self.maximumBytes = maximumBytes
    }

    /// - Returns: nil when there is no such file.
    func file(_ name: String, isImmutable: Bool, compressing: Bool) throws(FileError) -> Served? {
        if isImmutable, let held = contents.withLock({ $0.files[name] }) { return held.served }
        let path = registry.fullPath(name)
        guard let stamp = FileStamp(path) else { return nil }
        if let held = contents.withLock({ $0.files[name] }), held.identity == stamp { return held.served }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(path, maximumBytes: Self.maximumFileBytes)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
        let served = Served(
            body: ByteBuffer(bytes: bytes),
            compressed: compressing ? Gzip.compress(bytes).map { ByteBuffer(bytes: $0) } : nil,
            entityTag: stamp.entityTag)
        keep(
            name,
            Held(served: served, identity: stamp, cost: bytes.count + (served.compressed?.readableBytes ?? 0) + 512))
        return served
    }

    private func keep(_ name: String, _ held: Held) {
        contents.withLock { contents in
            // All of them at once: what is asked for often is back at once.
            if contents.cost + held.cost > maximumBytes { contents = Contents() }
            guard held.cost <= maximumBytes else { return }
            if let former = contents.files.updateValue(held, forKey: name) { contents.cost -= former.cost }
            contents.cost += held.cost
        }
    }
}

/// By what a file is seen to be another one.
struct FileStamp: Equatable {
    let sizeBytes: Int
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil when there is no regular file; a link is none.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        sizeBytes = Int(status.st_size)
        inode = UInt64(status.st_ino)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }

    /// As HTTP writes it, strong (RFC 9110, 8.8.3).
    var entityTag: String {
        "\"\([UInt64(bitPattern: Int64(seconds)), UInt64(nanoseconds), inode, UInt64(sizeBytes)].map { String($0, radix: 36) }.joined(separator: "-"))\""
    }
}
