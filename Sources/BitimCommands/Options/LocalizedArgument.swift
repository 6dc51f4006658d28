internal import Agreements
internal import Registry

/// Texts in several languages as arguments: `en=Agreement`.
enum LocalizedArgument {
    /// Nil for no arguments.
    static func parse(_ arguments: [String]) throws -> LocalizedText? {
        guard !arguments.isEmpty else { return nil }
        let translations = try arguments.map { argument in
            guard let equals = argument.firstIndex(of: "="), let tag = LanguageTag(text: String(argument[..<equals]))
            else {
                throw RegistryError(
                    .usage, "'\(argument)' does not begin with a language",
                    hint: "write it as in en=Agreement or kk=Келісім")
            }
            return LocalizedText.Translation(language: tag, text: String(argument[argument.index(after: equals)...]))
        }
        guard Set(translations.map(\.language)).count == translations.count else {
            throw RegistryError(.usage, "a language is there twice", hint: "one text for each language")
        }
        return LocalizedText(translations)
    }

    static func english(_ text: String) throws -> LocalizedText {
        guard let english = LanguageTag(text: "en") else {
            throw RegistryError(.usage, "no language", hint: "say it as in en=Agreement")
        }
        return LocalizedText([LocalizedText.Translation(language: english, text: text)])
    }
}
