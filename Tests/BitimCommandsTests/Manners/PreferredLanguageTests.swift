import Testing

@testable import BitimCommands

@Suite struct PreferredLanguageTests {
    @Test(arguments: [
        ([:], ["en"]),
        (["LANG": "C"], ["en"]),
        (["LANG": "C.UTF-8"], ["en"]),
        (["LANG": "POSIX"], ["en"]),
        (["LANG": ""], ["en"]),
        (["LANG": "nonsense"], ["en"]),
        (["LANG": "en_GB.UTF-8"], ["en"]),
        (["LANG": "ru_RU.UTF-8"], ["ru", "en"]),
        (["LANG": "kk"], ["kk", "en"]),
        (["LANG": "KK_kz"], ["kk", "en"]),
        (["LANG": "uz_UZ.UTF-8"], ["uz-Latn", "uz", "en"]),
        (["LANG": "uz_UZ@cyrillic"], ["uz-Cyrl", "uz", "en"]),

        (["LANG": "ru_RU.UTF-8", "LC_MESSAGES": "kk_KZ.UTF-8"], ["kk", "en"]),
        (["LANG": "ru_RU.UTF-8", "LC_MESSAGES": "kk_KZ.UTF-8", "LC_ALL": "C"], ["en"]),
        (["LANG": "ru_RU.UTF-8", "LC_MESSAGES": "", "LC_ALL": ""], ["ru", "en"]),
        // Not one of those that POSIX names.
        (["LANGUAGE": "ru", "LANG": "kk_KZ"], ["kk", "en"]),
    ])
    func `The language is that of the standard variables, in their order`(
        environment: [String: String], tags: [String]
    ) {
        #expect(PreferredLanguage(environment: environment).tags == tags)
    }

    @Test(arguments: [
        ("ru_RU", ["en", "kk", "ru"], "ru"),
        ("ru_RU", ["en", "kk"], "en"),
        ("ru_RU", ["uz", "kk"], "kk"),
        ("uz_UZ", ["en", "uz"], "uz"),
        ("uz_UZ", ["en", "uz-Cyrl"], "uz-Cyrl"),
        ("uz_UZ", ["en", "uz-Cyrl", "uz-Latn"], "uz-Latn"),
        ("uz_UZ@cyrillic", ["en", "uz-Cyrl", "uz-Latn"], "uz-Cyrl"),
        ("uz_UZ@cyrillic", ["en", "uz-Latn"], "uz-Latn"),
        ("C", ["kk", "ru"], "kk"),
        ("kk_KZ", ["kkx", "en"], "en"),
    ])
    func `A title that is not in that language is in English, or else in its first`(
        locale: String, available: [String], best: String
    ) {
        #expect(PreferredLanguage(environment: ["LANG": locale]).best(of: available) == best)
    }

    @Test func `There is no best of nothing`() {
        #expect(PreferredLanguage(environment: [:]).best(of: [String]()) == nil)
    }
}
