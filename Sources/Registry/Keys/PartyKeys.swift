package import Agreements
package import OpenSSLKit

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
    /// Of the authority's and the signers' keys; a witness's is always Ed25519.
    package var algorithm: KeyAlgorithm

    package static let signerCount = 2

    package init(
        party: PartyID, organisation: String, witnessName: String, isDemonstration: Bool, years: Int, now: Int64,
        algorithm: KeyAlgorithm = .p256
    ) {
        self.party = party
        self.organisation = organisation
        self.witnessName = witnessName
        self.isDemonstration = isDemonstration
        self.years = years
        self.now = now
        self.algorithm = algorithm
    }

    /// - Parameter passphrase: nil leaves the private keys in clear.
    /// - Returns: the files written, relative to the keys folder.
    package func write(to keys: KeysFolder, passphrase: SecretBytes?) throws -> [String] {
        let witness = try NewWitness(name: witnessName)
        let authorityKey = try PrivateKey.generate(algorithm)
        let authority = try Certificate.selfSigned(request(role: "authority", isAuthority: true), key: authorityKey)
        var signers: [(String, [UInt8])] = []
        var privateKeys = [(KeyVault.keyName(party, .authority), authorityKey)]
        for number in 1...Self.signerCount {
            let key = try PrivateKey.generate(algorithm)
            let certificate = try Certificate.issued(
                request(role: "signer \(number)", isAuthority: false), publicKey: key.publicKey, issuer: authority,
                issuerKey: authorityKey)
            signers.append((KeysFolder.signerName(party, number), try certificate.pem()))
            privateKeys.append((KeyVault.keyName(party, .signer(number)), key))
        }
        privateKeys.append((KeyVault.keyName(party, .witness), witness.key))
        return try PartyFiles(
            party: party, authority: (KeysFolder.authorityName(party), try authority.pem()), signers: signers,
            verifierKey: witness.verifierKey, privateKeys: privateKeys
        ).write(to: keys, passphrase: passphrase)
    }

    private func request(role: String, isAuthority: Bool) throws(RegistryError) -> CertificateRequest {
        let mark = isDemonstration ? " (demonstration)" : ""
        return try CertificateRequest(
            subject: [("O", organisation + mark), ("CN", "\(party) \(role)\(mark)")], years: years, now: now,
            isAuthority: isAuthority)
    }
}
