internal import Agreements
internal import ArgumentParser
internal import Glibc
internal import Registry

/// Where the registry and the keys are.
struct FolderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The registry's folder (default: $BITIM_REGISTRY, or registry).", valueName: "folder"),
        completion: Completion.folders)
    var registry: String?

    @Option(
        help: ArgumentHelp("The folder of what is trusted (default: $BITIM_KEYS, or keys).", valueName: "folder"),
        completion: Completion.folders)
    var keys: String?

    var registryFolder: RegistryFolder { RegistryFolder(path: Self.path(registry, "BITIM_REGISTRY", "registry")) }
    var keysFolder: KeysFolder { KeysFolder(path: Self.path(keys, "BITIM_KEYS", "keys")) }

    /// Whether the user says where the registry is.
    var namesRegistry: Bool {
        registry != nil || !(Environment.variables["BITIM_REGISTRY"] ?? "").isEmpty
    }

    static func keysFolder(_ given: String?) -> KeysFolder { KeysFolder(path: path(given, "BITIM_KEYS", "keys")) }

    /// Without slashes at its end.
    static func folder(_ path: String) -> String { self.path(path, "", path) }

    private static func path(_ given: String?, _ variable: String, _ standard: String) -> String {
        var path = given ?? Environment.variables[variable] ?? ""
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path.isEmpty ? standard : path
    }
}

/// How the answer is given.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Answer in JSON, on failure too.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say only what was asked for: ids without tables, no messages.")
    var quiet = false

    var console: Console { Console(isQuiet: quiet) }
}

/// Before something is signed.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Sign without asking.")
    var yes = false

    /// Shows what is to be signed, and asks.
    func confirm(_ lines: [String], question: String = "Sign this?", console: Console) throws {
        if !console.isQuiet { for line in lines { Console.prompt(VisibleText.escaped(line) + "\n") } }
        if yes { return }
        guard console.isTerminalIn, console.isTerminalError else {
            throw RegistryError(
                .usage, "nobody is there to confirm what is to be signed", hint: "look at it, then add --yes")
        }
        Console.prompt("\(question) [y/N] ")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            throw RegistryError(.usage, "not confirmed: nothing was signed", hint: "answer y to sign, or say --yes")
        }
    }
}

/// POSIX seconds now.
@Sendable func currentTime() -> Int64 { Int64(time(nil)) }

/// The day in UTC: what an agreement's status is shown for.
func today() -> CalendarDate? { UTCTime(posixSeconds: currentTime())?.date }
