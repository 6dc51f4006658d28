extension AgreementState {
    /// What a search looks through, folded: id, titles, parties, bodies, signatories, field, place, number, documents'
    /// names and notes, with all corrections made.
    package var searchText: [UInt8] { registration.searchText(of: id) }
}

extension AgreementRegistered {
    /// What a search looks through, folded.
    package func searchText(of id: AgreementID) -> [UInt8] {
        var texts = [id.text, field, concluded.place, reference?.number, notes].compactMap { $0 }
        texts += title?.translations.map(\.text) ?? []
        texts += parties.flatMap { [$0.party.text, $0.concludedBy, $0.signatory].compactMap { $0 } }
        texts += documents.map(\.name)
        return SearchText.folded(texts)
    }
}
