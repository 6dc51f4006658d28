package import Agreements
package import OpenSSLKit
internal import TiledLog
package import TransparencyLog

/// The private keys of this machine, in `keys/private/`. A key is decrypted when it is first needed, and kept.
package final class KeyVault {
    /// Whose passphrase opens a key.
    package enum Owner: Hashable, Sendable, CustomStringConvertible {
        case party(PartyID)
        case log
        /// Of a witness that checks nothing but that a log only grows.
        case plainWitness

        package var description: String {
            switch self {
            case .party(let party): party.text
            case .log: "log"
            case .plainWitness: "plain-witness"
            }
        }
    }

    package enum Use: Sendable {
        case authority
        case signer(Int)
        case witness

        var name: String {
            switch self {
            case .authority: "authority"
            case .signer(let number): "signer-\(number)"
            case .witness: "witness"
            }
        }
    }

    package static let logKeyName = "private/log.pem"

    package static func keyName(_ party: PartyID, _ use: Use) -> String { "private/\(party)-\(use.name).pem" }

    /// Of a key that came after the first: with its key ID (C2SP signed-note), so that none is ever overwritten.
    package static func logKeyName(_ key: VerifierKey) -> String { "private/log-\(key.keyID.hex).pem" }

    package static func witnessKeyName(_ party: PartyID, _ key: VerifierKey) -> String {
        "private/\(party)-witness-\(key.keyID.hex).pem"
    }

    /// Whether the private half of a witness's key that came after the first is here.
    package static func hasOwnFile(of key: String, _ party: PartyID, in keys: KeysFolder) -> Bool {
        (try? VerifierKey(parsing: key)).map {
            Files.kind(keys.fullPath(witnessKeyName(party, $0))) == .regular
        } ?? false
    }

    /// Where the private half of a log's key would be.
    package func logKeyFile(for key: VerifierKey) -> String {
        let own = Self.logKeyName(key)
        return has(own) ? own : Self.logKeyName
    }

    package func witnessKeyFile(_ party: PartyID, for key: VerifierKey) -> String {
        let own = Self.witnessKeyName(party, key)
        return has(own) ? own : Self.keyName(party, .witness)
    }

    private func names(where isWanted: (String) -> Bool) -> [String] {
        fileNames().filter(isWanted).map { "private/\($0)" }
    }

    /// Of all private keys that are here.
    func fileNames() -> [String] {
        ((try? Files.names(in: keys.fullPath("private"))) ?? []).filter { $0.hasSuffix(".pem") }
    }

    private let keys: KeysFolder
    /// Gives the passphrase of an owner's keys.
    private let passphrase: (Owner) throws -> SecretBytes
    /// Tells the user of a key that could not be used where others could.
    package let notice: (String) -> Void
    /// Whether somebody types them, who may type again; told of a key that was not opened.
    private let asksAgain: (Owner, String) -> Bool
    private static let maximumTries = 3
    private var tries: [Owner: Int] = [:]
    private var passphrases: [Owner: SecretBytes] = [:]
    private var opened: [String: PrivateKey] = [:]
    private var signers: [PartyID: Signer] = [:]

    package init(
        _ keys: KeysFolder, notice: @escaping (String) -> Void = { _ in },
        asksAgain: @escaping (Owner, String) -> Bool = { _, _ in false },
        passphrase: @escaping (Owner) throws -> SecretBytes
    ) {
        self.keys = keys
        self.asksAgain = asksAgain
        self.notice = notice
        self.passphrase = passphrase
    }

    package func has(_ name: String) -> Bool { Files.kind(keys.fullPath(name)) == .regular }

    /// Before anything is written for an entry that could never be signed.
    func requireLogKey() throws {
        try requireLogKey(
            where: { $0.hasPrefix("log") }, purpose: "nothing can be added from here",
            hint: "only the machine that keeps the log adds to it; everyone can list, verify and audit")
    }

    /// - Parameters:
    ///   - isWanted: of the names of files.
    ///   - purpose: what cannot be done without it.
    ///   - hint: where no such key is here.
    func requireLogKey(where isWanted: (String) -> Bool, purpose: String, hint: String) throws {
        let folder = keys.fullPath("private")
        var found: [String] = []
        do {
            if Files.kind(folder) != nil { found = try Files.names(in: folder) }
        } catch {
            throw RegistryError(
                .unavailable, "\(error): whether the log's key is there is not known, so \(purpose)",
                hint: "check the folder and its permissions")
        }
        found = found.filter { $0.hasSuffix(".pem") && isWanted($0) }.map { "private/\($0)" }
        guard !found.contains(where: has) else { return }
        // It is there for whoever looks: say why it is as good as none.
        if let name = found.first {
            throw RegistryError(
                .unavailable, "\(keys.fullPath(name)) is no regular file, so \(purpose)",
                hint: "put the log's key itself there: a link to it is not followed")
        }
        throw RegistryError(.unavailable, "the log's key is not in \(folder), so \(purpose)", hint: hint)
    }

    /// Asks for the passphrases of those owners' keys that are here and encrypted: before a lock is taken, so that
    /// nobody waits for somebody who types.
    ///
    /// - Parameter signing: whether entries will be signed; else the keys of checkpoints are enough.
    package func unlock(_ owners: [Owner], signing: Bool = true) throws {
        for owner in owners {
            let names: [String] =
                switch owner {
                case .log: self.names { $0.hasPrefix("log") }
                case .plainWitness: self.names { $0 == "plain-witness.pem" }
                case .party(let party):
                    self.names {
                        $0.hasPrefix("\(party)-witness") || signing && $0.hasPrefix("\(party)-signer-")
                    }
                }
            let encrypted = names.compactMap { name -> (name: String, pem: [UInt8])? in
                guard let pem = try? Files.read(keys.fullPath(name), maximumBytes: 1 << 16),
                    PrivateKey.isEncrypted(pem: pem)
                else { return nil }
                return (name, pem)
            }
            guard let first = encrypted.first, passphrases[owner] == nil else { continue }
            var secret = try secret(of: owner)
            // Keys of one owner may have several passphrases: one of them that it opens is enough here.
            while !encrypted.contains(where: { (try? PrivateKey(pem: $0.pem, passphrase: secret)) != nil }),
                mayAskAgain(owner, keys.fullPath(first.name))
            {
                secret = try self.secret(of: owner)
            }
        }
    }

    /// Forgets a passphrase that opens nothing.
    private func mayAskAgain(_ owner: Owner, _ path: String) -> Bool {
        passphrases[owner] = nil
        return tries[owner, default: 0] < Self.maximumTries && asksAgain(owner, path)
    }

    /// Throws unless a key of the party's witness opens, whichever of them the registry names.
    func requireWitnessKey(of party: PartyID) throws {
        var failure: (any Error)?
        for name in names(where: { $0.hasPrefix("\(party)-witness") }) {
            do {
                _ = try key(name, owner: .party(party))
                return
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? noWitnessKey(of: party)
    }

    func noWitnessKey(of party: PartyID) -> RegistryError {
        RegistryError(
            .unavailable, "no key of a witness of \(party) is in \(keys.path)/private",
            hint: "copy the witness's own key there; 'bitim keys list' shows what is here")
    }

    /// A key that has just been made, so that its passphrase is not asked for again.
    package func adopt(_ key: PrivateKey, as name: String) { opened[name] = key }

    package func key(_ name: String, owner: Owner) throws -> PrivateKey {
        if let key = opened[name] { return key }
        let path = keys.fullPath(name)
        let pem: [UInt8]
        do {
            try PrivateFiles.requireOwn(name, in: keys)
            let mode = try Files.attributes(path).mode
            guard mode & 0o077 == 0 else {
                throw RegistryError(
                    .unavailable, "\(path) can be read by others",
                    hint: "make it its owner's alone: chmod 600 \(path)")
            }
            pem = try Files.read(path, maximumBytes: 1 << 16)
        } catch let error as FileError {
            throw RegistryError(
                .unavailable, "\(error)", hint: "the private keys of this machine lie in \(keys.path)/private")
        }
        do {
            let secret = PrivateKey.isEncrypted(pem: pem) ? try secret(of: owner) : nil
            let key = try PrivateKey(pem: pem, passphrase: secret)
            opened[name] = key
            return key
        } catch let error as PrivateKey.PEMError {
            if case .wrongPassphrase = error, mayAskAgain(owner, path) { return try self.key(name, owner: owner) }
            passphrases[owner] = nil
            throw Self.error(error, path: path)
        }
    }

    private func secret(of owner: Owner) throws -> SecretBytes {
        if let known = passphrases[owner] { return known }
        tries[owner, default: 0] += 1
        let secret = try passphrase(owner)
        passphrases[owner] = secret
        return secret
    }

    private static func error(_ error: PrivateKey.PEMError, path: String) -> RegistryError {
        switch error {
        case .notAPrivateKey:
            RegistryError(
                .unavailable, "\(path) is not a private key in PKCS#8 PEM",
                hint: "check that the file is whole, from BEGIN to END")
        case .passphraseNeeded, .wrongPassphrase:
            RegistryError(
                .unavailable, "the passphrase does not open \(path)",
                hint: "try again; a file given with --passphrase-file may end in one newline, which does not count")
        case .openSSL(let error):
            RegistryError(
                .unavailable, "\(path) cannot be read: \(error)", hint: "the OpenSSL in use is \(openSSLVersion)")
        }
    }

    /// The private half of an authority's key, if it is here.
    package func authorityKey(of party: PartyID, for certificate: Certificate) throws -> PrivateKey? {
        let wanted = try certificate.publicKey.subjectPublicKeyInfo()
        for name in names(where: { $0.hasPrefix("\(party)-authority") }) {
            let key = try key(name, owner: .party(party))
            if try key.publicKey.subjectPublicKeyInfo() == wanted { return key }
        }
        return nil
    }

    // MARK: Signers

    /// A listed signer of a party whose private key is here.
    package struct Signer {
        package let certificate: Certificate
        package let key: PrivateKey
    }

    /// The first of the party's listed signers whose key is here and against whom nothing speaks. While the change that
    /// lists it is pending, a signer's certificate is still among those that are prepared.
    ///
    /// - Parameters:
    ///   - choice: who comes first.
    ///   - elsewhere: what to do when no key is here.
    ///   - faults: why a certificate cannot sign now; empty when it can.
    package func signer(
        for party: PartyID, listed: Set<ContentDigest>, choice: SignerChoice = SignerChoice(),
        elsewhere: String? = nil, faults: (Certificate) throws -> [Finding] = { _ in [] }
    ) throws -> Signer {
        if choice.isOrdinary, let known = signers[party], listed.contains(ContentDigest(known.certificate.fingerprint)),
            try faults(known.certificate).isEmpty
        {
            return known
        }
        var others: [Certificate] = []
        var unfit: (certificate: Certificate, faults: [Finding])?
        for signer in try choice.signers(of: party, in: keys) {
            guard let certificate = signer.certificates.first,
                listed.contains(ContentDigest(certificate.fingerprint))
            else { continue }
            let found = try faults(certificate)
            guard found.isEmpty else {
                unfit = unfit ?? (certificate, found)
                continue
            }
            others.append(certificate)
            let name = Self.keyName(party, .signer(signer.number))
            guard has(name), try isKey(name, of: certificate, party) else { continue }
            return try chosen(Signer(certificate: certificate, key: key(name, owner: .party(party))), party, choice)
        }
        // Numbers are each machine's own: a key that was brought here may have another one than its certificate.
        for name in names(where: { $0.hasPrefix("\(party)-signer-") }) {
            guard let certificate = try others.first(where: { try isKey(name, of: $0, party) }) else { continue }
            return try chosen(Signer(certificate: certificate, key: key(name, owner: .party(party))), party, choice)
        }
        if let unfit {
            throw RegistryError(
                .refused,
                "no key of a signer of \(party) who can sign now is in \(keys.path)/private; "
                    + "\(unfit.certificate.subject): \(unfit.faults.first?.message ?? "")",
                hint:
                    "sign where another listed signer's key is, or register a new one with 'bitim keys enrol \(party)'",
                findings: unfit.faults)
        }
        throw RegistryError(
            .unavailable, "there is no key of a listed signer of \(party) in \(keys.path)/private",
            hint: elsewhere
                ?? "each party signs on its own machine: write a draft with --draft FILE in the place of signing, "
                + "and have \(party) run 'bitim sign FILE'")
    }

    private func chosen(_ signer: Signer, _ party: PartyID, _ choice: SignerChoice) -> Signer {
        if choice.isRevoked(ContentDigest(signer.certificate.fingerprint)) {
            notice(
                "note: \(signer.certificate.subject) signs the change that revokes it: no key of another signer of "
                    + "\(party) is here")
        }
        // Who gives way to a change signs the next entry again.
        if choice.isOrdinary { signers[party] = signer }
        return signer
    }

    private func isKey(_ name: String, of certificate: Certificate, _ party: PartyID) throws -> Bool {
        try key(name, owner: .party(party)).publicKey.subjectPublicKeyInfo()
            == certificate.publicKey.subjectPublicKeyInfo()
    }
}
