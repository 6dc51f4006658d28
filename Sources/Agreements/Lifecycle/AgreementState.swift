/// All that the ledger says of one agreement so far. Entries that are voided are not in it.
package struct AgreementState: Hashable, Sendable {
    package let id: AgreementID
    /// As its parties registered it.
    package let registrationAsSigned: AgreementRegistered
    /// The index of the entry of its registration.
    package let registrationEntry: Int64
    package let registrationLeafHash: ContentDigest

    /// With all corrections made.
    package private(set) var registration: AgreementRegistered
    /// All events after the registration, in the order of the ledger.
    package private(set) var events: [RecordedEvent<Event>] = []
    package private(set) var consents: [PartyID: RecordedEvent<AgreementConsented>] = [:]
    package private(set) var notes: [RecordedEvent<AgreementNoted>] = []
    /// The denunciations that are not withdrawn, whether they have taken effect or not.
    package private(set) var denunciations: [PartyID: RecordedEvent<AgreementDenounced>] = [:]
    package private(set) var lastExtension: RecordedEvent<AgreementExtended>?
    /// The leaf hash that the next statement names as `previous`.
    package private(set) var head: ContentDigest
    /// The indices of its entries of an unknown version: after one of them the state is not known for sure.
    package private(set) var unrecognisedEntries: [Int64] = []

    /// In the order of their legal dates and, on one day, of the ledger.
    private var turns: [AgreementStanding.Turn] = []
    /// The latest day of what all parties signed: an event without a date takes this one.
    private var latestJointDay: LegalDay
    /// The own days of what all parties signed, ascending; that of the conclusion is not among them.
    private var jointDays: [LegalDay] = []
    /// The latest day of what each party did alone. It is handed on to the same party's events only: nobody shifts the
    /// days of what others sign.
    private var latestDayAlone: [PartyID: LegalDay] = [:]

    init(id: AgreementID, registration: AgreementRegistered, entry: Int64, leafHash: ContentDigest) {
        self.id = id
        self.registration = registration
        registrationAsSigned = registration
        registrationEntry = entry
        registrationLeafHash = leafHash
        head = leafHash
        latestJointDay = LegalDay(registration.concluded.date)
    }

    /// The indices of all its entries, ascending; the first is its registration.
    package var entryIndices: [Int64] { [registrationEntry] + events.map(\.entry) }

    package func hasParty(_ party: PartyID) -> Bool {
        registration.parties.contains { $0.party == party }
    }

    /// For how long it is made, as far as it has been extended.
    package var term: AgreementTerm? {
        guard let last = lastExtension?.body else { return registration.term }
        return AgreementTerm(duration: last.duration, renewal: registration.term?.renewal, until: last.until)
    }

    // MARK: - Status

    /// Where it stands on a day, by all that is recorded and has a legal date up to then.
    ///
    /// - Parameter day: nil for the end of time: where all that is recorded leads, coming effects of denunciations
    ///   included.
    package func standing(on day: CalendarDate?) -> AgreementStanding {
        standing(by: day.map { LegalDay($0) } ?? .never)
    }

    package func status(on day: CalendarDate?) -> AgreementStatus { standing(on: day).status }

    func standing(by day: LegalDay) -> AgreementStanding {
        var standing = AgreementStanding()
        for turn in turns {
            guard turn.day <= day else { break }
            standing.take(turn)
        }
        standing.pass(to: day)
        return standing
    }

    /// The day from which an event without one of its own counts that comes next; nil when none is known, and for what
    /// counts from no day.
    package func impliedDay(of event: Event) -> CalendarDate? {
        switch event {
        case .agreementNoted, .agreementCorrected: nil
        default: event.legalDate == nil ? day(of: event).date : nil
        }
    }

    /// The day from which an event counts that comes next.
    func day(of event: Event) -> LegalDay {
        if let date = event.legalDate { return LegalDay(date) }
        guard let party = event.actingParty, let alone = latestDayAlone[party] else { return latestJointDay }
        return max(latestJointDay, alone)
    }

    /// The latest day, up to the limit, of what all parties signed, its registration included.
    func latestJointDay(by limit: LegalDay) -> LegalDay {
        let concluded = LegalDay(registration.concluded.date)
        let count = jointDays.partition(above: limit) { $0 }
        return max(count > 0 ? jointDays[count - 1] : LegalDay(nil), concluded <= limit ? concluded : LegalDay(nil))
    }

    // MARK: - Folding

    mutating func apply(_ event: Event, entry: Int64, leafHash: ContentDigest) {
        switch event {
        case .registryEstablished, .registryChanged, .registryVoided, .agreementRegistered:
            return
        case .agreementConsented(let body):
            consents[body.party] = RecordedEvent(body: body, entry: entry, leafHash: leafHash)
        case .agreementNoted(let body):
            notes.append(RecordedEvent(body: body, entry: entry, leafHash: leafHash))
        case .agreementExtended(let body):
            lastExtension = RecordedEvent(body: body, entry: entry, leafHash: leafHash)
        case .agreementDenounced(let body):
            denunciations[body.party] = RecordedEvent(body: body, entry: entry, leafHash: leafHash)
        case .agreementDenunciationWithdrawn(let body):
            denunciations[body.party] = nil
        case .agreementCorrected(let body):
            registration = body.applied(to: registration)
        case .unrecognised:
            unrecognisedEntries.append(entry)
        case .agreementEnteredIntoForce, .agreementAppliedProvisionally, .agreementAmended, .agreementSuspended,
            .agreementResumed, .agreementTerminated, .agreementExpired:
            break
        }
        let recorded = RecordedEvent(body: event, entry: entry, leafHash: leafHash)
        events.append(recorded)
        if event.actingParty == nil {
            let day = LegalDay(event.legalDate)
            jointDays.insert(day, at: jointDays.partition(above: day) { $0 })
        }
        if event.advancesPrevious { head = leafHash }
        if case .agreementCorrected(let body) = event, body.fields.contains(.concluded) {
            // From the beginning: also for what took its date from the conclusion.
            placeAll()
        } else {
            place(recorded)
        }
    }

    private mutating func placeAll() {
        turns = []
        latestJointDay = LegalDay(registration.concluded.date)
        latestDayAlone = [:]
        for event in events { place(event) }
    }

    /// Gives the event its day, and its place among those that change the standing.
    private mutating func place(_ recorded: RecordedEvent<Event>) {
        let day = day(of: recorded.body)
        if let party = recorded.body.actingParty {
            // Notes stand beside the others, and hand on nothing.
            if recorded.body.advancesPrevious { latestDayAlone[party] = max(latestDayAlone[party] ?? day, day) }
        } else {
            latestJointDay = max(latestJointDay, day)
        }
        guard LifecycleTable.canChangeStatus(recorded.body.name) else { return }
        let turn = AgreementStanding.Turn(event: recorded.body, entry: recorded.entry, day: day)
        let position = turns.lastIndex { $0.day <= day }.map { $0 + 1 } ?? 0
        turns.insert(turn, at: position)
    }

    // MARK: - Voiding

    func lastEntry(restingOn entry: Int64) -> Int64? {
        events.lastEntry(restingOn: entry, first: registrationEntry)
    }

    /// As it would be without the entry; nil when that is its registration.
    func without(_ entry: Int64) -> AgreementState? {
        guard entry != registrationEntry else { return nil }
        var state = AgreementState(
            id: id, registration: registrationAsSigned, entry: registrationEntry, leafHash: registrationLeafHash)
        for event in events where event.entry != entry {
            state.apply(event.body, entry: event.entry, leafHash: event.leafHash)
        }
        return state
    }
}
