internal import ArgumentParser

struct LimitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Measure what no implementation could beat on this machine.",
        subcommands: [
            LimitSignaturesCommand.self, LimitCMSCommand.self, LimitDigestCommand.self, LimitAppendCommand.self,
            LimitHashAndWriteCommand.self,
        ])
}

/// Options that all of them have.
struct MeasuringOptions: ParsableArguments {
    @Option(help: "Threads; all cores unless said.")
    var threads: Int?

    @Flag(help: "Answer in JSON.")
    var json = false

    var threadCount: Int { threads ?? Parallel.coreCount }
}
