internal import ArgumentParser

struct BitimCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "bitim",
        abstract: "A registry of agreements that anyone can check.",
        discussion: HelpText.text(
            """
            An append-only ledger of what the parties have signed, kept so that they need trust neither each other nor \
            the machine that keeps it. What is trusted is one fingerprint, keys/identity; everything in registry/ is checked.

            Exit status: 0 done or passed, 1 failed verification, 3 indeterminate or pending, 4 not found or not \
            readable, 5 locked or conflicting, 64 usage.
            """, example: "bitim list", "bitim help record consented"),
        version: version,
        subcommands: [
            KeysCommand.self, InitCommand.self, AddCommand.self, SignCommand.self, RecordCommand.self, ListCommand.self,
            ShowCommand.self, VerifyCommand.self, AuditCommand.self, CosignCommand.self, PublishCommand.self,
            ExportCommand.self, ProveCommand.self, CheckpointCommand.self, StatusCommand.self, ServeCommand.self,
            WitnessCommand.self, MirrorCommand.self, RepairCommand.self, ManualCommand.self,
        ])
}
