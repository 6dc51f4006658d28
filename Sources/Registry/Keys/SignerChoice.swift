package import Agreements
internal import OpenSSLKit

/// In which order a party's signers are asked to sign: by the number whose place each has. A signer that a change put in
/// the place of others has theirs, the lowest; every other one has its own. Those that the change to be signed takes off
/// the list come last.
package struct SignerChoice {
    private let history: RegistryState?
    /// What the statement to be signed takes off the lists.
    private let leaving: [ContentDigest: ListChange]

    /// - Parameter history: nil where no registry is at hand.
    package init(history: RegistryState? = nil, for statement: Statement? = nil) {
        self.history = history
        var leaving: [ContentDigest: ListChange] = [:]
        if case .registryChanged(let change)? = statement?.event {
            for (action, certificate, _) in change.listChanges where action != .add { leaving[certificate] = action }
        }
        self.leaving = leaving
    }

    var isOrdinary: Bool { leaving.isEmpty }

    func isRevoked(_ certificate: ContentDigest) -> Bool { leaving[certificate] == .revoke }

    /// The party's signers in `keys/`, the prepared ones too.
    package func signers(of party: PartyID, in keys: KeysFolder) throws -> [KeysFolder.NumberedSigner] {
        let known = try keys.numberedSigners(party) + keys.preparedSigners(party)
        let numbers = Dictionary(
            known.compactMap { signer in
                signer.certificates.first.map { (ContentDigest($0.fingerprint), signer.number) }
            }
        ) { first, _ in first }
        let places = places(of: party, numbers: numbers)
        let ranked = known.enumerated().map { offset, signer in
            let certificate = signer.certificates.first.map { ContentDigest($0.fingerprint) }
            return (
                signer: signer, isLeaving: certificate.map { leaving[$0] != nil } ?? false,
                place: certificate.flatMap { places[$0] } ?? signer.number, offset: offset
            )
        }
        return ranked.sorted { first, second in
            if first.isLeaving != second.isLeaving { return second.isLeaving }
            return (first.place, first.offset) < (second.place, second.offset)
        }.map(\.signer)
    }

    private func places(of party: PartyID, numbers: [ContentDigest: Int]) -> [ContentDigest: Int] {
        var places = numbers
        var listed: Set<ContentDigest>?
        for epoch in history?.epochs ?? [] {
            let now = Set(epoch.constitution[party]?.signers.map(\.certificate) ?? [])
            if let before = listed, let place = before.subtracting(now).compactMap({ places[$0] }).min() {
                for new in now.subtracting(before) { places[new] = place }
            }
            listed = now
        }
        return places
    }
}
