package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Makes keys that are to replace others and puts them aside, with the change that brings them into effect once every
/// party of the registry has signed it.
package struct KeyRotation {
    let keys: KeysFolder
    let vault: KeyVault
    private let constitution: Constitution
    /// Certificates that do not come back.
    private let withdrawn: Set<ContentDigest>
    var origin: String { constitution.log.origin }
    /// Nil leaves the private keys in clear.
    private let passphrase: SecretBytes?
    /// POSIX seconds.
    private let now: Int64
    /// Of new certificates, in years of 365 days.
    private let years: Int

    package init(
        _ ledger: OpenedLedger, vault: KeyVault, passphrase: SecretBytes?, years: Int = 10, now: Int64
    ) {
        keys = ledger.keys
        self.vault = vault
        constitution = ledger.history.state.constitution
        withdrawn = Set(ledger.history.state.withdrawals.keys)
        self.passphrase = passphrase
        self.now = now
        self.years = years
    }

    // MARK: Signers and authorities

    /// A new signer under the party's own authority, in the place of one that is retired.
    package func signer(of party: PartyID, replacing old: ContentDigest) throws -> RegistryChanged {
        let member = try member(party)
        guard member.signers.contains(where: { $0.certificate == old }) else {
            throw RegistryError(
                .usage, "\(old) is no listed signer of \(party)", hint: "'bitim keys list' shows the signers")
        }
        guard try waitingAuthorities(member).isEmpty else { throw otherwisePrepared(party) }
        let new: Certificate
        if let waiting = try waitingSigners(member).first(where: { isHere($0, party) })?.certificates.first {
            // Made by a run that could not register it.
            new = waiting
        } else {
            let authority = try ownAuthority(of: member)
            let known = try (keys.numberedSigners(party) + keys.preparedSigners(party)).compactMap(\.certificates.first)
            let algorithm = known.first { ContentDigest($0.fingerprint) == old }?.publicKey.algorithm
            new = try makeSigner(of: party, number: nextNumber(party), under: authority, as: algorithm)
        }
        return RegistryChanged(signers: [.add(try Self.listed(new), to: party), .retire(old, of: party)])
    }

    /// A new authority with as many new signers as the party has, all of the old ones retired.
    package func authority(of party: PartyID) throws -> RegistryChanged {
        let member = try member(party)
        let waiting = try waitingSigners(member)
        if let prepared = try waitingAuthorities(member).first, !waiting.isEmpty,
            waiting.allSatisfy({ isHere($0, party) })
        {
            return try succession(of: member, by: prepared, signers: waiting.compactMap(\.certificates.first))
        }
        // One that waits for the publication has the file.
        guard waiting.isEmpty, try keys.preparedAuthorities(party).isEmpty else { throw otherwisePrepared(party) }
        let old = try keys.authorities(party).first { member.authorities.contains(ContentDigest($0.fingerprint)) }
        let key = try Self.generate(like: old?.publicKey.algorithm)
        let certificate = try Certificate.selfSigned(
            request(subject: try subject(of: party, role: "authority"), isAuthority: true), key: key)
        try write(key, as: freeName(KeyVault.keyName(party, .authority)))
        try keys.files.create(KeysFolder.preparedName(KeysFolder.authorityName(party)), with: certificate.pem())
        let first = try nextNumber(party)
        let signers = try (first..<first + max(1, member.signers.count)).map { number in
            try makeSigner(of: party, number: number, under: (certificate, key), as: key.publicKey.algorithm)
        }
        return try succession(of: member, by: certificate, signers: signers)
    }

    private func succession(
        of member: RegistryParty, by authority: Certificate, signers: [Certificate]
    ) throws -> RegistryChanged {
        let party = member.party
        return RegistryChanged(
            authorities: [AuthorityChange(.add, ContentDigest(authority.fingerprint), of: party)]
                + member.authorities.map { AuthorityChange(.retire, $0, of: party) },
            signers: try signers.map { .add(try Self.listed($0), to: party) }
                + member.signers.map { .retire($0.certificate, of: party) })
    }

    private func member(_ party: PartyID) throws -> RegistryParty {
        guard let member = constitution[party] else {
            throw RegistryError(
                .usage, "\(party) is no party of the registry",
                hint: "the parties are \(constitution.parties.map(\.party.text).joined(separator: ", "))")
        }
        return member
    }

    /// What is prepared and on no list yet; what a pending change lists is prepared until it is published.
    private func waitingSigners(_ member: RegistryParty) throws -> [KeysFolder.NumberedSigner] {
        let listed = Set(member.signers.map(\.certificate)).union(withdrawn)
        return try keys.preparedSigners(member.party).filter { signer in
            signer.certificates.first.map { !listed.contains(ContentDigest($0.fingerprint)) } ?? false
        }
    }

    /// What has its key elsewhere was brought, not made for a rotation.
    private func isHere(_ signer: KeysFolder.NumberedSigner, _ party: PartyID) -> Bool {
        vault.has(KeyVault.keyName(party, .signer(signer.number)))
    }

    private func waitingAuthorities(_ member: RegistryParty) throws -> [Certificate] {
        try keys.preparedAuthorities(member.party)
            .filter { !member.authorities.contains(ContentDigest($0.fingerprint)) }
    }

    private func otherwisePrepared(_ party: PartyID) -> RegistryError {
        RegistryError(
            .conflict, "other keys of \(party) are prepared already in \(keys.path)/\(party)/prepared",
            hint: "register them first, with 'bitim keys enrol \(party)' or the rotation that made them, "
                + "or drop them: bitim keys discard \(party)")
    }

    private func ownAuthority(of party: RegistryParty) throws -> (certificate: Certificate, key: PrivateKey) {
        for certificate in try keys.authorities(party.party) + keys.preparedAuthorities(party.party)
        where party.authorities.contains(ContentDigest(certificate.fingerprint)) {
            if let key = try vault.authorityKey(of: party.party, for: certificate) { return (certificate, key) }
        }
        throw RegistryError(
            .unavailable, "the private key of no authority of \(party.party) is in \(keys.path)/private",
            hint: "have the authority issue a certificate, then: bitim keys enrol \(party.party) --signer FILE")
    }

    private func nextNumber(_ party: PartyID) throws -> Int {
        let taken = try (keys.numberedSigners(party) + keys.preparedSigners(party)).map(\.number)
        var number = (taken.max() ?? 0) + 1
        while vault.has(KeyVault.keyName(party, .signer(number))) { number += 1 }
        return number
    }

    private func makeSigner(
        of party: PartyID, number: Int, under authority: (certificate: Certificate, key: PrivateKey),
        as algorithm: KeyAlgorithm?
    ) throws -> Certificate {
        let key = try Self.generate(like: algorithm)
        let certificate = try Certificate.issued(
            request(subject: try subject(of: party, role: "signer \(number)"), isAuthority: false),
            publicKey: key.publicKey, issuer: authority.certificate, issuerKey: authority.key)
        try write(key, as: KeyVault.keyName(party, .signer(number)))
        try keys.files.create(
            KeysFolder.preparedName(KeysFolder.signerName(party, number)), with: certificate.pem())
        return certificate
    }

    // MARK: Keys of checkpoints

    /// A new witness key for a party, under the name of the old one.
    package func witness(of party: PartyID) throws -> RegistryChanged {
        _ = try member(party)
        let old = try constitution.onlyWitness(of: party)
        if let prepared = try keys.preparedWitnessKey(party), prepared != old.key {
            return RegistryChanged(quorum: try Self.quorum(constitution.quorum, replacing: old.key, with: prepared))
        }
        let key = try PrivateKey.generateEd25519()
        let verifierKey = try Cosigner(name: VerifierKey(parsing: old.key).name, key: key).verifierKey
        try write(key, as: KeyVault.witnessKeyName(party, verifierKey))
        try keys.files.replace(
            KeysFolder.preparedName(KeysFolder.witnessName(party)), with: verifierKey.bytes + [0x0A])
        return RegistryChanged(quorum: try Self.quorum(constitution.quorum, replacing: old.key, with: verifierKey.text))
    }

    /// A new key for the log, under the same origin.
    package func log() throws -> RegistryChanged {
        guard let name = KeyName(constitution.log.origin) else {
            throw RegistryError(.refused, "the origin is no key name", hint: "see 'bitim audit'")
        }
        let key = try PrivateKey.generateEd25519()
        let verifierKey = try NoteSigner(name: name, key: key).verifierKey
        try write(key, as: KeyVault.logKeyName(verifierKey))
        return RegistryChanged(log: RegistryLog(origin: constitution.log.origin, key: verifierKey.text))
    }

    /// The same witnesses and groups, one key replaced.
    package static func quorum(_ quorum: Quorum, replacing old: String, with new: String) throws -> Quorum {
        try Quorum(
            witnesses: quorum.witnesses.map {
                $0.key == old ? Witness(name: $0.name, party: $0.party, key: new) : $0
            }, groups: quorum.groups, name: quorum.name)
    }

    // MARK: Parts

    package static func listed(_ certificate: Certificate) throws -> RegistrySigner {
        RegistrySigner(
            certificate: ContentDigest(certificate.fingerprint),
            publicKey: SubjectPublicKeyInfo(derBytes: try certificate.publicKey.subjectPublicKeyInfo()))
    }

    /// Of the same kind as the old one; an RSA key that was weak becomes none.
    private static func generate(like algorithm: KeyAlgorithm?) throws -> PrivateKey {
        switch algorithm {
        case .p384: try .generate(.p384)
        case .rsa(let bits): try .generate(.rsa(bits: bits > 3072 ? 4096 : 3072))
        case .rsaPSS(let bits): try .generate(.rsaPSS(bits: bits > 3072 ? 4096 : 3072))
        case .p256, .ed25519, .other, nil: try .generate(.p256)
        }
    }

    private func subject(of party: PartyID, role: String) throws -> [(attribute: String, value: String)] {
        let mark = constitution.demonstration ? " (demonstration)" : ""
        let name = constitution[party]?.name.englishOrFirst ?? party.text
        return [("O", name + mark), ("CN", "\(party) \(role)\(mark)")]
    }

    private func request(
        subject: [(attribute: String, value: String)], isAuthority: Bool
    ) throws(RegistryError) -> CertificateRequest {
        try CertificateRequest(subject: subject, years: years, now: now, isAuthority: isAuthority)
    }

    private func write(_ key: PrivateKey, as name: String) throws {
        try keys.makePrivateFolder()
        try keys.files.create(name, with: try key.pem(passphrase: passphrase).revealed(), mode: 0o600)
        vault.adopt(key, as: name)
    }

    private func freeName(_ name: String) -> String {
        guard vault.has(name) else { return name }
        var number = 2
        while vault.has("\(name.dropLast(4))-\(number).pem") { number += 1 }
        return "\(name.dropLast(4))-\(number).pem"
    }
}
