package import Agreements
internal import OpenSSLKit
internal import TiledLog
package import TransparencyLog

/// The constitutions that a ledger has laid down, and the policy of each: what its checkpoints are judged by.
///
/// It is read before any checkpoint can be verified, and rests on nothing but entry 0: every change is judged as an audit
/// judges it, by the lists as they stood before it. Only what agreements have to do with it is left to the pass over all
/// entries, which has to come to the same history.
package struct RegistryHistory: Sendable {
    package private(set) var state: RegistryState
    private var policies: [(entry: Int64, policy: WitnessPolicy)]
    /// The first event of the registry that this program cannot read; nil when there is none. It may have changed every
    /// key, so that what is known here is what held before it.
    package internal(set) var unrecognisedEntry: Int64?

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
        zip(policies, policies.dropFirst()).filter { !$0.policy.agrees(with: $1.policy) }.map { ($1.entry, $0.policy) }
    }

    /// What those bytes are judged by; of bytes that are no checkpoint nobody knows, and any policy refuses them.
    package func policy(forCheckpoint bytes: [UInt8]) -> WitnessPolicy {
        let size = (try? SignedNote(parsing: bytes)).flatMap { try? Checkpoint(parsing: $0.text).size }
        return policy(forTreeSize: size ?? 0)
    }

    /// A checkpoint's bytes, judged by the policy of its size. Where that may have been changed by what cannot be read, a
    /// checkpoint that does not hold is not decided.
    func judge<Result>(
        checkpoint bytes: [UInt8], _ judge: (WitnessPolicy) throws(CheckpointFault) -> Result
    ) throws(CheckpointFault) -> Result {
        do {
            return try judge(policy(forCheckpoint: bytes))
        } catch {
            let size = (try? SignedNote(parsing: bytes)).flatMap { try? Checkpoint(parsing: $0.text).size }
            guard let entry = unrecognisedEntry, let size, size > entry else { throw error }
            throw error.undecided(because: entry)
        }
    }

    /// Throws where somebody is to go on from keys that are not known.
    package func requireRecognised() throws(RegistryError) {
        guard let entry = unrecognisedEntry else { return }
        throw RegistryError(
            .refused, "entry \(entry) changed the registry in a version that is not known to this program",
            hint: "nothing is signed, published or written by keys that it may have changed: use a newer release",
            findings: [unrecognisedFinding(entry)])
    }

    /// Said of everything after an event that cannot be read.
    var findings: [Finding] { unrecognisedEntry.map { [unrecognisedFinding($0)] } ?? [] }

    private func unrecognisedFinding(_ entry: Int64) -> Finding {
        Finding(
            "registry.state.unknown", .indeterminate, entry: entry,
            "entry \(entry) changed the registry in a version that is not known to this program: nothing that follows "
                + "can be judged")
    }

    /// With a change that has been found good.
    package func including(_ other: RegistryState) throws(RegistryError) -> RegistryHistory {
        try requireRecognised()
        return try continued(by: other)
    }

    func continued(by other: RegistryState) throws(RegistryError) -> RegistryHistory {
        var history = self
        history.state = other
        for epoch in other.epochs.dropFirst(policies.count) {
            history.policies.append((epoch.entry, try WitnessPolicy(epoch.constitution)))
        }
        return history
    }

    // MARK: Events

    /// The leaves after entry 0 that may be events of the registry itself.
    ///
    /// - Parameter index: knows those of the first entries; they are not searched then.
    static func registryEvents(
        _ registry: RegistryFolder, size: Int64, index known: VouchedIndex? = nil
    ) -> [(Int64, [UInt8])] {
        var found: [(Int64, [UInt8])] = []
        var start: Int64 = 0
        if let known, let own = try? known.ownLeaves() {
            found = own.filter { $0.0 > 0 }
            start = known.size
        }
        var index = start / Int64(TilePath.fullWidth) * Int64(TilePath.fullWidth)
        var isAfterMissing = false
        for bundle in TilePath.bundles(forSize: size).dropFirst(Int(start / Int64(TilePath.fullWidth))) {
            guard let leaves = try? registry.ledger.entries(bundle) else {
                // What is missing is told by the pass over all entries; a size that nobody has must not be counted up.
                if isAfterMissing { break }
                isAfterMissing = true
                index += Int64(bundle.width)
                continue
            }
            isAfterMissing = false
            for leaf in leaves {
                if index > 0, index >= start, mayBeRegistryEvent(leaf) { found.append((index, Array(leaf))) }
                index += 1
            }
        }
        return found
    }

    // A statement's first member is its agreement, null in the registry's own events, and it begins within the first
    // few hundred bytes of a leaf of the profile. A later version may have other members before it.
    private static let beginning = Array(#"{"agreement":"#.utf8)
    private static let member = Array(#""agreement":null,"#.utf8)
    private static let within = 1024

    private static func mayBeRegistryEvent(_ leaf: ArraySlice<UInt8>) -> Bool {
        let start = leaf.prefix(within)
        if let known = position(of: beginning, in: start) { return start[known...].dropFirst().starts(with: member) }
        return position(of: member, in: start) != nil
    }

    private static func position(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        var rest = bytes
        while let start = rest.firstIndex(of: mark[0]) {
            rest = rest[start...]
            if rest.starts(with: mark) { return start }
            rest = rest.dropFirst()
        }
        return nil
    }
}
