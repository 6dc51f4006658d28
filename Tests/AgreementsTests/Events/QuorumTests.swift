import Agreements
import Testing

@Suite("Quorum")
struct QuorumTests {
    private let witnessNames = ["KZ-witness", "TJ-witness", "UZ-witness"]

    private func witnesses() throws -> [Witness] { try ["KZ", "TJ", "UZ"].map { try Fixture.witness($0) } }

    private func quorum(_ groups: [WitnessGroup], _ name: String) throws -> Quorum {
        try Quorum(witnesses: witnesses(), groups: groups, name: name)
    }

    private func keyPath(_ groups: [WitnessGroup], _ name: String, witnesses: [Witness]? = nil) throws -> String {
        let witnesses = try witnesses ?? self.witnesses()
        return try #require(throws: StatementError.self) {
            try Quorum(witnesses: witnesses, groups: groups, name: name)
        }.keyPath
    }

    @Test("a quorum is met by enough of its members, and by nobody else")
    func isSatisfied() throws {
        let two = try quorum([WitnessGroup(name: "two", threshold: 2, members: witnessNames)], "two")
        #expect(!two.isSatisfied(by: []))
        #expect(!two.isSatisfied(by: ["KZ-witness"]))
        #expect(!two.isSatisfied(by: ["KZ-witness", "XX-witness"]))
        #expect(!two.isSatisfied(by: ["two"]))
        #expect(two.isSatisfied(by: ["KZ-witness", "UZ-witness"]))
        #expect(two.isSatisfied(by: Set(witnessNames)))

        let single = try quorum([], "TJ-witness")
        #expect(single.isSatisfied(by: ["TJ-witness"]))
        #expect(!single.isSatisfied(by: ["KZ-witness", "UZ-witness"]))
    }

    @Test("groups may be members of later groups")
    func nested() throws {
        let nested = try quorum(
            [
                WitnessGroup(name: "either", threshold: 1, members: ["TJ-witness", "UZ-witness"]),
                WitnessGroup(name: "all", threshold: 2, members: ["KZ-witness", "either"]),
            ], "all")
        #expect(nested.isSatisfied(by: ["KZ-witness", "UZ-witness"]))
        #expect(!nested.isSatisfied(by: ["TJ-witness", "UZ-witness"]))
        #expect(!nested.isSatisfied(by: ["KZ-witness", "either"]))
        #expect(nested.implies(try Fixture.party("KZ")))
        #expect(!nested.implies(try Fixture.party("TJ")))
    }

    @Test("a chain of a thousand groups is evaluated")
    func longChain() throws {
        var groups = [WitnessGroup(name: "g0", threshold: 1, members: ["KZ-witness"])]
        for number in 1..<1000 {
            groups.append(WitnessGroup(name: "g\(number)", threshold: 1, members: ["g\(number - 1)"]))
        }
        #expect(try quorum(groups, "g999").isSatisfied(by: ["KZ-witness"]))
    }

    @Test("a group that could be met by nobody, or never, is refused")
    func thresholds() throws {
        for threshold in [Int64.min, -1, 0, 4, .max] {
            let group = WitnessGroup(name: "g", threshold: threshold, members: witnessNames)
            #expect(try keyPath([group], "g") == "groups[0].threshold")
        }
        let empty = WitnessGroup(name: "g", threshold: 0, members: [])
        #expect(try keyPath([empty], "g") == "groups[0].threshold")
    }

    @Test("no cosignature counts twice")
    func membersOnce() throws {
        let twice = WitnessGroup(name: "g", threshold: 2, members: ["KZ-witness", "KZ-witness"])
        #expect(try keyPath([twice], "g") == "groups[0].members[1]")
        let first = WitnessGroup(name: "g", threshold: 1, members: ["KZ-witness"])
        let second = WitnessGroup(name: "h", threshold: 2, members: ["g", "KZ-witness"])
        #expect(try keyPath([first, second], "h") == "groups[1].members[1]")
        let sameKey = try Fixture.witness("UZ")
        let witnesses = [
            try Fixture.witness("KZ"), Witness(name: "UZ-2", party: sameKey.party, key: sameKey.key), sameKey,
        ]
        #expect(try keyPath([], "KZ-witness", witnesses: witnesses) == "witnesses[2]")
    }

    @Test("a name means one thing, and is defined above")
    func definedNames() throws {
        func group(_ name: String, _ members: [String]) -> WitnessGroup {
            WitnessGroup(name: name, threshold: 1, members: members)
        }
        #expect(try keyPath([group("KZ-witness", ["UZ-witness"])], "KZ-witness") == "groups[0].name")
        #expect(try keyPath([group("g", ["KZ-witness"]), group("g", ["UZ-witness"])], "g") == "groups[1].name")
        #expect(try keyPath([group("g", ["g"])], "g") == "groups[0].members[0]")
        #expect(try keyPath([group("g", ["h"]), group("h", ["KZ-witness"])], "h") == "groups[0].members[0]")
        #expect(try keyPath([group("g", ["none"])], "g") == "groups[0].members[0]")
        #expect(try keyPath([], "none") == "quorum")
        #expect(try keyPath([], "nobody") == "quorum")
        for name in ["", "none", "a b", "ä", "a/b", "a+b", String(repeating: "a", count: 65)] {
            #expect(try keyPath([group(name, ["KZ-witness"])], "KZ-witness") == "groups[0].name")
            let witness = Witness(name: name, party: try Fixture.party("KZ"), key: "k")
            #expect(try keyPath([], name, witnesses: [witness]) == "witnesses[0].name")
        }
        let reversed = [Witness](try witnesses().reversed())
        #expect(try keyPath([], "KZ-witness", witnesses: reversed) == "witnesses[1]")
    }
}
