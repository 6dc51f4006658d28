/// Which logs are accepted, and whose cosignatures make a checkpoint valid (tlog-policy).
///
///     log example.com/registry+5d1e7c3a+AQ…
///     witness A example.com/a+0c9a8b7e+BA…
///     witness B example.com/b+9f3e2d1c+BA… https://b.example.com/witness/
///     group both all A B
///     quorum both
///
/// Any *one* of the logs is enough. The names of witnesses and groups mean something within the policy only; those of
/// keys, before the plus, stand in the signatures.
package struct WitnessPolicy: Hashable, Sendable {
    package static let maximumByteCount = 262_144

    package struct Log: Hashable, Sendable {
        /// Its name is the origin of the log.
        package let key: VerifierKey
        package let url: ByteString?

        package init(key: VerifierKey, url: ByteString? = nil) {
            self.key = key
            self.url = url
        }
    }

    package struct Witness: Hashable, Sendable {
        package let name: ByteString
        package let key: VerifierKey
        package let url: ByteString?

        package init(name: ByteString, key: VerifierKey, url: ByteString? = nil) {
            self.name = name
            self.key = key
            self.url = url
        }
    }

    package struct Group: Hashable, Sendable {
        package let name: ByteString
        /// 1 to the number of members: so many of them must have witnessed.
        package let threshold: Int
        /// Witnesses, or groups further up.
        package let members: [ByteString]

        package init(name: ByteString, threshold: Int, members: [ByteString]) {
            self.name = name
            self.threshold = threshold
            self.members = members
        }
    }

    package let logs: [Log]
    package let witnesses: [Witness]
    /// Each after its members.
    package let groups: [Group]
    /// A witness or a group; nil for `none`, which is met without any cosignature.
    package let quorum: ByteString?
    /// The policy as it was written, comments and spaces included.
    package let bytes: [UInt8]

    package init(parsing bytes: [UInt8]) throws(PolicyError) {
        var parser = PolicyParser()
        try parser.parse(bytes)
        guard let quorum = parser.quorum else { throw PolicyError(line: nil, fault: .noQuorum) }
        logs = parser.logs
        witnesses = parser.witnesses
        groups = parser.groups
        self.quorum = quorum == PolicyParser.none ? nil : quorum
        self.bytes = bytes
    }

    /// Writes a policy, and reads it back: what would not be read as it was meant is refused.
    package init(logs: [Log], witnesses: [Witness], groups: [Group], quorum: ByteString?) throws(PolicyError) {
        var lines: [[[UInt8]]] = []
        for log in logs {
            lines.append([Array("log".utf8), log.key.bytes] + (log.url.map { [$0.bytes] } ?? []))
        }
        for witness in witnesses {
            let url = witness.url.map { [$0.bytes] } ?? []
            lines.append([Array("witness".utf8), witness.name.bytes, witness.key.bytes] + url)
        }
        for group in groups {
            let threshold =
                switch group.threshold {
                case group.members.count: "all"
                case 1: "any"
                default: String(group.threshold)
                }
            lines.append([Array("group".utf8), group.name.bytes, Array(threshold.utf8)] + group.members.map(\.bytes))
        }
        lines.append([Array("quorum".utf8), (quorum ?? PolicyParser.none).bytes])
        let text = lines.flatMap { Array($0.joined(separator: [UInt8(ascii: " ")])) + [0x0A] }
        try self.init(parsing: text)
        let isAsMeant =
            self.logs == logs && self.witnesses == witnesses && self.groups == groups && self.quorum == quorum
        guard isAsMeant else { throw PolicyError(line: nil, fault: .notAsMeant) }
    }

    /// Whether these witnesses are enough. Names that are no witness of the policy, those of groups among them, count
    /// for nothing.
    package func isSatisfied(by names: Set<ByteString>) -> Bool {
        guard let quorum else { return true }
        return met(by: names).contains(quorum)
    }

    /// Those witnesses of the policy, and the groups that they meet.
    private func met(by names: Set<ByteString>) -> Set<ByteString> {
        var met = names.intersection(witnesses.map(\.name))
        // Members come before their groups, so one pass is enough.
        for group in groups where group.members.count(where: met.contains) >= group.threshold { met.insert(group.name) }
        return met
    }

    /// What the quorum lacks when these have witnessed.
    package struct Need: Hashable, Sendable {
        /// The witnesses that can contribute to what is not met, in the policy's order.
        package let witnesses: [Witness]
        /// Whom it waits for, one a string: a witness, or how many of a group of which not all are needed.
        package let words: [String]
    }

    package func need(after names: Set<ByteString>) -> Need {
        let met = met(by: names)
        guard let quorum, !met.contains(quorum) else { return Need(witnesses: [], words: []) }
        var needed: Set<ByteString> = [quorum]
        for group in groups.reversed() where needed.contains(group.name) {
            needed.formUnion(group.members.filter { !met.contains($0) })
        }
        // Members come before their groups: no recursion, however deep a policy is.
        var words: [ByteString: [String]] = [:]
        for witness in witnesses where needed.contains(witness.name) { words[witness.name] = [witness.name.text] }
        for group in groups where needed.contains(group.name) {
            let open = group.members.filter { !met.contains($0) }
            let lacking = group.threshold - (group.members.count - open.count)
            let members = open.flatMap { words.removeValue(forKey: $0) ?? [] }
            words[group.name] =
                lacking == open.count
                ? members : ["\(lacking) of \(group.name.text) (\(members.joined(separator: ", ")))"]
        }
        return Need(witnesses: witnesses.filter { needed.contains($0.name) }, words: words[quorum] ?? [])
    }

    /// The witnesses that can contribute to the quorum, in the policy's order.
    package var quorumWitnesses: [Witness] {
        guard let quorum else { return [] }
        var needed: Set<ByteString> = [quorum]
        for group in groups.reversed() where needed.contains(group.name) { needed.formUnion(group.members) }
        return witnesses.filter { needed.contains($0.name) }
    }
}
