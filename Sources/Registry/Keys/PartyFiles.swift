internal import Agreements
internal import OpenSSLKit
internal import TiledLog

/// The files of one party in the keys folder, and the order in which they come to be there.
struct PartyFiles {
    let party: PartyID
    /// Names relative to the keys folder, and PEM.
    let authority: (name: String, pem: [UInt8])
    let signers: [(name: String, pem: [UInt8])]
    /// The witness's verifier key, without a newline.
    let verifierKey: [UInt8]
    let privateKeys: [(name: String, key: PrivateKey)]

    private var witnessIsHere: Bool { privateKeys.contains { $0.name == KeyVault.keyName(party, .witness) } }

    /// In the order of `bitim keys new`.
    private var names: [String] {
        [authority.name] + signers.map(\.name) + [KeysFolder.witnessName(party)] + privateKeys.map(\.name)
    }

    /// - Parameter passphrase: nil leaves the private keys in clear.
    /// - Returns: the files written, relative to the keys folder.
    func write(to keys: KeysFolder, passphrase: SecretBytes?) throws -> [String] {
        try requireNone(in: keys)
        try keys.makePrivateFolder()
        for (name, key) in privateKeys {
            try keys.files.create(name, with: try key.pem(passphrase: passphrase).revealed(), mode: 0o600)
        }
        if witnessIsHere { try SignerState.begin(keys, signer: .witness(party)) }
        try keys.files.create(KeysFolder.witnessName(party), with: verifierKey + [0x0A])
        for (name, pem) in signers { try keys.files.create(name, with: pem) }
        // Without it the folder is no party's: a run that was cut short leaves nothing that anybody takes for whole.
        try keys.files.create(authority.name, with: authority.pem)
        return names
    }

    private func requireNone(in keys: KeysFolder) throws {
        let state = "private/\(SignerState.Signer.witness(party)).state"
        let present = (names + [KeyVault.keyName(party, .authority), state])
            .filter { Files.kind(keys.fullPath($0)) != nil }.map(keys.fullPath)
        guard let first = present.first else { return }
        guard Files.kind(keys.fullPath(authority.name)) == nil else {
            throw RegistryError(
                .conflict, "\(first) is there already",
                hint: "keys are never overwritten: choose another --keys folder, or move the old ones away")
        }
        var distinct: [String] = []
        for path in present where !distinct.contains(path) { distinct.append(path) }
        throw RegistryError(
            .conflict,
            "\(first) is there, and \(keys.fullPath(authority.name)) is not: an earlier run may have been cut short",
            hint: "if no registry uses these keys, remove them and run it again: \(distinct.joined(separator: ", "))")
    }
}
