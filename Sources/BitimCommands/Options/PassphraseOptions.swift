internal import ArgumentParser
internal import Glibc
internal import OpenSSLKit
internal import Registry
internal import Synchronization
internal import TiledLog

/// Where passphrases come from: a file, a descriptor or a prompt, never an argument.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with the passphrase of the private keys; PARTY=file for one party's, log=file for the log's. Repeatable.",
            valueName: "[party=]file"), completion: Completion.files)
    var passphraseFile: [String] = []

    @Option(
        help: ArgumentHelp(
            "An open file descriptor to read the passphrase from; PARTY=n for one party's. Repeatable.",
            valueName: "[party=]n"))
    var passphraseFd: [String] = []

    /// The files, without the parties that they are for.
    var files: [String] {
        passphraseFile.map { option in
            Self.isForOne(option) ? String(option.drop { $0 != "=" }.dropFirst()) : option
        }
    }

    /// Whether there is one for keys of the keys folder, and not only for one that is brought.
    var isGivenForKeys: Bool { (passphraseFile + passphraseFd).contains { !$0.hasPrefix("signer-key=") } }

    /// - Parameter prompt: how a passphrase is asked for, before the owner's name.
    func vault(
        _ keys: KeysFolder, console: Console, prompt: String = "Passphrase of the keys of"
    ) -> KeyVault {
        KeyVault(
            keys, notice: { console.message(VisibleText.escaped($0)) },
            asksAgain: { owner, path in
                guard !isGiven(for: owner) else { return false }
                Console.prompt("This passphrase does not open \(VisibleText.escaped(path)).\n")
                return true
            }
        ) { try passphrase(for: $0, isNew: false, console: console, prompt: prompt) }
    }

    private func isGiven(for owner: KeyVault.Owner) -> Bool {
        Self.value(for: owner.description, in: passphraseFile) != nil
            || Self.value(for: owner.description, in: passphraseFd) != nil
    }

    /// - Parameters:
    ///   - isNew: a prompt then asks twice.
    ///   - prompt: before the owner's name.
    func passphrase(
        for owner: KeyVault.Owner, isNew: Bool, console: Console = Console(),
        prompt: String = "Passphrase of the keys of"
    ) throws -> SecretBytes {
        let owner = owner.description
        if let path = Self.value(for: owner, in: passphraseFile) { return try Self.read(file: path, console) }
        if let number = Self.value(for: owner, in: passphraseFd) { return try Self.read(descriptor: number) }
        let first = try Self.asked(
            "\(prompt) \(owner): ", for: "the keys of \(owner)",
            hint: "use --passphrase-file or --passphrase-fd")
        if isNew {
            let second = try Self.ask("The same again: ")
            guard first.revealed() == second.revealed() else {
                throw RegistryError(.usage, "the two passphrases differ", hint: "nothing was written; try again")
            }
        }
        return first
    }

    /// What is given under that name and for it alone, as in `signer-key=file`.
    func given(for name: String, console: Console) throws -> SecretBytes? {
        if let path = Self.ownValue(for: name, in: passphraseFile) { return try Self.read(file: path, console) }
        return try Self.ownValue(for: name, in: passphraseFd).map(Self.read(descriptor:))
    }

    /// Asks at the terminal.
    ///
    /// - Parameter needy: what needs a passphrase, for the message when there is no terminal.
    static func asked(_ prompt: String, for needy: String, hint: String) throws -> SecretBytes {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            let verb = needy.hasPrefix("the keys") ? "need" : "needs"
            throw RegistryError(
                .usage, "\(needy) \(verb) a passphrase, and there is no terminal to ask at", hint: hint)
        }
        return try ask(prompt)
    }

    /// The most particular one: `KZ=…` before one for all.
    private static func value(for owner: String, in options: [String]) -> String? {
        ownValue(for: owner, in: options) ?? options.last { !isForOne($0) }
    }

    private static func ownValue(for owner: String, in options: [String]) -> String? {
        let prefix = "\(owner)="
        return options.last { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    private static func isForOne(_ option: String) -> Bool {
        guard let equals = option.firstIndex(of: "=") else { return false }
        return !option[..<equals].contains("/")
    }

    /// Files that have been warned about: one file may open the keys of several parties.
    private static let warned = Mutex<Set<String>>([])

    private static func read(file path: String, _ console: Console) throws -> SecretBytes {
        var bytes: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: 4096, followingLinks: true) { bytes += $0 }
            // Not refused: where secrets are mounted for a service, their modes are not its own to choose.
            if try Files.attributes(path, followingLinks: true).mode & 0o077 != 0,
                warned.withLock({ $0.insert(path).inserted })
            {
                console.message("warning: the passphrase file \(VisibleText.escaped(path)) can be read by others")
            }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "the passphrase file must be readable, and short")
        }
        return try secret(&bytes, from: path)
    }

    /// A descriptor is at its end after the first reading.
    private static let alreadyRead = Mutex<[Int32: SecretBytes]>([:])

    private static func read(descriptor text: String) throws -> SecretBytes {
        guard let descriptor = Int32(text), descriptor >= 0 else {
            throw RegistryError(.usage, "'\(text)' is no file descriptor", hint: "use a number, such as 3")
        }
        if let known = alreadyRead.withLock({ $0[descriptor] }) { return known }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= 4096 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw RegistryError(
                    .unavailable, "descriptor \(descriptor) cannot be read", hint: "open it first, as in 3<file")
            }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let secret = try secret(&bytes, from: "descriptor \(descriptor)")
        alreadyRead.withLock { $0[descriptor] = secret }
        return secret
    }

    private static func secret(_ bytes: inout [UInt8], from source: String) throws -> SecretBytes {
        if bytes.last == 0x0A { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.count <= 1000 else {
            throw RegistryError(.usage, "the passphrase from \(source) is empty or too long", hint: "1 to 1000 bytes")
        }
        return SecretBytes(consuming: &bytes)
    }

    private static func ask(_ prompt: String) throws -> SecretBytes {
        Console.prompt(prompt)
        guard var bytes = HiddenInput.line() else {
            throw RegistryError(.unavailable, "the terminal cannot be asked", hint: "use --passphrase-file")
        }
        Console.prompt("\n")
        return try secret(&bytes, from: "the terminal")
    }
}
