/// What a statement says has happened. A new kind of event is a body of its own, and a case of this type.
package enum Event: Hashable, Sendable {
    case registryEstablished(RegistryEstablished)
    case registryChanged(RegistryChanged)
    case registryVoided(RegistryVoided)
    case agreementRegistered(AgreementRegistered)
    case agreementConsented(AgreementConsented)
    case agreementEnteredIntoForce(AgreementEnteredIntoForce)
    case agreementAppliedProvisionally(AgreementAppliedProvisionally)
    case agreementAmended(AgreementAmended)
    case agreementCorrected(AgreementCorrected)
    case agreementSuspended(AgreementSuspended)
    case agreementResumed(AgreementResumed)
    case agreementExtended(AgreementExtended)
    case agreementDenounced(AgreementDenounced)
    case agreementDenunciationWithdrawn(AgreementDenunciationWithdrawn)
    case agreementTerminated(AgreementTerminated)
    case agreementExpired(AgreementExpired)
    case agreementNoted(AgreementNoted)

    /// An event of a statement whose version is not known.
    case unrecognised(name: String, body: CanonicalJSON)

    /// The bodies of version 1.
    static let bodies: [any EventBody.Type] = [
        RegistryEstablished.self, RegistryChanged.self, RegistryVoided.self, AgreementRegistered.self,
        AgreementConsented.self,
        AgreementEnteredIntoForce.self, AgreementAppliedProvisionally.self, AgreementAmended.self,
        AgreementCorrected.self, AgreementSuspended.self, AgreementResumed.self, AgreementExtended.self,
        AgreementDenounced.self, AgreementDenunciationWithdrawn.self, AgreementTerminated.self,
        AgreementExpired.self, AgreementNoted.self,
    ]

    private static let bodyByName = Dictionary(bodies.map { ($0.eventName, $0) }) { first, _ in first }

    /// Nil when it is unrecognised.
    private var known: (any EventBody)? {
        switch self {
        case .registryEstablished(let body): body
        case .registryChanged(let body): body
        case .registryVoided(let body): body
        case .agreementRegistered(let body): body
        case .agreementConsented(let body): body
        case .agreementEnteredIntoForce(let body): body
        case .agreementAppliedProvisionally(let body): body
        case .agreementAmended(let body): body
        case .agreementCorrected(let body): body
        case .agreementSuspended(let body): body
        case .agreementResumed(let body): body
        case .agreementExtended(let body): body
        case .agreementDenounced(let body): body
        case .agreementDenunciationWithdrawn(let body): body
        case .agreementTerminated(let body): body
        case .agreementExpired(let body): body
        case .agreementNoted(let body): body
        case .unrecognised: nil
        }
    }

    init(name: String, body: CanonicalJSON) throws(StatementError) {
        guard let type = Self.bodyByName[name] else {
            throw StatementError("no event of version \(Statement.currentVersion)", at: "event")
        }
        do throws(StatementError) {
            self = try type.init(body).event
        } catch {
            throw error.inside("body")
        }
    }

    package var name: String {
        switch self {
        case .unrecognised(let name, _): name
        case .agreementRegistered: AgreementRegistered.eventName
        default: known.map { type(of: $0).eventName } ?? ""
        }
    }

    var body: CanonicalJSON {
        if case .unrecognised(_, let body) = self { return body }
        return known?.json ?? .null
    }

    /// The documents that come with the event.
    package var documents: [Document] {
        // The largest of the bodies, and the one that most entries have, is not to be copied to be asked.
        if case .agreementRegistered(let body) = self { body.documents } else { known?.documents ?? [] }
    }

    /// What every event of an agreement has but its registration; nil for all others.
    package var details: EventDetails? { (known as? any AgreementEventBody)?.details }

    /// The day from which the event counts: of a denunciation that of its notice, of a registration that of the
    /// conclusion. Nil when unknown.
    package var legalDate: CalendarDate? {
        if case .agreementRegistered(let body) = self { body.concluded.date } else { known?.legalDate }
    }

    /// The one party that acts and signs; nil when all do, or nobody knows.
    package var actingParty: PartyID? { isRegistration ? nil : known?.actingParty }

    var establishesRegistry: Bool {
        if case .registryEstablished = self { true } else { false }
    }

    var isRegistration: Bool {
        if case .agreementRegistered = self { true } else { false }
    }

    /// Whether it is the first of a life.
    var beginsLife: Bool {
        switch self {
        case .registryEstablished, .agreementRegistered: true
        default: false
        }
    }

    /// Whether the event belongs to the registry's own life; of an unrecognised one, `Statement.agreement` tells.
    var isRegistryEvent: Bool { known.map { type(of: $0).isOfRegistry } ?? false }

    /// Whether the next statement of the same life must name this entry as its previous one.
    package var advancesPrevious: Bool {
        // By its name, so that a note of a later version does not block an agreement's life either.
        isRegistration || name != AgreementNoted.eventName
    }
}
