internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

extension RegistryHistory {
    /// Adds the changes that the entries of a ledger make.
    ///
    /// - Parameters:
    ///   - first: entry 0, which is the registry's identity.
    ///   - size: how many entries to look at; the end of what is there ends the reading too.
    ///   - now: POSIX seconds, for changes that no checkpoint includes yet.
    ///   - index: where the first of them are found.
    mutating func read(
        _ registry: RegistryFolder, first: Entry, size: Int64, now: Int64, index: VouchedIndex? = nil
    ) {
        let events = Self.registryEvents(registry, size: size, index: index)
        guard !events.isEmpty else { return }
        var reading = HistoryReading(registry, self, now: now)
        reading.read([(0, first)] + events.map { ($0, Entry(leaf: $1)) })
        self = reading.history
    }
}

/// Reads the registry's own events, each by the time that its first published checkpoint proves.
///
/// By which keys a checkpoint is judged depends on the events that it includes, and whether an event had lapsed by then
/// on the time of the checkpoint. All events between two checkpoints have the same time, one of those of the second one's
/// cosignatures: it is the one that these events, judged by it, lead back to. So what is published never hangs on the
/// clock of whoever reads it.
private struct HistoryReading {
    private struct Event {
        let index: Int64
        let entry: Entry
        let outcomes: [SignatureCheck.Outcome]
    }

    private(set) var history: RegistryHistory
    private let registry: RegistryFolder
    private let certificates: CertificateStore
    private var judge: EntryJudge
    /// POSIX seconds.
    private let now: Int64

    init(_ registry: RegistryFolder, _ history: RegistryHistory, now: Int64) {
        self.registry = registry
        self.history = history
        self.now = now
        certificates = CertificateStore(registry)
        judge = EntryJudge(certificates: certificates)
    }

    mutating func read(_ entries: [(index: Int64, entry: Entry)]) {
        var rest = entries.map { index, entry in
            Event(
                index: index, entry: entry,
                outcomes: SignatureCheck.outcomes(of: entry, certificates: certificates))
        }[...]
        let sizes = CheckpointSizes(registry)
        let latest = latestSize()
        var tried: Int64 = 0
        while let next = rest.first, tried < .max {
            let from = max(tried, next.index) + 1
            // Those that are kept, and the latest, ascending by what they say of their size.
            let size = [sizes.first(from: from), latest].compactMap { $0 }.filter { $0 >= from }.min()
            guard let size else { break }
            tried = size
            let names = [CheckpointPath(size: size)?.path, size == latest ? RegistryFolder.checkpointName : nil]
            let group = rest.prefix { $0.index < size }
            for name in names.compactMap({ $0 }) {
                guard let bytes = Self.bytes(name, registry), let reached = including(group, in: bytes, size: size)
                else { continue }
                self = reached
                rest = rest.dropFirst(group.count)
                break
            }
        }
        // Nothing that is published includes these.
        take(rest, provedBy: nil)
    }

    /// With events that the checkpoint publishes; nil when it is no published one, whatever these events do.
    private func including(_ events: ArraySlice<Event>, in bytes: [UInt8], size: Int64) -> HistoryReading? {
        guard let note = try? SignedNote(parsing: bytes) else { return nil }
        let times = Set(note.signatures.compactMap { Cosignature(parsing: $0.bytes)?.time }).sorted()
        for time in times {
            var reached = self
            reached.take(events, provedBy: time)
            let policy = reached.history.policy(forTreeSize: size)
            guard let publication = try? Publications.judge(bytes, policy: policy) else { continue }
            if publication.head.size == size, publication.quorumTime == time { return reached }
        }
        return nil
    }

    private mutating func take(_ events: ArraySlice<Event>, provedBy notAfter: Int64?) {
        for event in events {
            let entry = event.entry
            // What lies between does not bear on the registry's own life.
            while judge.state.size < event.index { judge.skipUnreadable() }
            let history = history
            let registry = registry
            let notBefore = entry.statement?.tree.flatMap {
                Self.publication(ofSize: $0.size, registry, history)?.earliestCosignature
            }
            let judged = judge.judge(
                entry, outcomes: event.outcomes, proved: ProvedInterval(notBefore: notBefore, notAfter: notAfter),
                now: now
            ) { size in
                Self.publication(ofSize: size, registry, history).map { ContentDigest($0.head.root) }
            }
            judge.take(judged)
            self.history.unrecognisedEntry = judge.state.unrecognisedRegistryEntries.first
            guard let state = judge.state.registry, let continued = try? self.history.continued(by: state) else {
                continue
            }
            self.history = continued
        }
    }

    // MARK: Checkpoints

    /// What the latest checkpoint says of its size.
    private func latestSize() -> Int64? {
        Self.bytes(RegistryFolder.checkpointName, registry).flatMap { try? SignedNote(parsing: $0) }
            .flatMap { try? Checkpoint(parsing: $0.text).size }
    }

    private static func publication(
        ofSize size: Int64, _ registry: RegistryFolder, _ history: RegistryHistory
    ) -> Publication? {
        let names = [CheckpointPath(size: size)?.path, RegistryFolder.checkpointName].compactMap { $0 }
        return names.lazy.compactMap { name in
            bytes(name, registry).flatMap { try? Publications.judge($0, policy: history.policy(forTreeSize: size)) }
        }.first { $0.head.size == size }
    }

    private static func bytes(_ name: String, _ registry: RegistryFolder) -> [UInt8]? {
        try? Files.read(registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount)
    }
}
