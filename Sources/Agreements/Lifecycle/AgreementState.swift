/// All that the ledger says of one agreement so far.
package struct AgreementState: Hashable, Sendable {
    package let id: AgreementID
    package let registration: AgreementRegistered
    /// The indices of all its entries, ascending; the first is its registration.
    package private(set) var entryIndices: [Int64]
    package private(set) var consents: [PartyID: RecordedEvent<AgreementConsented>] = [:]
    package private(set) var notes: [RecordedEvent<AgreementNoted>] = []
    /// The leaf hash of its registration.
    package let registrationLeafHash: ContentDigest
    /// The leaf hash that the next statement names as `previous`.
    package private(set) var head: ContentDigest
    package private(set) var status = AgreementStatus.signed
    /// The indices of its entries of an unknown version: after one of them the state is not known for sure.
    package private(set) var unrecognisedEntries: [Int64] = []

    init(id: AgreementID, registration: AgreementRegistered, entry: Int64, leafHash: ContentDigest) {
        self.id = id
        self.registration = registration
        entryIndices = [entry]
        registrationLeafHash = leafHash
        head = leafHash
    }

    package func hasParty(_ party: PartyID) -> Bool {
        registration.parties.contains { $0.party == party }
    }

    mutating func apply(_ event: Event, entry: Int64, leafHash: ContentDigest) {
        switch event {
        case .registryEstablished, .registryChanged, .agreementRegistered:
            return
        case .agreementConsented(let body):
            consents[body.party] = RecordedEvent(body: body, entry: entry)
        case .agreementNoted(let body):
            notes.append(RecordedEvent(body: body, entry: entry))
        case .unrecognised:
            unrecognisedEntries.append(entry)
        }
        entryIndices.append(entry)
        if event.advancesPrevious { head = leafHash }
    }
}
