internal import Agreements
internal import OpenSSLKit
internal import Synchronization
internal import TiledLog
internal import TransparencyLog

/// Documents, certificates and checkpoints on their way into a copy: fetched to a place of their own, held against their
/// names, and given their places together.
///
/// What is about to be placed is written down first, so that a run which ends in between, or finds the whole wanting, can
/// be undone.
struct IncomingFiles {
    let registry: RegistryFolder
    let source: RegistrySource
    /// Files that are there and not right: fetched as if they were not.
    let damaged: Set<String>

    /// Registry-relative names of files that lie ready.
    private(set) var ready: [String] = []
    private(set) var documentCount = 0
    private(set) var findings: [Finding] = []

    private static let folder = IncomingTree.folder
    private static let journal = "\(folder)/placed"
    private static let maximumCertificateBytes = 1 << 16

    init(registry: RegistryFolder, source: RegistrySource, damaged: Set<String> = []) {
        self.registry = registry
        self.source = source
        self.damaged = damaged
    }

    private func has(_ name: String) -> Bool {
        Files.kind(registry.fullPath(name)) == .regular && !damaged.contains(name)
    }
    private func isReady(_ name: String) -> Bool { has("\(Self.folder)/\(name)") }

    /// What an earlier run has staged may have been lost in part when the power went.
    private func isReady(_ name: String, _ digest: ContentDigest, maximumBytes: Int) -> Bool {
        guard isReady(name) else { return false }
        let path = registry.fullPath("\(Self.folder)/\(name)")
        return (try? DocumentCheck.digest(of: path, maximumBytes: maximumBytes))?.digest == digest
    }

    // MARK: Fetching

    /// Those that the lists name and, where the server lists its own, what stands between them and the authorities.
    mutating func fetchCertificates(_ named: Set<ContentDigest>) async throws {
        let listed = try await listedCertificates()
        let wanted = named.union(listed).sorted().map { ($0, RegistryFolder.certificateName($0)) }
        let missing = wanted.filter { !has($0.1) }
        var files = self
        let source = source
        try await Fetching.inOrder(
            missing,
            fetch: { try await source.fetch($0.1, maximumBytes: Self.maximumCertificateBytes) }
        ) { item, bytes in
            // Which of those that are listed belong here the audit tells; what is missing it tells too.
            guard let bytes else { return }
            let actual = ContentDigest.of(bytes)
            guard actual == item.0 else {
                files.findings.append(
                    Finding(
                        "certificate.mismatch", path: item.1, expected: item.0.text, actual: actual.text,
                        "the certificate's bytes are not those that its name says"))
                return
            }
            try files.stage(item.1, bytes)
        }
        self = files
    }

    /// The names that the server lists, in whatever form: nothing but what looks like a certificate's name is read.
    private func listedCertificates() async throws -> Set<ContentDigest> {
        let bytes = await source.certificateList()
        let mark = Array(".der".utf8)
        var found: Set<ContentDigest> = []
        for position in bytes.indices.dropFirst(64) where bytes[position...].starts(with: mark) {
            let name = String(decoding: bytes[(position - 64)..<position], as: UTF8.self)
            if let digest = ContentDigest(hex: name) { found.insert(digest) }
            guard found.count <= 10_000 else { break }
        }
        return found
    }

    /// What is not held yet; each as it comes is held against the digest that its entry gives.
    mutating func fetchDocuments(_ documents: [ContentDigest: Int64]) async throws {
        let wanted = documents.sorted { $0.key < $1.key }.filter { !has(RegistryFolder.documentName($0.key)) }
        // Once, before several come at a time, and each would make it.
        if !wanted.isEmpty {
            try registry.files.makeFolder(registry.fullPath("\(Self.folder)/documents"), mode: 0o755, sync: false)
        }
        var files = self
        try await Fetching.inOrder(
            wanted, fetch: { [self] in try await fetchDocument($0.key, sizeBytes: $0.value) }
        ) { item, finding in
            if let finding {
                files.findings.append(finding)
            } else {
                files.ready.append(RegistryFolder.documentName(item.key))
                files.documentCount += 1
            }
        }
        self = files
    }

