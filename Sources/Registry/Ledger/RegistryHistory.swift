package import Agreements
internal import OpenSSLKit
internal import TiledLog
package import TransparencyLog

/// The constitutions that a ledger has laid down, and the policy of each: what its checkpoints are judged by.
///
/// It is read before any checkpoint can be verified, so that it rests on nothing but entry 0: every change has to bear
/// the signatures of all parties, by signers on the lists as they stood before it. Whether the ledger as a whole holds
/// is for a pass over all entries, which has to come to the same history.
package struct RegistryHistory: Sendable {
    package private(set) var state: RegistryState
    private var policies: [(entry: Int64, policy: WitnessPolicy)]

    package init(_ established: RegistryEstablished) throws(RegistryError) {
        state = RegistryState(established: established)
        policies = [(0, try WitnessPolicy(established.constitution))]
    }

    /// What a checkpoint of that many entries is judged by.
    package func policy(forTreeSize size: Int64) -> WitnessPolicy {
        (policies.last { $0.entry < size } ?? policies[0]).policy
    }

    /// The policies that hold no longer, each with the size of the largest tree that it judges.
    package var formerPolicies: [(lastSize: Int64, policy: WitnessPolicy)] {
        zip(policies, policies.dropFirst()).map { ($1.entry, $0.policy) }
    }

    /// What those bytes are judged by; of bytes that are no checkpoint nobody knows, and any policy refuses them.
    package func policy(forCheckpoint bytes: [UInt8]) -> WitnessPolicy {
        let size = (try? SignedNote(parsing: bytes)).flatMap { try? Checkpoint(parsing: $0.text).size }
        return policy(forTreeSize: size ?? 0)
    }

    /// With a change that has been found good.
    package func including(_ other: RegistryState) throws(RegistryError) -> RegistryHistory {
        var history = self
        history.state = other
        for epoch in other.epochs.dropFirst(policies.count) {
            history.policies.append((epoch.entry, try WitnessPolicy(epoch.constitution)))
        }
        return history
    }

    // MARK: Reading

    /// Adds the changes that the entries of a ledger make.
    ///
    /// - Parameters:
    ///   - first: entry 0, which is the registry's identity.
    ///   - size: how many entries to look at; the end of what is there ends the reading too.
    mutating func read(_ registry: RegistryFolder, first: Entry, size: Int64) {
        var reading = Reading(registry: registry, first: first)
        var index: Int64 = 0
        var isAfterMissing = false
        for bundle in TilePath.bundles(forSize: size) {
            guard let leaves = try? registry.ledger.entries(bundle) else {
                // What is missing is told by the pass over all entries; a size that nobody has must not be counted up.
                if isAfterMissing { return }
                isAfterMissing = true
                index += Int64(bundle.width)
                continue
            }
            isAfterMissing = false
            for leaf in leaves {
                if index > 0, Self.mayBeRegistryEvent(leaf) { reading.take(Array(leaf), at: index, into: &self) }
                index += 1
            }
        }
    }

    // A statement's first member is its agreement, null in the registry's own events, and it begins within the first
    // few hundred bytes of a leaf of the profile.
    private static let mark = Array(#"{"agreement":null,"#.utf8)
    private static let markWithin = 1024

    private static func mayBeRegistryEvent(_ leaf: ArraySlice<UInt8>) -> Bool {
        var rest = leaf.prefix(markWithin)
        while let start = rest.firstIndex(of: mark[0]) {
            rest = rest[start...]
            if rest.starts(with: mark) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    fileprivate mutating func apply(_ change: RegistryChanged, entry: Int64, policy: WitnessPolicy) {
        state.apply(change, entry: entry)
        policies.append((entry, policy))
    }
}

/// The thread that runs through the registry's own entries.
private struct Reading {
    let registry: RegistryFolder
    let identity: ContentDigest
    /// What the next registry event names as `previous`.
    var head: ContentDigest
    var statements: Set<ContentDigest> = []
    private var certificates: CertificateStore?

    init(registry: RegistryFolder, first: Entry) {
        self.registry = registry
        identity = ContentDigest(first.leafHash)
        head = identity
    }

    mutating func take(_ leaf: [UInt8], at index: Int64, into history: inout RegistryHistory) {
        let entry = Entry(leaf: leaf)
        guard entry.deviations.isEmpty, let statement = entry.statement, statement.agreement == nil,
            statement.ledger == .registry(identity), statement.previous == head,
            let digest = entry.statementDigest, statements.insert(digest).inserted
        else { return }
        guard case .registryChanged(let change) = statement.event else {
            if isSigned(entry, statement, history.state, notAfter: nil) { head = ContentDigest(entry.leafHash) }
            return
        }
        guard history.state.violations(of: change).isEmpty,
            let changed = try? change.applied(to: history.state.constitution),
            let policy = try? WitnessPolicy(changed), leavesSigners(changed)
        else { return }
        let published = firstPublication(after: index, policy: policy)
        guard isSigned(entry, statement, history.state, notAfter: published?.quorumTime) else { return }
        head = ContentDigest(entry.leafHash)
        history.apply(change, entry: index, policy: policy)
    }

    private mutating func leavesSigners(_ changed: Constitution) -> Bool {
        guard let directory = try? SignerDirectory(changed, certificates: store()) else { return false }
        return changed.parties.allSatisfy { directory.incapacity(of: $0) != .failed }
    }

    private mutating func store() -> CertificateStore {
        let store = certificates ?? CertificateStore(registry)
        certificates = store
        return store
    }

    /// Whether every party of the registry has signed, by a signer on its list.
    private mutating func isSigned(
        _ entry: Entry, _ statement: Statement, _ state: RegistryState, notAfter: Int64?
    ) -> Bool {
        let store = store()
        guard
            let directory = try? SignerDirectory(
                state.constitution, withdrawals: state.withdrawals, certificates: store)
        else { return false }
        // What no checkpoint includes yet is judged by the clock when it is added and when it is cosigned.
        let claimed = entry.signedData?.signerInfos.compactMap { $0.signedAttributes?.signingTime }.max()
        let judge = SignerJudge(
            directory: directory, proved: ProvedInterval(notBefore: nil, notAfter: notAfter),
            time: notAfter ?? claimed ?? 0)
        let judged = judge.judge(entry, outcomes: SignatureCheck.outcomes(of: entry, certificates: store))
        guard judged.flatMap(\.findings).verdict != .failed else { return false }
        return judged.map(\.signer.party).sorted { ($0?.text ?? "") < ($1?.text ?? "") }
            == state.constitution.parties.map(\.party)
    }

    /// The first checkpoint that includes the entry, judged by the policy that the entry itself lays down.
    private func firstPublication(after index: Int64, policy: WitnessPolicy) -> Publication? {
        var strays: [Finding] = []
        let sizes = FileWalk.regularFiles(in: registry.path, under: Publications.folder, strays: &strays)
            .compactMap { CheckpointPath(path: $0) }.filter { $0.size > index }.sorted { $0.size < $1.size }
        for path in sizes.map(\.path) + [RegistryFolder.checkpointName] {
            guard
                let bytes = try? Files.read(registry.fullPath(path), maximumBytes: SignedNote.maximumByteCount),
                let publication = try? Publications.judge(bytes, policy: policy), publication.head.size > index
            else { continue }
            return publication
        }
        return nil
    }
}
