/// What every event of an agreement says beside what it needs itself.
package struct EventDetails: Hashable, Sendable {
    /// Of legal effect.
    package let date: CalendarDate?
    package let documents: [Document]
    package let notes: String?
    package let sources: [String]

    package init(
        date: CalendarDate? = nil, documents: [Document] = [], sources: [String] = [], notes: String? = nil
    ) {
        self.date = date
        self.documents = documents
        self.notes = notes
        self.sources = sources
    }
}

extension ObjectReader {
    /// The details, wherever their keys stand among those of the event: to be asked for before any of these.
    mutating func details() throws(StatementError) -> EventDetails {
        var reader = try takeOut(["date", "documents", "notes", "sources"])
        let date = try reader.optionalText("date", as: CalendarDate.self)
        let documents = try reader.documents()
        let notes = try reader.optionalString("notes")
        let sources = try reader.strings("sources")
        return EventDetails(date: date, documents: documents, sources: sources, notes: notes)
    }
}

extension ObjectPrinter {
    mutating func details(_ details: EventDetails) {
        text("date", details.date)
        objects("documents", details.documents)
        string("notes", details.notes)
        strings("sources", details.sources)
    }
}
