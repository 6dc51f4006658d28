/// Entry 0: who the parties are, who speaks for them, and whose signatures make a checkpoint count.
///
/// Its leaf hash is the registry's identity.
package struct RegistryEstablished: EventBody {
    package static let eventName = "registry.established"
    static let isOfRegistry = true

    /// Whether the registry is a demonstration, whose keys speak for nobody.
    package let demonstration: Bool
    package let log: RegistryLog
    package let name: LocalizedText
    /// In ascending order of their ids.
    package let parties: [RegistryParty]
    /// Witnesses and groups, and which of them must cosign a checkpoint.
    package let quorum: Quorum

    package init(
        demonstration: Bool, log: RegistryLog, name: LocalizedText, parties: [RegistryParty], quorum: Quorum
    ) {
        self.demonstration = demonstration
        self.log = log
        self.name = name
        self.parties = parties
        self.quorum = quorum
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        demonstration = try reader.boolean("demonstration")
        let groups = try reader.objects("groups", of: WitnessGroup.self)
        log = try reader.object("log", as: RegistryLog.self)
        name = try reader.object("name", as: LocalizedText.self)
        parties = try reader.objects("parties", of: RegistryParty.self, atLeast: 1)
        let quorumName = try reader.string("quorum")
        let witnesses = try reader.objects("witnesses", of: Witness.self, atLeast: 1)
        quorum = try Quorum(witnesses: witnesses, groups: groups, name: quorumName)

        try ListRules.requireAscending(parties, in: "parties", by: \.party)
        try requireOwnCertificates()
        try requireWitnesses()
    }

    func print(to printer: inout ObjectPrinter) {
        printer.boolean("demonstration", demonstration)
        printer.objects("groups", quorum.groups)
        printer.object("log", log)
        printer.object("name", name)
        printer.objects("parties", parties)
        printer.string("quorum", quorum.name)
        printer.objects("witnesses", quorum.witnesses)
    }

    var event: Event { .registryEstablished(self) }

    // Whoever could speak for two parties could make an agreement between them alone.
    private func requireOwnCertificates() throws(StatementError) {
        var authorities: [ContentDigest: PartyID] = [:]
        var certificates: [ContentDigest: PartyID] = [:]
        var publicKeys: [SubjectPublicKeyInfo: PartyID] = [:]

        func claim<Key: Hashable>(
            _ key: Key, for party: PartyID, in owners: inout [Key: PartyID], at keyPath: String
        ) throws(StatementError) {
            let owner = owners[key, default: party]
            guard owner == party else {
                throw StatementError("already listed under \(owner)", at: keyPath)
            }
            owners[key] = party
        }

        for (index, party) in parties.enumerated() {
            let path = "parties[\(index)]"
            for (number, authority) in party.authorities.enumerated() {
                try claim(authority, for: party.party, in: &authorities, at: "\(path).authorities[\(number)]")
            }
            for (number, signer) in party.signers.enumerated() {
                let signerPath = "\(path).signers[\(number)]"
                try claim(signer.certificate, for: party.party, in: &certificates, at: "\(signerPath).certificate")
                try claim(signer.publicKey, for: party.party, in: &publicKeys, at: "\(signerPath).publicKey")
            }
        }
    }

    private func requireWitnesses() throws(StatementError) {
        let ids = Set(parties.map(\.party))
        for (index, witness) in quorum.witnesses.enumerated() where !ids.contains(witness.party) {
            throw StatementError("\(witness.party) is no party of the registry", at: "witnesses[\(index)].party")
        }
        for (index, party) in parties.enumerated() {
            guard quorum.witnesses.contains(where: { $0.party == party.party }) else {
                throw StatementError("\(party.party) has no witness", at: "parties[\(index)].party")
            }
            guard quorum.implies(party.party) else {
                throw StatementError("can be met without any witness of \(party.party)", at: "quorum")
            }
        }
    }
}
