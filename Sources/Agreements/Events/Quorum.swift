/// Whose cosignatures make a checkpoint published: witnesses, groups of them, and the one name that must be met.
///
/// A value that exists obeys the rules of C2SP tlog-policy, and one more: no two witnesses have the same key.
package struct Quorum: StatementObject {
    /// In ascending order of their names.
    package let witnesses: [Witness]
    /// Each after the groups that it has as members.
    package let groups: [WitnessGroup]
    /// The witness or the group that must be met.
    package let name: String

    /// Throws errors whose key paths begin with `witnesses`, `groups` or `quorum`.
    package init(witnesses: [Witness], groups: [WitnessGroup], name: String) throws(StatementError) {
        try ListRules.requireAscending(witnesses, in: "witnesses", by: \.name)
        try ListRules.requireDistinct(witnesses, in: "witnesses", by: \.key)
        var defined: Set<String> = []
        for (index, witness) in witnesses.enumerated() {
            guard Witness.isName(witness.name) else {
                throw StatementError("not a name of a witness", at: "witnesses[\(index)].name")
            }
            defined.insert(witness.name)
        }
        var used: Set<String> = []
        for (index, group) in groups.enumerated() {
            do throws(StatementError) {
                try Self.check(group, defined: &defined, used: &used)
            } catch {
                throw error.inside(index).inside("groups")
            }
        }
        guard defined.contains(name) else {
            throw StatementError("\(name) is neither a witness nor a group", at: "quorum")
        }
        self.witnesses = witnesses
        self.groups = groups
        self.name = name
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        let groups = try reader.objects("groups", of: WitnessGroup.self)
        let name = try reader.string("quorum")
        let witnesses = try reader.objects("witnesses", of: Witness.self, atLeast: 1)
        try self.init(witnesses: witnesses, groups: groups, name: name)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.objects("groups", groups)
        printer.string("quorum", name)
        printer.objects("witnesses", witnesses)
    }

    private static func check(
        _ group: WitnessGroup, defined: inout Set<String>, used: inout Set<String>
    ) throws(StatementError) {
        guard Witness.isName(group.name) else {
            throw StatementError("not a name of a group", at: "name")
        }
        guard !group.members.isEmpty, group.threshold >= 1, group.threshold <= group.members.count else {
            throw StatementError("must be from 1 to the number of members", at: "threshold")
        }
        for (index, member) in group.members.enumerated() {
            guard defined.contains(member) else {
                throw StatementError("\(member) is no witness and no group above", at: "members[\(index)]")
            }
            // One cosignature must not count twice.
            guard used.insert(member).inserted else {
                throw StatementError("\(member) is already a member of a group", at: "members[\(index)]")
            }
        }
        guard defined.insert(group.name).inserted else {
            throw StatementError("\(group.name) is the name of another witness or group", at: "name")
        }
    }

    /// Whether cosignatures of the witnesses with these names suffice.
    package func isSatisfied(by names: Set<String>) -> Bool {
        // Only witnesses cosign: the name of a group among the names counts for nothing.
        var met = Set(witnesses.lazy.map(\.name).filter(names.contains))
        for group in groups where group.members.count(where: met.contains) >= group.threshold {
            met.insert(group.name)
        }
        return met.contains(name)
    }

    /// Whether nothing satisfies the quorum without a witness of `party`.
    ///
    /// More cosignatures never hurt, so it is enough to try all those of the others.
    package func implies(_ party: PartyID) -> Bool {
        !isSatisfied(by: Set(witnesses.filter { $0.party != party }.map(\.name)))
    }
}
