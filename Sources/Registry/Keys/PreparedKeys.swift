package import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// What waits in `keys/<party>/prepared/` and is on no list, also none of a change that is pending.
package struct PreparedKeys {
    package let party: PartyID
    /// Relative to the keys folder.
    package private(set) var files: [String] = []
    /// Private keys here that belong to them, relative to the keys folder; an authority's is not known by its name.
    package private(set) var privateKeys: [String] = []
    private let keys: KeysFolder
    /// Authorities in a file with others, which are on a list.
    private var listedAuthorities: [Certificate] = []

    /// - Parameter change: what it brings is no leftover.
    package init(of party: PartyID, beside change: RegistryChanged? = nil, in ledger: OpenedLedger) throws {
        self.party = party
        keys = ledger.keys
        let constitution = ledger.history.state.constitution
        let member = constitution[party]
        let added = change?.listChanges.filter { $0.action == .add }.map(\.certificate) ?? []
        let listed = Set(
            (member?.authorities ?? []) + (member?.signers.map(\.certificate) ?? []) + added)
        let isListed = { (certificate: Certificate) in listed.contains(ContentDigest(certificate.fingerprint)) }
        for signer in try keys.preparedSigners(party) where !(signer.certificates.first.map(isListed) ?? false) {
            files.append(KeysFolder.preparedName(KeysFolder.signerName(party, signer.number)))
            addPrivate(KeyVault.keyName(party, .signer(signer.number)))
        }
        let authorities = try keys.preparedAuthorities(party)
        if !authorities.allSatisfy(isListed) {
            files.append(KeysFolder.preparedName(KeysFolder.authorityName(party)))
            listedAuthorities = authorities.filter(isListed)
        }
        let witnesses = constitution.quorum.witnesses + (change?.quorum?.witnesses ?? [])
        if let key = try keys.preparedWitnessKey(party), !witnesses.contains(where: { $0.key == key }) {
            files.append(KeysFolder.preparedName(KeysFolder.witnessName(party)))
            if let verifierKey = try? VerifierKey(parsing: key) {
                addPrivate(KeyVault.witnessKeyName(party, verifierKey))
            }
        }
    }

    private mutating func addPrivate(_ name: String) {
        if Files.kind(keys.fullPath(name)) == .regular { privateKeys.append(name) }
    }

    /// Takes the public files away. No private key is ever taken away.
    package func discard(keeping kept: [String] = []) throws {
        let authority = KeysFolder.preparedName(KeysFolder.authorityName(party))
        for name in files where !kept.contains(name) {
            if name == authority, !listedAuthorities.isEmpty {
                try keys.files.replace(name, with: try listedAuthorities.flatMap { try $0.pem() })
            } else {
                keys.files.remove(name)
            }
        }
    }
}
