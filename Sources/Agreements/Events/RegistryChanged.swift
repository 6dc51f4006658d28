/// Keys come and go: from this entry's index on, another constitution holds. What was signed before stays as it was.
package struct RegistryChanged: EventBody {
    package static let eventName = "registry.changed"
    static let isOfRegistry = true

    /// In ascending order of the certificates' digests.
    package let authorities: [AuthorityChange]
    /// The log's new key, under the same origin; nil when it stays.
    package let log: RegistryLog?
    package let notes: String?
    /// All witnesses and groups from now on; nil when they stay.
    package let quorum: Quorum?
    /// In ascending order of the certificates' digests.
    package let signers: [SignerChange]

    package init(
        authorities: [AuthorityChange] = [], signers: [SignerChange] = [], log: RegistryLog? = nil,
        quorum: Quorum? = nil, notes: String? = nil
    ) {
        self.authorities = authorities.sorted { $0.certificate < $1.certificate }
        self.signers = signers.sorted { $0.certificate < $1.certificate }
        self.log = log
        self.quorum = quorum
        self.notes = notes
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        authorities = try reader.objects("authorities", of: AuthorityChange.self)
        log = try reader.optionalObject("log", as: RegistryLog.self)
        notes = try reader.optionalString("notes")
        quorum = try reader.optionalObject("quorum", as: Quorum.self)
        signers = try reader.objects("signers", of: SignerChange.self)
        try ListRules.requireAscending(authorities, in: "authorities", by: \.certificate)
        try ListRules.requireAscending(signers, in: "signers", by: \.certificate)
        guard !authorities.isEmpty || !signers.isEmpty || log != nil || quorum != nil else {
            throw StatementError("changes nothing")
        }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.objects("authorities", authorities)
        printer.object("log", log)
        printer.string("notes", notes)
        printer.object("quorum", quorum)
        printer.objects("signers", signers)
    }

    var event: Event { .registryChanged(self) }
}
