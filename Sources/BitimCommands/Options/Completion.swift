internal import Agreements
internal import ArgumentParser

/// What a shell offers when the user asks it to complete an argument.
enum Completion {
    static let files = CompletionKind.file()
    static let folders = CompletionKind.directory
    /// Of the registry that the environment names.
    static let agreements = CompletionKind.shellCommand("bitim list --quiet 2>/dev/null")
    /// Those that have keys here.
    static let parties = CompletionKind.shellCommand("bitim keys list 2>/dev/null | cut -f1 | sort -u")

    static func words<Word: Vocabulary>(_ vocabulary: Word.Type) -> CompletionKind {
        .list(vocabulary.allCases.map(\.text))
    }
}