    /// - Returns: what is wrong with it; nil when it lies ready.
    private func fetchDocument(_ digest: ContentDigest, sizeBytes: Int64) async throws -> Finding? {
        let name = RegistryFolder.documentName(digest)
        let maximum = Int(clamping: sizeBytes)
        if isReady(name, digest, maximumBytes: maximum) { return nil }
        let hashing = Mutex(SHA256Hasher())
        let partial = "\(Self.folder)/partial-\(digest.hex)"
        var file: IncomingFile?
        defer { withExtendedLifetime(file) {} }
        let isServed: Bool
        do {
            isServed = try await source.download(name, maximumBytes: maximum) {
                // What an earlier try has left goes first: it would take the name of this one with it.
                file = nil
                let incoming = try IncomingFile(registry.files, partial)
                file = incoming
                hashing.withLock { $0 = SHA256Hasher() }
                return { bytes in
                    hashing.withLock { $0.update(bytes) }
                    return incoming.write(bytes)
                }
            }
        } catch {
            // Whoever serves it is not at fault where it cannot be kept.
            throw file?.failure ?? error
        }
        guard isServed else {
            return Finding(
                "document.missing", .indeterminate, path: name, expected: digest.text,
                "the document is not served")
        }
        // An empty document has no bytes to come.
        if file == nil { file = try IncomingFile(registry.files, partial) }
        let actual = ContentDigest(hashing.withLock { $0.finalize() })
        guard actual == digest else {
            return Finding(
                "document.mismatch", path: name, expected: digest.text, actual: actual.text,
                "the document's bytes are not those that were signed")
        }
        try registry.files.adopt(partial, as: "\(Self.folder)/\(name)", mode: 0o644)
        return nil
    }

    /// The checkpoints of published sizes that are not held.
    ///
    /// - Parameters:
    ///   - named: sizes that entries name.
    ///   - known: the latest, which is at hand already.
    ///   - isRight: whether one of them holds, where no audit follows that would tell.
    mutating func fetchCheckpoints(
        from ownSize: Int64, to head: TreeHead, named: Set<Int64>, known: [UInt8],
        isRight: ([UInt8]) -> Bool = { _ in true }
    ) async throws {
        var files = self
        if let path = CheckpointPath(size: head.size)?.path, !has(path) { try files.stage(path, known) }
        let listed = try await listedSizes(from: ownSize)
        for path in try Self.readyCheckpoints(registry) {
            let name = "\(Self.folder)/\(path)"
            do throws(FileError) {
                let bytes = try Files.read(registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount)
                if Self.isCheckpoint(bytes, at: path) { continue }
            } catch {
                // One that cannot be read at this moment is not one that is wrong.
                if case .system = error.reason { throw error }
            }
            registry.files.remove(name)
        }
        let current = self
        func fetch(_ sizes: some Sequence<Int64>) async throws {
            let paths = sizes.lazy.compactMap { CheckpointPath(size: $0)?.path }
                .filter { !current.has($0) && !current.isReady($0) }
            try await Fetching.inOrder(
                paths, fetch: { try await current.source.fetch($0, maximumBytes: SignedNote.maximumByteCount) }
            ) { path, bytes in
                // Whether it holds, the audit tells; what is no checkpoint of that size is as good as not there.
                if let bytes, Self.isCheckpoint(bytes, at: path), isRight(bytes) { try files.stage(path, bytes) }
            }
        }
        try await fetch(named.filter { (1..<head.size).contains($0) }.sorted())
        if let listed {
            try await fetch(listed.filter { (1..<head.size).contains($0) })
        } else if head.size > ownSize + 1 {
            // Nobody says which there are: each is asked for.
            try await fetch((ownSize + 1)..<head.size)
        }
        for path in try Self.readyCheckpoints(registry) where !files.ready.contains(path) { files.ready.append(path) }
        self = files
    }

