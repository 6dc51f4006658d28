extension Statement {
    /// Reads a statement from its canonical bytes, and from no others.
    package init(canonicalBytes: [UInt8]) throws(StatementError) {
        if let registration = canonicalBytes.withUnsafeBufferPointer({ Self.registration($0) }) {
            self = registration
            return
        }
        try self.init(tree: canonicalBytes)
    }

    /// The same, of bytes that lie somewhere else: a registration, what nearly all are, is read where it is.
    package init(canonicalBytes: UnsafeBufferPointer<UInt8>) throws(StatementError) {
        if let registration = Self.registration(canonicalBytes) {
            self = registration
            return
        }
        try self.init(tree: Array(canonicalBytes))
    }

    /// Reads a registration of version 1 in one pass; nil for all else, and at any fault.
    static func registration(_ bytes: UnsafeBufferPointer<UInt8>) -> Statement? {
        guard bytes.count <= maximumBytes else { return nil }
        do throws(StatementError) {
            var reader = try ObjectReader(at: ByteCursor(bytes))
            let agreement = try reader.text("agreement", as: AgreementID.self)
            let body = try reader.object("body", as: AgreementRegistered.self)
            guard try reader.string("event") == AgreementRegistered.eventName else { return nil }
            let expires = try reader.optionalText("expires", as: UTCTime.self)
            let ledger = try reader.text("ledger", as: ContentDigest.self)
            let previous = try reader.optionalText("previous", as: ContentDigest.self)
            let tree = try reader.object("tree", as: TreeReference.self)
            guard try reader.integer("version") == Int64(currentVersion) else { return nil }
            try reader.finish()
            guard reader.isAtEnd else { return nil }
            return Statement(
                agreement: agreement, event: .agreementRegistered(body), expires: expires, ledger: .registry(ledger),
                previous: previous, tree: tree, version: currentVersion, originalBytes: nil)
        } catch {
            return nil
        }
    }

    /// Reads a statement by way of a tree: any statement, and with the reason where it cannot be read.
    init(tree canonicalBytes: [UInt8]) throws(StatementError) {
        let json: CanonicalJSON
        do {
            json = try CanonicalJSON(
                parsing: canonicalBytes, maximumBytes: Self.maximumBytes, maximumDepth: Self.maximumDepth)
        } catch {
            throw StatementError("not canonical JSON: \(error)")
        }
        guard case .object(let members) = json else {
            throw StatementError("\(json.kindName) where an object was expected")
        }
        // The version comes last, and decides what the rest may be.
        guard let version = members.first(where: { $0.key == "version" }) else {
            throw StatementError("missing", at: "version")
        }
        guard case .integer(let number) = version.value, number >= 1 else {
            throw StatementError("not an integer of at least 1", at: "version")
        }
        if number == Self.currentVersion {
            var reader = try ObjectReader(json)
            try self.init(from: &reader)
        } else {
            try self.init(members: members, unknownVersion: Int(number), bytes: canonicalBytes)
        }
    }

    private init(from reader: inout ObjectReader) throws(StatementError) {
        let agreement = try reader.optionalText("agreement", as: AgreementID.self)
        let body = try reader.value("body")
        let name = try reader.string("event")
        let expires = try reader.optionalText("expires", as: UTCTime.self)
        let ledgerText = try reader.string("ledger")
        let previous = try reader.optionalText("previous", as: ContentDigest.self)
        let tree = try reader.optionalObject("tree", as: TreeReference.self)
        _ = try reader.integer("version")
        try reader.finish()

        let event = try Event(name: name, body: body)
        try Self.requireFit(of: event, agreement: agreement, tree: tree)
        self.init(
            agreement: agreement, event: event, expires: expires,
            ledger: try Self.ledger(ledgerText, isOrigin: event.establishesRegistry),
            previous: previous, tree: tree, version: Self.currentVersion, originalBytes: nil)
    }

    private static func requireFit(
        of event: Event, agreement: AgreementID?, tree: TreeReference?
    ) throws(StatementError) {
        switch (event.isRegistryEvent, agreement) {
        case (true, _?): throw StatementError("must be null in \(event.name)", at: "agreement")
        case (false, nil): throw StatementError("must not be null in \(event.name)", at: "agreement")
        default: break
        }
        switch (event.establishesRegistry, tree) {
        case (true, _?): throw StatementError("must be null in \(event.name)", at: "tree")
        case (false, nil): throw StatementError("must not be null in \(event.name)", at: "tree")
        default: break
        }
    }

    private static func ledger(_ text: String, isOrigin: Bool) throws(StatementError) -> LedgerReference {
        if isOrigin {
            guard LedgerReference.isOrigin(text) else {
                throw StatementError("not an origin: no spaces, no +, no digest", at: "ledger")
            }
            return .origin(text)
        }
        guard let identity = ContentDigest(text: text) else {
            throw StatementError("not \(ContentDigest.expectation)", at: "ledger")
        }
        return .registry(identity)
    }

    // Of a version that is not known, only what places the statement in the ledger is read, and it must have the
    // types of version 1. Other keys may be there; `expires` counts only if this code can read it.
    private init(
        members: [CanonicalJSON.Member], unknownVersion: Int, bytes: [UInt8]
    ) throws(StatementError) {
        func reader(for key: String) throws(StatementError) -> ObjectReader {
            guard let member = members.first(where: { $0.key == key }) else {
                throw StatementError("missing", at: key)
            }
            return try ObjectReader(.object([member]))
        }
        var agreementReader = try reader(for: "agreement")
        var bodyReader = try reader(for: "body")
        var eventReader = try reader(for: "event")
        var ledgerReader = try reader(for: "ledger")
        var previousReader = try reader(for: "previous")
        var treeReader = try reader(for: "tree")
        let tree = try treeReader.optionalObject("tree", as: TreeReference.self)
        let event = Event.unrecognised(name: try eventReader.string("event"), body: try bodyReader.value("body"))
        var expires: UTCTime?
        if case .string(let text)? = members.first(where: { $0.key == "expires" })?.value {
            expires = UTCTime(text: text)
        }
        self.init(
            agreement: try agreementReader.optionalText("agreement", as: AgreementID.self),
            event: event,
            expires: expires,
            ledger: try Self.ledger(try ledgerReader.string("ledger"), isOrigin: tree == nil),
            previous: try previousReader.optionalText("previous", as: ContentDigest.self),
            tree: tree, version: unknownVersion, originalBytes: bytes)
    }
}
