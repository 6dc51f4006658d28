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
}

/// Who signs what one party does alone.
struct ActingParty: ParsableArguments {
    @Option(help: ArgumentHelp("Who acts, and signs.", valueName: "party"), completion: Completion.parties)
    var party: String

    var id: PartyID { get throws { try PartyArgument.parse(party) } }
}