    private static func isCheckpoint(_ bytes: [UInt8], at path: String) -> Bool {
        guard let note = try? SignedNote(parsing: bytes), let checkpoint = try? Checkpoint(parsing: note.text) else {
            return false
        }
        return CheckpointPath(path: path)?.size == checkpoint.size
    }

    /// What `bitim serve` lists: a size a line. Nil where the server lists nothing of that form.
    private func listedSizes(from size: Int64) async throws -> [Int64]? {
        guard let bytes = await source.sizeList(from: size), bytes.last == 0x0A else { return nil }
        var sizes: [Int64] = []
        for line in bytes.dropLast().split(separator: 0x0A) {
            guard let size = DecimalNumber.parse(line) else { return nil }
            sizes.append(size)
        }
        return sizes
    }

    private static func readyCheckpoints(_ registry: RegistryFolder) throws -> [String] {
        var strays: [Finding] = []
        return FileWalk.regularFiles(
            in: registry.fullPath(folder), under: Publications.folder, strays: &strays)
    }

    mutating func stage(_ name: String, _ bytes: [UInt8]) throws {
        try registry.files.place("\(Self.folder)/\(name)", bytes)
        ready.append(name)
    }

    // MARK: Placing

    /// Gives them their places, and those of the tree. Durable at the next barrier; all bytes, and what is to be placed, are
    /// before the first of them has its place.
    ///
    /// - Parameter head: of the tree that they belong to.
    func place(_ tree: IncomingTree? = nil, for head: TreeHead) throws {
        let names = Array(Set(ready)).sorted()
        let lines = ["\(head.size) \(head.root.hex)"] + names
        try registry.files.place(Self.journal, Array(lines.map { $0 + "\n" }.joined().utf8))
        try registry.files.barrier()
        try tree?.place()
        for name in names where isReady(name) {
            try registry.files.adopt("\(Self.folder)/\(name)", as: name, mode: 0o644)
        }
    }

    /// Takes away what a run placed that did not come to its end.
    ///
    /// - Parameter heads: the trees that the copy has, published and pending: what was placed for one of them, or for a
    ///   smaller one, is its own by now.
    static func undo(_ registry: RegistryFolder, having heads: [TreeHead]) throws {
        let path = registry.fullPath(journal)
        guard Files.kind(path) != nil else { return }
        let text = String(decoding: try Files.read(path, maximumBytes: 1 << 30), as: UTF8.self)
        var lines = text.split(separator: "\n")[...]
        let head = lines.popFirst()?.split(separator: " ") ?? []
        let size = head.first.flatMap { DecimalNumber.parse($0.utf8) } ?? .max
        let isTaken = heads.contains { own in
            own.size > size || own.size == size && head.count == 2 && own.root.hex == head[1]
        }
        if !isTaken {
            for name in lines where isOwn(name) { registry.files.remove(String(name)) }
        }
        registry.files.remove(journal)
    }

    /// Of the tree that a run was bringing when it ended; nil when none was cut short.
    static func sizeOfBroken(_ registry: RegistryFolder) -> Int64? {
        guard let start = try? Files.start(of: registry.fullPath(journal), count: 20) else { return nil }
        return DecimalNumber.parse(start.prefix { $0 != UInt8(ascii: " ") })
    }

    /// All is well: what lies in the place for what comes is not needed any more.
    static func finish(_ registry: RegistryFolder) throws {
        // First of all: without it nothing is undone.
        registry.files.remove(journal)
        try registry.files.removeAll(folder)
    }

    private static func isOwn(_ name: Substring) -> Bool {
        !name.contains("..")
            && ["documents/", "certificates/", "\(Publications.folder)/"].contains { name.hasPrefix($0) }
    }
}
