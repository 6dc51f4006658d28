internal import Agreements
internal import ArgumentParser
internal import Registry

/// Who signs what all parties sign.
struct JointSigners: ParsableArguments {
    @Option(help: ArgumentHelp("Who signs with the keys here: every party of the agreement.", valueName: "KZ,UZ"))
    var sign: String

    var parties: [PartyID] { get throws { try Self.list(sign) } }

    static func list(_ text: String) throws -> [PartyID] {
        let parties = try PartyArgument.list(text)
        guard !parties.isEmpty, Set(parties).count == parties.count else {
            throw RegistryError(.usage, "--sign names nobody, or somebody twice", hint: "write it as in --sign KZ,UZ")
        }
        return parties
    }

    static func require(_ signers: [PartyID], toBe required: [PartyID], of event: Event) throws {
        guard Set(required) != Set(signers) else { return }
        let names = required.map(\.text).joined(separator: ",")
        throw RegistryError(
            .usage, "\(event.name) is signed by exactly \(names), not by \(signers.map(\.text).joined(separator: ","))",
            hint: "say --sign \(names)")
    }
}

/// Who signs what one party does alone.
struct ActingParty: ParsableArguments {
    @Option(help: ArgumentHelp("Who acts, and signs.", valueName: "party"), completion: Completion.parties)
    var party: String

    var id: PartyID { get throws { try PartyArgument.parse(party) } }
}
