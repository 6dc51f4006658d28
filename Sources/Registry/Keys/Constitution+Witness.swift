internal import Agreements

extension Constitution {
    /// The witness of a party whose key is to be replaced: where there are several, nobody has said which.
    func onlyWitness(of party: PartyID) throws -> Witness {
        let witnesses = quorum.witnesses.filter { $0.party == party }
        // Every party has one.
        guard let witness = witnesses.first, witnesses.count == 1 else {
            throw RegistryError(
                .usage, "\(party) has \(witnesses.count) witnesses: \(witnesses.map(\.name).joined(separator: ", "))",
                hint: "write the new key into a copy of keys/policy, then: bitim keys enrol \(party) --policy FILE")
        }
        return witness
    }
}
