internal import ArgumentParser

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record an event in the life of an agreement.",
        discussion: """
            What is allowed depends on where the agreement stands: docs/lifecycle.md has the table. A day that is left \
            out is recorded as unknown; the event then counts from the latest day that all parties signed before it.
            """,
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
