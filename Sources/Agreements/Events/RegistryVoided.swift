/// One entry is of no effect: made by mistake, or bad. It stays readable.
package struct RegistryVoided: EventBody {
    package static let eventName = "registry.voided"
    static let isOfRegistry = true

    /// The index of the entry.
    package let entry: Int64
    /// Its leaf hash, so that nobody voids another one by a slip.
    package let leafHash: ContentDigest
    package let reason: String

    package init(entry: Int64, leafHash: ContentDigest, reason: String) {
        self.entry = entry
        self.leafHash = leafHash
        self.reason = reason
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        entry = try reader.integer("entry")
        leafHash = try reader.text("leafHash", as: ContentDigest.self)
        reason = try reader.string("reason")
    }

    func print(to printer: inout ObjectPrinter) {
        printer.integer("entry", entry)
        printer.text("leafHash", leafHash)
        printer.string("reason", reason)
    }

    var event: Event { .registryVoided(self) }
}
