internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// Certificates and keys that a party has already, in place of made ones.
struct ExistingKeysOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take this CA's certificates, PEM or DER, in place of making an authority; intermediates may follow the root. "
                + "Repeatable.",
            valueName: "file"), completion: Completion.files)
    var authority: [String] = []

    @Option(
        help: ArgumentHelp(
            "A signer's certificate, PEM or DER; in PEM its intermediates follow it. Goes with --authority. Repeatable.",
            valueName: "file"), completion: Completion.files)
    var signer: [String] = []

    @Option(
        help: ArgumentHelp(
            "The private key of one of these signers, PKCS#8 PEM, to be copied. Without it the signer signs elsewhere. "
                + "Repeatable.",
            valueName: "file"), completion: Completion.files)
    var signerKey: [String] = []

    @Option(
        help: ArgumentHelp(
            "The verifier key of a witness that runs elsewhere, in place of making one. Goes with --authority.",
            valueName: "file"), completion: Completion.files)
    var witness: String?

    var isGiven: Bool { !authority.isEmpty }

    var files: [String] { authority + signer + signerKey + (witness.map { [$0] } ?? []) }

    func validate() throws {
        try InputFile.requireOneStdin(files)
        guard authority.isEmpty == signer.isEmpty else {
            throw ValidationError("--authority and --signer go together: the CA and those whom it has certified")
        }
        guard isGiven || signerKey.isEmpty && witness == nil else {
            throw ValidationError("--signer-key and --witness go with --authority and --signer")
        }
    }

    /// The brought private keys. An encrypted one is opened with the passphrase for `signer-key`, or with the one that
    /// the party's keys will have, or else with one that is asked for.
    func openedKeys(
        _ passphrases: PassphraseOptions, own: SecretBytes?, console: Console
    ) throws -> [(path: String, key: PrivateKey)] {
        try signerKey.map { path in
            let pem = try read(path, console: console)
            do {
                return (path, try open(pem, path: path, passphrases, own: own, console: console))
            } catch let error as PrivateKey.PEMError {
                throw Self.error(error, path: path)
            }
        }
    }

    private func read(_ path: String, console: Console) throws -> [UInt8] {
        var pem: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: 1 << 16, followingLinks: true) { pem += $0 }
            if try Files.attributes(path, followingLinks: true).mode & 0o077 != 0 {
                console.message("warning: \(VisibleText.escaped(path)) can be read by others")
            }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "bring the key as a file, PKCS#8 in PEM")
        }
        return pem
    }

    private func open(
        _ pem: [UInt8], path: String, _ passphrases: PassphraseOptions, own: SecretBytes?, console: Console
    ) throws -> PrivateKey {
        guard PrivateKey.isEncrypted(pem: pem) else { return try PrivateKey(pem: pem, passphrase: nil) }
        if let given = try passphrases.given(for: "signer-key", console: console) {
            return try PrivateKey(pem: pem, passphrase: given)
        }
        if let own {
            do {
                return try PrivateKey(pem: pem, passphrase: own)
            } catch PrivateKey.PEMError.wrongPassphrase {}
        }
        return try PrivateKey(
            pem: pem,
            passphrase: PassphraseOptions.asked(
                "Passphrase of \(VisibleText.escaped(path)): ", for: path,
                hint: "use --passphrase-file signer-key=FILE or --passphrase-fd signer-key=N"))
    }

    private static func error(_ error: PrivateKey.PEMError, path: String) -> RegistryError {
        switch error {
        case .notAPrivateKey:
            RegistryError(
                .refused, "\(path) is not a private key in PKCS#8 PEM",
                hint: "turn it into one with 'openssl pkcs8 -topk8 -in \(path) -out new.pem'")
        case .passphraseNeeded, .wrongPassphrase:
            RegistryError(
                .refused, "the passphrase does not open \(path)",
                hint: "its own passphrase is given with --passphrase-file signer-key=FILE")
        case .openSSL(let error):
            RegistryError(
                .unavailable, "\(path) cannot be read: \(error)", hint: "the OpenSSL in use is \(openSSLVersion)")
        }
    }
}

/// What kind of keys are made for an authority and its signers.
enum AlgorithmArgument: String, CaseIterable, ExpressibleByArgument {
    case p256, p384, rsa3072, rsa4096
    case rsaPSS = "rsa-pss"

    var keyAlgorithm: KeyAlgorithm {
        switch self {
        case .p256: .p256
        case .p384: .p384
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        case .rsaPSS: .rsaPSS(bits: 3072)
        }
    }
}
