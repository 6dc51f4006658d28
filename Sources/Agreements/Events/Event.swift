/// What a statement says has happened. A new kind of event is a body of its own, and a case of this type.
package enum Event: Hashable, Sendable {
    case registryEstablished(RegistryEstablished)
    case registryChanged(RegistryChanged)
    case agreementRegistered(AgreementRegistered)
    case agreementConsented(AgreementConsented)
    case agreementNoted(AgreementNoted)

    /// An event of a statement whose version is not known.
    case unrecognised(name: String, body: CanonicalJSON)

    init(name: String, body: CanonicalJSON) throws(StatementError) {
        switch name {
        case RegistryEstablished.eventName: self = .registryEstablished(try Self.read(body))
        case RegistryChanged.eventName: self = .registryChanged(try Self.read(body))
        case AgreementRegistered.eventName: self = .agreementRegistered(try Self.read(body))
        case AgreementConsented.eventName: self = .agreementConsented(try Self.read(body))
        case AgreementNoted.eventName: self = .agreementNoted(try Self.read(body))
        default: throw StatementError("no event of version \(Statement.currentVersion)", at: "event")
        }
    }

    private static func read<Body: EventBody>(_ body: CanonicalJSON) throws(StatementError) -> Body {
        do throws(StatementError) {
            return try Body(body)
        } catch {
            throw error.inside("body")
        }
    }

    package var name: String {
        switch self {
        case .registryEstablished: RegistryEstablished.eventName
        case .registryChanged: RegistryChanged.eventName
        case .agreementRegistered: AgreementRegistered.eventName
        case .agreementConsented: AgreementConsented.eventName
        case .agreementNoted: AgreementNoted.eventName
        case .unrecognised(let name, _): name
        }
    }

    var body: CanonicalJSON {
        switch self {
        case .registryEstablished(let body): body.json
        case .registryChanged(let body): body.json
        case .agreementRegistered(let body): body.json
        case .agreementConsented(let body): body.json
        case .agreementNoted(let body): body.json
        case .unrecognised(_, let body): body
        }
    }

    /// The documents that come with the event.
    package var documents: [Document] {
        switch self {
        case .registryEstablished, .registryChanged, .unrecognised: []
        case .agreementRegistered(let body): body.documents
        case .agreementConsented(let body): body.documents
        case .agreementNoted(let body): body.documents
        }
    }

    var establishesRegistry: Bool {
        if case .registryEstablished = self { true } else { false }
    }

    /// Whether the event belongs to the registry's own life; of an unrecognised one, `Statement.agreement` tells.
    var isRegistryEvent: Bool {
        switch self {
        case .registryEstablished, .registryChanged: true
        case .agreementRegistered, .agreementConsented, .agreementNoted, .unrecognised: false
        }
    }

    /// Whether the next statement of the same life must name this entry as its previous one.
    package var advancesPrevious: Bool {
        // By its name, so that a note of a later version does not block an agreement's life either.
        name != AgreementNoted.eventName
    }
}
