import Foundation
import Support
import Testing

@testable import BitimCommands

@Suite struct CompletionTests {
    private static let scripts = Dictionary(
        uniqueKeysWithValues: ["bash", "zsh", "fish"].map { shell in (shell, Result { try generated(shell) }) })

    private static func script(_ shell: String) throws -> String {
        try #require(scripts[shell]).get()
    }

    private static func generated(_ shell: String) throws -> String {
        let run = try CommandRun.bitim(["--generate-completion-script", shell], folder: PackageRoot.path)
        #expect(run.status == 0 && run.standardError.isEmpty, "\(run.standardError)")
        return run.standardOutput
    }

    @Test(arguments: [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
    func `Each shell's script names every command and option, and the shell can read it`(
        shell: String, check: [String]
    ) throws {
        let script = try Self.script(shell)
        for command in CommandTree.all {
            #expect(script.contains(command.commandName), "\(shell): \(command.name) is missing")
            for name in (command.arguments ?? []).filter(\.shouldDisplay).flatMap({ $0.names ?? [] }) {
                #expect(script.contains(name.name), "\(shell): \(name.text) of \(command.name) is missing")
            }
        }
        guard let program = ManualTests.tool(shell) else {
            try Test.cancel("\(shell) is not installed, so it has not read its script")
        }
        let scratch = ScratchFolder()
        try scratch.write(script, to: "script")
        let run = try CommandRun.run(program, check + ["script"], folder: scratch.path)
        #expect(run.status == 0 && run.standardError.isEmpty, "\(shell): \(run.standardError)")
    }

    @Test(arguments: [
        ("bitim rec", "record"),
        ("bitim record con", "consented"),
        ("bitim audit --j", "--json"),
        ("bitim show KZ-UZ-2025-0", "KZ-UZ-2025-06"),
        ("bitim keys show ", "KZ"),
        ("bitim add --kind mem", "memorandum"),
        ("bitim add --title-status ", "unpublished"),
        ("bitim audit --registry reg", "registry"),
        ("bitim verify READ", "README.md"),
        ("bitim export --format ", "csv"),
    ])
    func `Bash offers what fits`(line: String, offered: String) throws {
        let bash = try #require(ManualTests.tool("bash"))
        let scratch = ScratchFolder()
        try scratch.write(try Self.script("bash"), to: "script")
        let programs = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
        // What bash itself does when the key is pressed at the end of the line.
        let press = """
            source "$1"
            IFS=' ' read -r -a COMP_WORDS <<< "$2"
            [[ "$2" == *' ' ]] && COMP_WORDS+=('')
            COMP_LINE=$2 COMP_POINT=${#2} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            function="$(complete -p bitim | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
            "$function" bitim "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let run = try CommandRun.run(
            bash, ["-c", press, "bash", scratch.file("script"), line], folder: PackageRoot.path,
            environment: ["PATH": "\(programs):/usr/bin:/bin"])
        let offers = run.standardOutput.split(separator: "\n").map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: " /"))
        }
        #expect(offers.contains(offered), "\(run.standardOutput)\(run.standardError)")
    }
}
