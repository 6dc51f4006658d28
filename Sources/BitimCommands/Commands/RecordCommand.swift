internal import ArgumentParser

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record an event in the life of an agreement.",
        discussion: HelpText.text(
            """
            What is allowed depends on where the agreement stands: docs/lifecycle.md has the table. A day that is left \
            out is recorded as unknown; the event then counts from the latest day that all parties signed before it.
            """,
            example: """
                bitim record consented KZ-UZ-2025-06 --party UZ \\
                    --means ratification --date 2026-03-06
                """),
        subcommands: [
            RecordConsentedCommand.self, RecordPlainEventCommand<EnteredIntoForce>.self,
            RecordPlainEventCommand<AppliedProvisionally>.self,
            RecordAmendedCommand.self, RecordCorrectedCommand.self, RecordPlainEventCommand<Suspended>.self,
            RecordPlainEventCommand<Resumed>.self, RecordExtendedCommand.self, RecordDenouncedCommand.self,
            RecordDenunciationWithdrawnCommand.self, RecordPlainEventCommand<Terminated>.self,
            RecordPlainEventCommand<Expired>.self,
            RecordNotedCommand.self, RecordVoidedCommand.self,
        ])
}
