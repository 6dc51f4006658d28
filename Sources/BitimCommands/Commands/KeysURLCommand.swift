internal import ArgumentParser
internal import Registry

struct KeysURLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "url",
        abstract: "Say where a witness, or the log itself, is reached.",
        discussion: HelpText.text(
            """
            The address is written to keys/policy (C2SP tlog-policy). With a witness's address, 'bitim add', 'record' and \
            'publish' ask it for its cosignature; with the log's, a witness or a mirror knows where the ledger is served. \
            Without an address the one that is there is shown.
            """, example: "bitim keys url KZ https://witness.kz.example",
            "bitim keys url log https://kz-uz.example", "bitim keys url KZ --remove"))

    @Argument(
        help: ArgumentHelp(
            "A witness, by its name in the policy, or 'log'; without it, all are shown.", valueName: "witness"))
    var name: String?

    @Argument(help: ArgumentHelp("Its address, which begins with https:// or http://.", valueName: "url"))
    var url: String?

    @Flag(help: "Forget the address.")
    var remove = false

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !remove || (name != nil && url == nil) else {
            throw ValidationError("--remove goes with a witness's name and no address")
        }
    }

    func run() throws {
        let addresses = PolicyAddresses(folders.keysFolder)
        if let name, url != nil || remove { try addresses.set(url, of: name) }
        let all = try addresses.all().filter { name == nil || $0.name == name }
        if let name, all.isEmpty {
            throw RegistryError(
                .usage, "the policy names no witness '\(name)'",
                hint: "it names \(try addresses.all().map(\.name).joined(separator: ", "))")
        }
        let console = output.console
        if output.json {
            return console.answer(
                try JSONOutput.text(AddressesResult(addresses: all.map { .init(name: $0.name, url: $0.url) })))
        }
        var table = Table(["witness", "address"])
        for address in all { table.add([address.name, address.url ?? "no address"]) }
        console.answer(table.text(width: console.width))
    }
}

private struct AddressesResult: Encodable {
    struct Address: Encodable {
        let name: String
        let url: String?

        private enum CodingKeys: CodingKey { case name, url }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(url, forKey: .url)
        }
    }

    let schemaVersion = 1
    let addresses: [Address]

    private enum CodingKeys: CodingKey { case schemaVersion, addresses }
}
