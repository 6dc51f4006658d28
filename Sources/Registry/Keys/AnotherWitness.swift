package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// One more witness of a party, made in a folder that has the public part of the registry's keys: nothing else is made.
package struct AnotherWitness {
    package let party: PartyID
    /// A URL without its scheme (C2SP signed-note).
    package let name: String

    package init(party: PartyID, name: String) {
        self.party = party
        self.name = name
    }

    /// - Parameter passphrase: nil leaves the private key in clear.
    /// - Returns: the files written, relative to the keys folder.
    package func write(to keys: KeysFolder, passphrase: SecretBytes?) throws -> [String] {
        guard Files.kind(keys.fullPath(KeysFolder.authorityName(party))) == .regular else {
            throw RegistryError(
                .unavailable, "the public files of \(party) are not in \(keys.path)",
                hint: "copy the registry's keys folder here first, all but keys/private")
        }
        let witness = try NewWitness(name: name)
        let key = try VerifierKey(parsing: witness.verifierKey)
        let privateName = KeyVault.witnessKeyName(party, key)
        let publicName = KeysFolder.witnessName(party, key)
        // Where a witness of the party is, or was, what it has signed is not forgotten.
        let isFirstHere = !((try? Files.names(in: keys.fullPath("private"))) ?? []).contains {
            $0.hasPrefix("\(party)-witness")
        }
        try keys.makePrivateFolder()
        try keys.files.create(privateName, with: try witness.key.pem(passphrase: passphrase).revealed(), mode: 0o600)
        if isFirstHere { try SignerState.begin(keys, signer: .witness(party)) }
        try keys.files.create(publicName, with: witness.verifierKey + [0x0A])
        return [publicName, privateName]
    }
}
