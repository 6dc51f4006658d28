package import Agreements
package import OpenSSLKit
package import TiledLog

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

    package static func authorityName(_ party: PartyID) -> String { "\(party)/authority.pem" }
    package static func witnessName(_ party: PartyID) -> String { "\(party)/witness.vkey" }
    package static func signerName(_ party: PartyID, _ number: Int) -> String { "\(party)/signer-\(number).pem" }

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
        var found: [Certificate] = []
        var number = 1
        while Files.kind(fullPath(Self.signerName(party, number))) != nil {
            if let signer = try certificates(Self.signerName(party, number)).first { found.append(signer) }
            number += 1
        }
        return found
    }

    package func witnessKey(_ party: PartyID) throws(RegistryError) -> String? {
        guard let bytes = try read(Self.witnessName(party)) else { return nil }
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
            throw RegistryError(.unavailable, "\(error)")
        }
    }
}
