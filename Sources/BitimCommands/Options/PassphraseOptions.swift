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

    var isGiven: Bool { !passphraseFile.isEmpty || !passphraseFd.isEmpty }

    func vault(_ keys: KeysFolder, console: Console) -> KeyVault {
        KeyVault(keys, notice: console.message) { try passphrase(for: $0, isNew: false) }
    }

    /// - Parameter isNew: a prompt then asks twice.
    func passphrase(for owner: KeyVault.Owner, isNew: Bool) throws -> SecretBytes {
        if let path = Self.value(for: owner, in: passphraseFile) { return try Self.read(file: path) }
        if let number = Self.value(for: owner, in: passphraseFd) { return try Self.read(descriptor: number) }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw RegistryError(
                .usage, "the keys of \(owner) need a passphrase, and there is no terminal to ask at",
                hint: "use --passphrase-file or --passphrase-fd")
        }
        let first = try Self.ask("Passphrase of the keys of \(owner): ")
        if isNew {
            let second = try Self.ask("The same again: ")
            guard first.revealed() == second.revealed() else {
                throw RegistryError(.usage, "the two passphrases differ", hint: "nothing was written; try again")
            }
        }
        return first
    }

    /// The most particular one: `KZ=…` before one for all.
    private static func value(for owner: KeyVault.Owner, in options: [String]) -> String? {
        let prefix = "\(owner)="
        if let own = options.last(where: { $0.hasPrefix(prefix) }) { return String(own.dropFirst(prefix.count)) }
        return options.last { !isForOne($0) }
    }

    private static func isForOne(_ option: String) -> Bool {
        guard let equals = option.firstIndex(of: "=") else { return false }
        return !option[..<equals].contains("/")
    }

    private static func read(file path: String) throws -> SecretBytes {
        var bytes: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: 4096, followingLinks: true) { bytes += $0 }
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
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw RegistryError(.unavailable, "the terminal cannot be asked", hint: "use --passphrase-file")
        }
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        defer {
            var restored = before
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &restored)
            Console.prompt("\n")
        }
        Console.prompt(prompt)
        // Byte by byte into memory that is wiped: no String ever holds a passphrase.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        var byte: UInt8 = 0
        while bytes.count < 1024, Glibc.read(STDIN_FILENO, &byte, 1) == 1, byte != 0x0A { bytes.append(byte) }
        return try secret(&bytes, from: "the terminal")
    }
}
