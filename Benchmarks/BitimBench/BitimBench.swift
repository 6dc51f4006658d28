internal import ArgumentParser

/// Makes registries to measure with, and the limits that Bitim is measured against. No part of what is shipped.
@main
struct BitimBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bitim-bench",
        abstract: "Make registries of any size, and measure what no implementation could beat.",
        subcommands: [
            GenerateCommand.self, LimitCommand.self, TreeCommand.self, ProofsCommand.self, BundlesCommand.self,
        ])
}
