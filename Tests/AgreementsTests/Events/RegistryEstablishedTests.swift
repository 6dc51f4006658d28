import Agreements
import Testing

@Suite("registry.established")
struct RegistryEstablishedTests {
    private func error(_ body: RegistryEstablished) -> StatementError? {
        do throws(StatementError) {
            _ = try Statement.checked(
                agreement: nil, event: .registryEstablished(body), ledger: .origin(body.constitution.log.origin),
                previous: nil,
                tree: nil)
            return nil
        } catch {
            return error
        }
    }

    private func body(
        parties: [RegistryParty]? = nil, quorum: Quorum? = nil, origin: String = Fixture.origin
    ) throws -> RegistryEstablished {
        let valid = try Fixture.established().constitution
        return RegistryEstablished(
            demonstration: valid.demonstration, log: RegistryLog(origin: origin, key: valid.log.key),
            name: valid.name, parties: parties ?? valid.parties, quorum: quorum ?? valid.quorum)
    }

    /// Two witnesses each of KZ and TJ, one of UZ.
    private func quorum(_ groups: [WitnessGroup], _ name: String) throws -> Quorum {
        let witnesses = try ["KZ", "TJ"].flatMap { (party: String) throws -> [Witness] in
            [try Fixture.witness(party, "a"), try Fixture.witness(party, "b")]
        }
        return try Quorum(witnesses: witnesses + [Fixture.witness("UZ", "a")], groups: groups, name: name)
    }

    @Test("a quorum that implies every party is taken")
    func takesQuorum() throws {
        let either = [
            WitnessGroup(name: "KZ", threshold: 1, members: ["KZ-a", "KZ-b"]),
            WitnessGroup(name: "TJ", threshold: 1, members: ["TJ-a", "TJ-b"]),
            WitnessGroup(name: "all", threshold: 3, members: ["KZ", "TJ", "UZ-a"]),
        ]
        #expect(error(try body(quorum: quorum(either, "all"))) == nil)
        // Four of five witnesses cannot miss the two of KZ, nor the two of TJ, but can miss the one of UZ.
        let all = [WitnessGroup(name: "g", threshold: 5, members: ["KZ-a", "KZ-b", "TJ-a", "TJ-b", "UZ-a"])]
        #expect(error(try body(quorum: quorum(all, "g"))) == nil)
    }

    @Test("a quorum that can be met without a party is refused")
    func refusesQuorum() throws {
        let members = ["KZ-a", "KZ-b", "TJ-a", "TJ-b", "UZ-a"]
        let cases: [([WitnessGroup], String, String)] = [
            ([], "KZ-a", "TJ"),
            ([WitnessGroup(name: "g", threshold: 4, members: members)], "g", "UZ"),
            ([WitnessGroup(name: "g", threshold: 3, members: members)], "g", "KZ"),
            ([WitnessGroup(name: "g", threshold: 2, members: ["KZ-a", "UZ-a"])], "g", "TJ"),
            (
                [
                    WitnessGroup(name: "x", threshold: 1, members: ["KZ-a", "TJ-a"]),
                    WitnessGroup(name: "y", threshold: 1, members: ["KZ-b", "TJ-b"]),
                    WitnessGroup(name: "g", threshold: 3, members: ["x", "y", "UZ-a"]),
                ], "g", "KZ"
            ),
        ]
        for (groups, name, party) in cases {
            let found = try #require(error(try body(quorum: quorum(groups, name))))
            #expect(found.keyPath == "body.quorum")
            #expect(found.reason.hasSuffix("of \(party)"), "\(found)")
        }
    }

    @Test("witnesses and parties belong together")
    func witnesses() throws {
        let parties = try Fixture.established().constitution.parties
        #expect(error(try body(parties: [parties[0], parties[2]]))?.keyPath == "body.witnesses[1].party")
        let two = try Quorum(
            witnesses: [Fixture.witness("KZ"), Fixture.witness("TJ")],
            groups: [WitnessGroup(name: "g", threshold: 2, members: ["KZ-witness", "TJ-witness"])], name: "g")
        #expect(error(try body(quorum: two))?.keyPath == "body.parties[2].party")
    }

    @Test("no certificate, key or authority stands for two parties")
    func ownCertificates() throws {
        let parties = try Fixture.established().constitution.parties
        func second(authorities: [ContentDigest]? = nil, signers: [RegistrySigner]? = nil) -> [RegistryParty] {
            let changed = RegistryParty(
                party: parties[1].party, name: parties[1].name, authorities: authorities ?? parties[1].authorities,
                signers: signers ?? parties[1].signers)
            return [parties[0], changed, parties[2]]
        }
        let authority = second(authorities: [parties[0].authorities[1], parties[1].authorities[0]])
        #expect(error(try body(parties: authority))?.keyPath == "body.parties[1].authorities[0]")
        let theirs = parties[0].signers[0]
        let own = parties[1].signers[0]
        let certificate = RegistrySigner(certificate: theirs.certificate, publicKey: own.publicKey)
        #expect(
            error(try body(parties: second(signers: [certificate])))?.keyPath
                == "body.parties[1].signers[0].certificate")
        let key = RegistrySigner(certificate: own.certificate, publicKey: theirs.publicKey)
        #expect(
            error(try body(parties: second(signers: [key])))?.keyPath == "body.parties[1].signers[0].publicKey")
        let renewed = RegistrySigner(certificate: Fixture.digest(99), publicKey: own.publicKey)
        #expect(error(try body(parties: second(signers: [own, renewed]))) == nil)
    }

    @Test("lists stand in ascending order, each element once")
    func order() throws {
        let parties = try Fixture.established().constitution.parties
        #expect(error(try body(parties: [parties[1], parties[0], parties[2]]))?.keyPath == "body.parties[1]")
        #expect(error(try body(parties: [parties[0], parties[0]]))?.keyPath == "body.parties[1]")
        let first = parties[0]
        let authorities = RegistryParty(
            party: first.party, name: first.name, authorities: first.authorities.reversed(), signers: first.signers)
        #expect(error(try body(parties: [authorities]))?.keyPath == "body.parties[0].authorities[1]")
        let signers = RegistryParty(
            party: first.party, name: first.name, authorities: first.authorities,
            signers: [first.signers[0], first.signers[0]])
        #expect(error(try body(parties: [signers]))?.keyPath == "body.parties[0].signers[1]")
        let none = RegistryParty(party: first.party, name: first.name, authorities: [], signers: first.signers)
        #expect(error(try body(parties: [none]))?.keyPath == "body.parties[0].authorities")
        let nobody = RegistryParty(party: first.party, name: first.name, authorities: first.authorities, signers: [])
        #expect(error(try body(parties: [nobody]))?.keyPath == "body.parties[0].signers")
        #expect(error(try body(parties: []))?.keyPath == "body.parties")
    }

    @Test("an origin is fit to be the log's name", arguments: ["a b", "a+b", "sha256:x", "a\u{3000}b"])
    func origin(_ origin: String) throws {
        #expect(error(try body(origin: origin))?.keyPath == "body.log.origin")
    }
}
