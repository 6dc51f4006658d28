internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

extension AddCommand {
    /// Entries a checkpoint, at most.
    private static let largestBatch = 2048

    /// The next entries that go under one checkpoint: while they are written and published, the signatures of those after
    /// them are checked. Of a long file the last batches are smaller: nothing else is left to do while they are written.
    private static func batch(of entries: SignedEntries, from start: Int) throws -> [ArraySlice<UInt8>] {
        let rest = entries.count - start
        let count = entries.count > largestBatch ? min(largestBatch, max(256, (rest + 1) / 2)) : rest
        return try entries.leaves(from: start, count: count, maximumBytes: largestBatchBytes)
    }

    /// Twice what a batch of usual entries has.
    private static let largestBatchBytes = 16 << 20

    private static let previewCount = 20

    /// Registers all entries of a file, which are signed already.
    func addEntries(of path: String) async throws {
        guard sign == nil, description.isEmpty, documents.restricted.isEmpty else {
            throw RegistryError(
                .usage, "\(path) holds signed entries: who signs, and what, is in them",
                hint: "leave out --sign, --title, --restricted and the like: bitim add --from \(path) [DOCUMENT…]")
        }
        let console = output.console
        let entries = try SignedEntries(path: path)
        guard entries.count > 0 else {
            throw RegistryError(.usage, "\(path) has no entries", hint: "see 'bitim add --help' for what may be in it")
        }
        var given: [ContentDigest: String] = [:]
        for file in files { given[try DocumentCheck.digest(of: file, followingLinks: true).digest] = file }
        try confirmation.confirm(Self.preview(of: entries), console: console)
        // While the registry is opened, the first signatures are checked.
        let examination = EntryExamination(folders.registryFolder)
        let first = Task { try await examination.examine(Self.batch(of: entries, from: 0)[...]) }
        // Witnesses of all parties may be here; their signers have signed.
        let ledger = try RegistryReading.open(registry: folders.registryFolder, keys: folders.keysFolder)
        let registrar = try await open(signers: ledger.constitution.parties.map(\.party), signing: false)
        // Somebody may have added certificates since.
        let isCurrent = examination.isSame(as: registrar.examination)
        let bar = ProgressBar("registering", console: console)
        let (publishing, registered) = try await register(
            entries, documents: given, registrar, first: isCurrent ? first : nil
        ) {
            bar.update(Int64($0), of: Int64(entries.count))
        }
        bar.clear()
        try await tell(publishing, of: registrar, registered)
    }

    /// - Parameter first: what examines the first entries already.
    private func register(
        _ entries: SignedEntries, documents: [ContentDigest: String], _ registrar: Registrar,
        first: Task<[ExaminedEntry], any Error>?, progress: (Int) -> Void
    ) async throws -> (Registrar.Publishing, [Registrar.Registered]) {
        let examination = registrar.examination
        @Sendable func examine(from start: Int) async throws -> [ExaminedEntry] {
            try await examination.examine(Self.batch(of: entries, from: start)[...])
        }
        var publishing = try await registrar.publish()
        var registered: [Registrar.Registered] = []
        var next = first ?? Task { try await examine(from: 0) }
        while registered.count < entries.count {
            let examined = try await next.value
            next = Task { [start = registered.count + examined.count] in try await examine(from: start) }
            for entry in examined {
                do {
                    registered.append(try registrar.queue(entry, documents: documents))
                } catch let refusal as RegistryError {
                    throw Self.refusal(refusal, of: registered.count, in: entries.path, published: registrar)
                }
            }
            publishing = try await registrar.commit()
            progress(registered.count)
        }
        return (publishing, registered)
    }

    /// What of the file is registered stays so, and running the command again goes on after it.
    private static func refusal(
        _ refusal: RegistryError, of position: Int, in path: String, published registrar: Registrar
    ) -> RegistryError {
        RegistryError(
            refusal.code, "entry \(position) of \(path), counted from 0: \(refusal.message)",
            hint:
                "\(refusal.hint); the registry has \(registrar.ledger.fullHead.size) entries now, and what is in it stays",
            findings: refusal.findings)
    }

    private static func preview(of entries: SignedEntries) throws -> [String] {
        try ["To be registered: \(entries.count) entries that are signed already"]
            + (0..<min(previewCount, entries.count)).map { number in
                let leaf = try entries.leaves(from: number, count: 1).flatMap(\.self)
                guard let statement = Entry(leaf: leaf, checksProfile: false).statement else {
                    return "  (no statement)"
                }
                guard case .agreementRegistered(let body) = statement.event else {
                    return "  \(statement.agreement?.text ?? "the registry")  \(statement.event.name)"
                }
                return "  \(statement.agreement?.text ?? "")  \(body.titleStatus.text): "
                    + (body.title?.preferred ?? "(not public)")
            }
            + (entries.count > previewCount ? ["  … and \(entries.count - previewCount) more"] : [])
    }
}
