package import Agreements
package import OpenSSLKit
package import TiledLog
package import TransparencyLog

/// Where everything lies in `keys/`: what is trusted, and this machine's own secrets. See docs/registry-layout.md.
package struct KeysFolder: Sendable {
    package let path: String
    package let files: DurableFolder

    package static let identityName = "identity"
    package static let policyName = "policy"
    private static let maximumBytes = 1 << 20

    package init(path: String) {
        self.path = path
        files = DurableFolder(path: path, temporaryFolder: "\(path)/private/temporary")
    }

    package func fullPath(_ name: String) -> String { files.fullPath(name) }

    /// For new keys. On disk when it returns, also where a run that was killed has made it.
    func makePrivateFolder() throws(FileError) {
        try files.makeFolder(fullPath("private"), mode: 0o700)
        try files.synchroniseName("private")
    }

    package static func authorityName(_ party: PartyID) -> String { "\(party)/authority.pem" }
    package static func witnessName(_ party: PartyID) -> String { "\(party)/witness.vkey" }
    /// Of one more witness of the party, by its key ID (C2SP signed-note).
    package static func witnessName(_ party: PartyID, _ key: VerifierKey) -> String {
        "\(party)/witness-\(key.keyID.hex).vkey"
    }
    package static func signerName(_ party: PartyID, _ number: Int) -> String { "\(party)/signer-\(number).pem" }
    /// Certificates of a party that were revoked: what they sign counts only where the ledger shows that it came before.
    package static func revokedName(_ party: PartyID) -> String { "\(party)/revoked.pem" }
    /// A policy that holds no longer, for checkpoints of at most so many entries.
    package static func policyName(toSize size: Int64) -> String { "policy-to-\(size)" }
    /// Where keys wait that are made and not on the ledger's lists yet.
    package static func preparedName(_ name: String) -> String {
        let parts = name.split(separator: "/", maxSplits: 1)
        return "\(parts[0])/prepared/\(parts.last ?? "")"
    }

    /// The fingerprint that the user pinned: one line, `sha256:` and 64 lower-case hexadecimal digits.
    ///
    /// - Returns: nil when none is pinned.
    package func identity() throws(RegistryError) -> ContentDigest? {
        guard let bytes = try read(Self.identityName) else { return nil }
        guard bytes.last == 0x0A, let digest = ContentDigest(text: String(decoding: bytes.dropLast(), as: UTF8.self))
        else {
            throw RegistryError(
                .unavailable, "\(fullPath(Self.identityName)) is not an identity",
                hint: "it is one line: sha256: and 64 lower-case hexadecimal digits")
        }
        return digest
    }

    package func policy() throws(RegistryError) -> [UInt8]? { try read(Self.policyName) }

    /// What holds now, with the addresses of whoever is reached over the network; nil when there is none.
    package func currentPolicy() throws(RegistryError) -> WitnessPolicy? { try policy(in: Self.policyName) }

    /// The policy that judges a checkpoint of so many entries, and the name of its file: of those that were superseded,
    /// `policy-to-<size>`, the one of the smallest size that is not below; else `policy`.
    ///
    /// - Returns: nil when there is none.
    package func policy(forSize size: Int64) throws(RegistryError) -> (policy: WitnessPolicy, name: String)? {
        let superseded = formerPolicySizes().first { $0 >= size }
        let name = superseded.map(Self.policyName(toSize:)) ?? Self.policyName
        return try policy(in: name).map { ($0, name) }
    }

    private func policy(in name: String) throws(RegistryError) -> WitnessPolicy? {
        guard let bytes = try read(name) else { return nil }
        do {
            return try WitnessPolicy(parsing: bytes)
        } catch {
            throw RegistryError(
                .unavailable, "\(fullPath(name)) is not a policy: \(error)",
                hint: "replace it with the policy of the registry")
        }
    }

    /// The parties that have a folder here, in the order of their ids.
    package func parties() -> [PartyID] {
        guard let names = try? Files.names(in: path) else { return [] }
        return names.compactMap { name in
            guard Files.kind(fullPath("\(name)/authority.pem")) == .regular else { return nil }
            return PartyID(name)
        }
    }

    /// - Throws: when the file is there and is not PEM certificates; an absent one is an empty list.
    package func authorities(_ party: PartyID) throws(RegistryError) -> [Certificate] {
        try certificates(Self.authorityName(party))
    }

    /// The signers' certificates, in the order of their numbers: of each file the first, which may be followed by its
    /// intermediates.
    package func signers(_ party: PartyID) throws(RegistryError) -> [Certificate] {
        try numberedSigners(party).compactMap(\.certificates.first)
    }

    /// What stands between the signers and the authorities: of each signer's file all but the first.
    package func intermediates(_ party: PartyID) throws(RegistryError) -> [Certificate] {
        try numberedSigners(party).flatMap { $0.certificates.dropFirst() }
    }

    /// A signer's file: its certificate, and the intermediates that follow it.
    package struct NumberedSigner: Sendable {
        package let number: Int
        package let certificates: [Certificate]
    }

    package func numberedSigners(_ party: PartyID) throws(RegistryError) -> [NumberedSigner] {
        try signerFiles(in: party.text)
    }

    /// Signers that are made and not on the ledger's list yet.
    package func preparedSigners(_ party: PartyID) throws(RegistryError) -> [NumberedSigner] {
        try signerFiles(in: "\(party)/prepared")
    }

    /// Far from where counting on could overflow.
    private static let maximumSignerNumber = 1_000_000

    private func signerFiles(in folder: String) throws(RegistryError) -> [NumberedSigner] {
        let names: [String]
        do {
            names = Files.kind(fullPath(folder)) == .folder ? try Files.names(in: fullPath(folder)) : []
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "check the folder and its permissions")
        }
        let numbers = names.compactMap { name -> Int? in
            guard name.hasPrefix("signer-"), name.hasSuffix(".pem"), let number = Int(name.dropFirst(7).dropLast(4)),
                (1...Self.maximumSignerNumber).contains(number), name == "signer-\(number).pem"
            else { return nil }
            return number
        }
        var found: [NumberedSigner] = []
        for number in numbers.sorted() {
            let read = try certificates("\(folder)/signer-\(number).pem")
            if !read.isEmpty { found.append(NumberedSigner(number: number, certificates: read)) }
        }
        return found
    }

    package func preparedAuthorities(_ party: PartyID) throws(RegistryError) -> [Certificate] {
        try certificates(Self.preparedName(Self.authorityName(party)))
    }

    package func revoked(_ party: PartyID) throws(RegistryError) -> [Certificate] {
        try certificates(Self.revokedName(party))
    }

    /// All certificates of parties that can be read here, whatever became of them; without any right.
    package func knownCertificates() -> [Certificate] {
        parties().flatMap { party -> [Certificate] in
            let files = [
                Self.authorityName(party), Self.revokedName(party), Self.preparedName(Self.authorityName(party)),
            ]
            let signers = ((try? numberedSigners(party)) ?? []) + ((try? preparedSigners(party)) ?? [])
            return files.flatMap { (try? certificates($0)) ?? [] } + signers.flatMap(\.certificates)
        }
    }

    /// The sizes up to which former policies are kept here, ascending.
    package func formerPolicySizes() -> [Int64] {
        let prefix = "policy-to-"
        return ((try? Files.names(in: path)) ?? []).compactMap { name in
            guard name.hasPrefix(prefix), let size = Int64(name.dropFirst(prefix.count)), size > 0,
                name == Self.policyName(toSize: size)
            else { return nil }
            return size
        }.sorted()
    }

    package func formerPolicy(toSize size: Int64) throws(RegistryError) -> [UInt8]? {
        try read(Self.policyName(toSize: size))
    }

    /// Takes away what was prepared, is on the lists now and lies in its place: it may be the only copy.
    func removePrepared(_ party: PartyID, listed: Set<ContentDigest>, _ witnessKeys: [String]) throws {
        let placedSigners = Set(try signers(party).map(\.fingerprint))
        for signer in try preparedSigners(party)
        where signer.certificates.first.map({
            listed.contains(ContentDigest($0.fingerprint)) && placedSigners.contains($0.fingerprint)
        }) ?? false {
            files.remove(Self.preparedName(Self.signerName(party, signer.number)))
        }
        let placed = Set(try self.authorities(party).map(\.fingerprint))
        let authorities = try preparedAuthorities(party)
        if !authorities.isEmpty,
            authorities.allSatisfy({
                listed.contains(ContentDigest($0.fingerprint)) && placed.contains($0.fingerprint)
            })
        {
            files.remove(Self.preparedName(Self.authorityName(party)))
        }
        let witnessName = Self.preparedName(Self.witnessName(party))
        if let bytes = try read(witnessName), witnessKeys.contains(where: { bytes == Array("\($0)\n".utf8) }) {
            files.remove(witnessName)
        }
    }

    package func witnessKey(_ party: PartyID) throws(RegistryError) -> String? {
        try line(Self.witnessName(party))
    }

    package func preparedWitnessKey(_ party: PartyID) throws(RegistryError) -> String? {
        try line(Self.preparedName(Self.witnessName(party)))
    }

    private func line(_ name: String) throws(RegistryError) -> String? {
        guard let bytes = try read(name) else { return nil }
        return String(decoding: bytes.last == 0x0A ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    private func certificates(_ name: String) throws(RegistryError) -> [Certificate] {
        guard let bytes = try read(name) else { return [] }
        do {
            let certificates = try Certificate.all(inPEM: bytes)
            // Other tools read more kinds of PEM block than this program does, and would trust what it has not seen.
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.split(separator: "-----BEGIN ", omittingEmptySubsequences: false).count == certificates.count + 1
            else { throw OpenSSLError("reading certificates", reason: "there are other things than certificates") }
            return certificates
        } catch {
            throw RegistryError(
                .unavailable, "\(fullPath(name)) is not a list of PEM certificates: \(error)",
                hint: "check that the file is whole, from BEGIN CERTIFICATE to END CERTIFICATE")
        }
    }

    private func read(_ name: String) throws(RegistryError) -> [UInt8]? {
        do {
            return try Files.read(fullPath(name), maximumBytes: Self.maximumBytes)
        } catch {
            guard error.reason != .notFound else { return nil }
            throw RegistryError(.unavailable, "\(error)", hint: "check the file and its permissions")
        }
    }
}
