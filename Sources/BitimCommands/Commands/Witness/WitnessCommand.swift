internal import ArgumentParser

struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Cosign over the network, as a party's auditing witness or as a plain one of any log.",
        discussion: HelpText.text(
            """
            A witness of a registry keeps a copy of it, and cosigns a tree after it has audited every entry that is new. A \
            plain witness checks nothing but that a log only grows.
            """, example: "bitim witness serve KZ --from https://kz-uz.example --listen 127.0.0.1:8081"),
        subcommands: [WitnessServeCommand.self, WitnessNewCommand.self])
}
