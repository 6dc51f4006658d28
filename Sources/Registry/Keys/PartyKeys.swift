package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Makes the keys of one party: an authority, two signers under it (the second to be kept away as the spare), and a
/// witness.
package struct PartyKeys {
    package var party: PartyID
    /// The holder's name in the certificates' subjects.
    package var organisation: String
    /// The name of the witness's key: a URL without its scheme (C2SP signed-note).
    package var witnessName: String
    /// Whether the subjects say that the keys are a demonstration's.
    package var isDemonstration: Bool
    /// Of the certificates, in years of 365 days.
    package var years: Int
    /// POSIX seconds.
    package var now: Int64

    package static let signerCount = 2

    package init(
        party: PartyID, organisation: String, witnessName: String, isDemonstration: Bool, years: Int, now: Int64
    ) {
        self.party = party
        self.organisation = organisation
        self.witnessName = witnessName
        self.isDemonstration = isDemonstration
        self.years = years
        self.now = now
    }

    /// Writes everything, private keys last: a run that was cut short is begun again without them.
    ///
    /// - Parameter passphrase: nil leaves the private keys in clear.
    /// - Returns: the files written, relative to the keys folder.
    package func write(to keys: KeysFolder, passphrase: SecretBytes?) throws -> [String] {
        let authorityName = KeysFolder.authorityName(party)
        for name in [authorityName, KeyVault.keyName(party, .authority), KeyVault.keyName(party, .witness)]
        where Files.kind(keys.fullPath(name)) != nil {
            throw RegistryError(
                .conflict, "\(keys.fullPath(name)) is there already",
                hint: "keys are never overwritten: choose another --keys folder, or move the old ones away")
        }
        guard let witnessKeyName = KeyName(witnessName) else {
            throw RegistryError(
                .usage, "'\(witnessName)' cannot be the name of a witness's key",
                hint: "use a URL without its scheme, such as registry.example/kz/witness: no spaces, no +")
        }
        let authorityKey = try PrivateKey.generateP256()
        let authority = try Certificate.selfSigned(request(role: "authority", isAuthority: true), key: authorityKey)
        var certificates = [(KeysFolder.authorityName(party), authority)]
        var privateKeys = [(KeyVault.keyName(party, .authority), authorityKey)]
        for number in 1...Self.signerCount {
            let key = try PrivateKey.generateP256()
            let certificate = try Certificate.issued(
                request(role: "signer \(number)", isAuthority: false), publicKey: key.publicKey, issuer: authority,
                issuerKey: authorityKey)
            certificates.append((KeysFolder.signerName(party, number), certificate))
            privateKeys.append((KeyVault.keyName(party, .signer(number)), key))
        }
        let witnessKey = try PrivateKey.generateEd25519()
        privateKeys.append((KeyVault.keyName(party, .witness), witnessKey))
        let verifierKey = try Cosigner(name: witnessKeyName, key: witnessKey).verifierKey

        try keys.files.makeFolder(keys.fullPath("private"), mode: 0o700)
        for (name, certificate) in certificates { try keys.files.replace(name, with: certificate.pem()) }
        try keys.files.replace(KeysFolder.witnessName(party), with: verifierKey.bytes + [0x0A])
        try SignerState.begin(keys, signer: .witness(party))
        for (name, key) in privateKeys {
            let pem = try key.pem(passphrase: passphrase)
            try keys.files.create(name, with: pem.revealed(), mode: 0o600)
        }
        return certificates.map(\.0) + [KeysFolder.witnessName(party)] + privateKeys.map(\.0)
    }

    private func request(role: String, isAuthority: Bool) -> CertificateRequest {
        let mark = isDemonstration ? " (demonstration)" : ""
        return CertificateRequest(
            subject: [("O", organisation + mark), ("CN", "\(party) \(role)\(mark)")],
            // A day's grace for clocks that differ.
            notBefore: now - 86400, notAfter: now + Int64(years) * 365 * 86400, isAuthority: isAuthority)
    }
}
