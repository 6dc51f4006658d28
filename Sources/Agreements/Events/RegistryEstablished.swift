/// Entry 0: the registry's first constitution. Its leaf hash is the registry's identity.
package struct RegistryEstablished: EventBody {
    package static let eventName = "registry.established"
    static let isOfRegistry = true

    package let constitution: Constitution

    package init(_ constitution: Constitution) { self.constitution = constitution }

    package init(
        demonstration: Bool, log: RegistryLog, name: LocalizedText, parties: [RegistryParty], quorum: Quorum
    ) {
        constitution = Constitution(
            demonstration: demonstration, log: log, name: name, parties: parties, quorum: quorum)
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        let demonstration = try reader.boolean("demonstration")
        let groups = try reader.objects("groups", of: WitnessGroup.self)
        let log = try reader.object("log", as: RegistryLog.self)
        let name = try reader.object("name", as: LocalizedText.self)
        let parties = try reader.objects("parties", of: RegistryParty.self, atLeast: 1)
        let quorumName = try reader.string("quorum")
        let witnesses = try reader.objects("witnesses", of: Witness.self, atLeast: 1)
        self.init(
            demonstration: demonstration, log: log, name: name, parties: parties,
            quorum: try Quorum(witnesses: witnesses, groups: groups, name: quorumName))
        try constitution.requireForm()
    }

    func print(to printer: inout ObjectPrinter) {
        printer.boolean("demonstration", constitution.demonstration)
        printer.objects("groups", constitution.quorum.groups)
        printer.object("log", constitution.log)
        printer.object("name", constitution.name)
        printer.objects("parties", constitution.parties)
        printer.string("quorum", constitution.quorum.name)
        printer.objects("witnesses", constitution.quorum.witnesses)
    }

    var event: Event { .registryEstablished(self) }
}
