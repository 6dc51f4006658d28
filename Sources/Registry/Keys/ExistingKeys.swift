package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// A party's certificates as its own CA has issued them, taken over in place of made ones.
package struct ExistingKeys {
    private struct Signer {
        let path: String
        let certificate: Certificate
        /// Between it and its anchor, its issuer first.
        let intermediates: [Certificate]
    }

    package let party: PartyID
    private let anchors: [Certificate]
    private let signers: [Signer]
    /// Nil when a witness is to be made here.
    private let verifierKey: [UInt8]?
    /// What is allowed and not good.
    package let warnings: [String]

    package var makesWitness: Bool { verifierKey == nil }

    /// Reads and checks everything; nothing is written.
    ///
    /// - Parameters:
    ///   - authorityFiles: the party's roots; CA certificates that are not self-signed serve as intermediates.
    ///   - signerFiles: of each signer its certificate, and after it the intermediates up to a root.
    ///   - witnessFile: the verifier key of a witness whose private key is elsewhere.
    ///   - now: POSIX seconds.
    package init(
        party: PartyID, authorityFiles: [String], signerFiles: [String], witnessFile: String?, now: Int64
    ) throws {
        self.party = party
        var roots: [Certificate] = []
        var others: [Certificate] = []
        for path in authorityFiles {
            for certificate in try CertificateFile.certificates(path) {
                guard certificate.isAuthority else {
                    throw RegistryError(
                        .refused, "\(path): \(certificate.subject) is not a CA",
                        hint: "--authority takes the certificates of CAs; signers' are brought with --signer")
                }
                if try Self.isRoot(certificate) { roots.append(certificate) } else { others.append(certificate) }
            }
        }
        guard !roots.isEmpty else {
            throw RegistryError(
                .refused, "\(authorityFiles.joined(separator: ", ")): no certificate is self-signed",
                hint: "an authority is the root of its CA: bring the root, intermediates may follow it")
        }
        var seen: Set<SHA256Digest> = []
        anchors = roots.filter { seen.insert($0.fingerprint).inserted }
        let trust = try TrustAnchors(anchors)
        var signers: [Signer] = []
        for path in signerFiles {
            let signer = try Self.signer(path, trust: trust, intermediates: others, now: now)
            guard !signers.contains(where: { $0.certificate.fingerprint == signer.certificate.fingerprint }) else {
                throw RegistryError(.usage, "\(path) is there twice", hint: "bring each signer once")
            }
            signers.append(signer)
        }
        self.signers = signers
        warnings = signers.compactMap { signer in
            guard let bits = signer.certificate.publicKey.algorithm.rsaBits, bits < 3072 else { return nil }
            return
                "\(signer.path): \(signer.certificate.subject) has an RSA key of \(bits) bits: 3072 and more are better"
        }
        verifierKey = try witnessFile.map(Self.verifierKey)
    }

    /// Its own issuer: such a one is a chain of itself alone.
    private static func isRoot(_ certificate: Certificate) throws -> Bool {
        if case .chain = try TrustAnchors([certificate]).chain(for: certificate, intermediates: []) { return true }
        return false
    }

    private static func signer(
        _ path: String, trust: TrustAnchors, intermediates: [Certificate], now: Int64
    ) throws -> Signer {
        let file = try CertificateFile.certificates(path)
        // A file that was read has at least one.
        let certificate = file[0]
        func refused(_ fault: String, hint: String) -> RegistryError {
            RegistryError(.refused, "\(path): \(certificate.subject) \(fault)", hint: hint)
        }
        guard !certificate.isAuthority else {
            throw refused(
                "is a CA, not a signer", hint: "the signer's certificate comes first, its intermediates follow")
        }
        guard certificate.allowsSignatures else {
            throw refused(
                "may not sign: its key usage has neither digitalSignature nor nonRepudiation",
                hint: "bring the certificate that is for signatures, not the one for authentication or encryption")
        }
        try requireStrong(certificate, path: path)
        let between = Array(file.dropFirst()) + intermediates
        let chain: TrustAnchors.Chain
        switch trust.chain(for: certificate, intermediates: between) {
        case .chain(let found): chain = found
        case .noChain(let reason):
            throw refused(
                "does not chain to the party's authority: \(reason)",
                hint: "put the intermediates, in PEM, after the signer in its file")
        }
        let links = chain.fingerprints.dropFirst().compactMap { link in
            (between + trust.anchors).first { $0.fingerprint == link }
        }
        for link in [certificate] + links {
            guard link.publicKey.algorithm.rsaBits ?? 2048 >= 2048 else {
                throw RegistryError(
                    .refused, "\(path): the key of \(link.subject) is too weak: \(link.publicKey.algorithm)",
                    hint: "RSA keys have 2048 bits and more, better 3072")
            }
            try requireValid(link, at: now, path: path)
        }
        return Signer(path: path, certificate: certificate, intermediates: Array(links.dropLast()))
    }

    private static func requireStrong(_ certificate: Certificate, path: String) throws {
        switch certificate.publicKey.algorithm {
        // How many bits is looked at with the chain.
        case .p256, .p384, .rsa, .rsaPSS: return
        case .ed25519, .other:
            throw RegistryError(
                .refused,
                "\(path): \(certificate.subject) has a \(certificate.publicKey.algorithm) key, which signs no entries",
                hint: "signers have P-256, P-384, RSA or RSA-PSS keys")
        }
    }

    private static func requireValid(_ certificate: Certificate, at now: Int64, path: String) throws {
        let (notBefore, notAfter) = (certificate.notBefore, certificate.notAfter)
        guard now < notBefore || notAfter < now else { return }
        let when = UTCTime(posixSeconds: now < notBefore ? notBefore : notAfter)?.text ?? "an unknown time"
        throw RegistryError(
            .refused,
            "\(path): \(certificate.subject) \(now < notBefore ? "is not valid before" : "has expired at") \(when)",
            hint: "bring a certificate that is valid now")
    }

    private static func verifierKey(_ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: VerifierKey.maximumByteCount + 1, followingLinks: true) { bytes += $0 }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "bring the witness.vkey that the witness was made with")
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        guard let key = try? VerifierKey(parsing: bytes), key.type == .ed25519Cosignature else {
            throw RegistryError(
                .refused, "\(path) is not the verifier key of a witness",
                hint: "it is one line, name+hash+key, of an Ed25519 key for cosignatures")
        }
        return bytes
    }

    // MARK: Writing

    /// - Parameters:
    ///   - signerKeys: private keys that were brought, with the files that they came from.
    ///   - witnessName: of a witness that is made here.
    ///   - passphrase: nil leaves the private keys in clear.
    /// - Returns: the files written, relative to the keys folder, and the numbers of the signers that sign elsewhere.
    package func write(
        to keys: KeysFolder, signerKeys: [(path: String, key: PrivateKey)], witnessName: String,
        passphrase: SecretBytes?
    ) throws -> (files: [String], elsewhere: [Int]) {
        var privateKeys: [(name: String, key: PrivateKey)] = []
        var here: Set<Int> = []
        for (path, key) in signerKeys {
            let publicKey = try key.publicKey.subjectPublicKeyInfo()
            let numbers = try signers.indices.filter {
                try signers[$0].certificate.publicKey.subjectPublicKeyInfo() == publicKey
            }
            guard !numbers.isEmpty else {
                throw RegistryError(
                    .refused, "\(path) is the key of none of the signers",
                    hint: "bring the keys that belong to the certificates given with --signer")
            }
            for number in numbers where here.insert(number + 1).inserted {
                privateKeys.append((KeyVault.keyName(party, .signer(number + 1)), key))
            }
        }
        var verifierKey = verifierKey ?? []
        if makesWitness {
            let witness = try NewWitness(name: witnessName)
            verifierKey = witness.verifierKey
            privateKeys.append((KeyVault.keyName(party, .witness), witness.key))
        }
        let files = try PartyFiles(
            party: party, authority: (KeysFolder.authorityName(party), try anchors.flatMap { try $0.pem() }),
            signers: try signers.enumerated().map { position, signer in
                (
                    KeysFolder.signerName(party, position + 1),
                    try ([signer.certificate] + signer.intermediates).flatMap { try $0.pem() }
                )
            },
            verifierKey: verifierKey, privateKeys: privateKeys
        ).write(to: keys, passphrase: passphrase)
        return (files, signers.indices.map { $0 + 1 }.filter { !here.contains($0) })
    }
}
