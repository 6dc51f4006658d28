internal import Agreements
internal import OpenSSLKit
internal import Registry
internal import TiledLog
internal import TransparencyLog

/// A party with as many signers as are wanted: what `bitim keys new` makes, with more of it.
struct GeneratedParty {
    let party: PartyID
    let name: LocalizedText
    let signers: [SignerTemplate]

    static let names: [(party: String, name: String)] = [
        ("KZ", "Republic of Kazakhstan"), ("UZ", "Republic of Uzbekistan"),
    ]

    /// All that lies in `keys/` of the party, with the private keys in clear.
    static func write(
        _ party: PartyID, name: String, certificates: Int, keys mix: KeyMix, now: Int64, to keys: KeysFolder
    ) throws {
        func request(_ role: String, isAuthority: Bool) -> CertificateRequest {
            CertificateRequest(
                subject: [("O", "\(name) (benchmark)"), ("CN", "\(party) \(role) (benchmark)")],
                notBefore: now - 86400, notAfter: now + 20 * 365 * 86400, isAuthority: isAuthority)
        }
        func keep(_ key: PrivateKey, _ use: KeyVault.Use) throws {
            try keys.files.place(
                KeyVault.keyName(party, use), key.pem(passphrase: nil).revealed(), mode: 0o600)
        }
        try keys.files.makeFolder(keys.fullPath("private"), mode: 0o700)
        let authorityKey = try PrivateKey.generateP256()
        let authority = try Certificate.selfSigned(request("authority", isAuthority: true), key: authorityKey)
        try keep(authorityKey, .authority)
        for number in 1...certificates {
            let key = try PrivateKey.generate(mix.algorithm(number: number))
            let certificate = try Certificate.issued(
                request("signer \(number)", isAuthority: false), publicKey: key.publicKey, issuer: authority,
                issuerKey: authorityKey)
            try keep(key, .signer(number))
            try keys.files.place(KeysFolder.signerName(party, number), certificate.pem())
        }
        let witness = try PrivateKey.generateEd25519()
        guard let witnessName = KeyName("\(party.text.lowercased()).benchmark.example/witness") else {
            throw BenchError("no name for the witness of \(party)")
        }
        try keep(witness, .witness)
        try SignerState.begin(keys, signer: .witness(party))
        try keys.files.place(
            KeysFolder.witnessName(party), Cosigner(name: witnessName, key: witness).verifierKey.bytes + [0x0A])
        try keys.files.place(KeysFolder.authorityName(party), authority.pem())
    }

    init(_ party: PartyID, name: String, in keys: KeysFolder) throws {
        self.party = party
        self.name = LocalizedText([.init(language: try .of("en"), text: name)])
        signers = try keys.numberedSigners(party).compactMap { signer in
            guard let certificate = signer.certificates.first else { return nil }
            let pem = try Files.read(
                keys.fullPath(KeyVault.keyName(party, .signer(signer.number))), maximumBytes: 1 << 16)
            return try SignerTemplate(certificate: certificate, key: PrivateKey(pem: pem, passphrase: nil))
        }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension LanguageTag {
    static func of(_ text: String) throws -> LanguageTag {
        guard let tag = LanguageTag(text: text) else { throw BenchError("\(text) is no language") }
        return tag
    }
}

extension PartyID {
    static func of(_ text: String) throws -> PartyID {
        guard let party = PartyID(text) else { throw BenchError("\(text) is no party") }
        return party
    }
}
