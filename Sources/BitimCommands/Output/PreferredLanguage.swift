internal import Agreements
internal import Registry

/// The language in which titles are shown to a person, as POSIX says (XBD, section 8.2): by `LC_ALL`, `LC_MESSAGES` or
/// `LANG`, the first that is set. JSON and CSV do not depend on it.
struct PreferredLanguage: Equatable, Sendable {
    /// Language tags, the most wanted first; a title in none of them is shown in its first language.
    let tags: [String]

    static let current = PreferredLanguage(environment: Environment.variables)

    init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let language = locale.prefix { !"_-.@".contains($0) }.lowercased()
        // "C" and "POSIX" are no languages.
        let isLanguage = (2...3).contains(language.count) && LanguageTag(text: language) != nil
        var tags: [String] = []
        if isLanguage {
            if let script = Self.script(locale, of: language) { tags.append("\(language)-\(script)") }
            tags.append(language)
        }
        self.tags = tags.contains("en") ? tags : tags + ["en"]
    }

    /// `uz_UZ@cyrillic` and `kk_KZ@latin`, as glibc names its locales; Uzbek without more is in Latin script (CLDR,
    /// likely subtags).
    private static func script(_ locale: String, of language: String) -> String? {
        if locale.hasSuffix("@cyrillic") { return "Cyrl" }
        return locale.hasSuffix("@latin") || language == "uz" ? "Latn" : nil
    }

    /// The tag to show, of those that there are: `uz` stands for `uz-Latn` and `uz-Cyrl` too.
    func best(of available: some Collection<String>) -> String? {
        let sorted = available.sorted()
        for tag in tags {
            if let exact = sorted.first(where: { $0 == tag || $0.hasPrefix(tag + "-") }) { return exact }
        }
        return sorted.first
    }
}

extension LocalizedText {
    /// The text in the language of whoever reads it.
    var preferred: String { byLanguage.preferred }
}

extension [String: String] {
    /// Of texts by language, the one in the language of whoever reads it; empty when there is none.
    var preferred: String { PreferredLanguage.current.best(of: keys).flatMap { self[$0] } ?? "" }
}
