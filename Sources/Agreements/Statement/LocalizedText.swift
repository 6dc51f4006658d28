/// The same text in one or more languages: `{"en":"Republic of Kazakhstan","kk":"Қазақстан Республикасы"}`.
package struct LocalizedText: StatementObject {
    /// One text in one language.
    package struct Translation: Hashable, Sendable {
        package let language: LanguageTag
        package let text: String

        package init(language: LanguageTag, text: String) {
            self.language = language
            self.text = text
        }
    }

    /// In ascending order of the language tags, each tag once.
    package let translations: [Translation]

    /// Later translations into a language that is already there are ignored.
    package init(_ translations: [Translation]) {
        var seen: Set<LanguageTag> = []
        self.translations = translations.filter { seen.insert($0.language).inserted }
            .sorted { $0.language < $1.language }
    }

    package subscript(language: LanguageTag) -> String? {
        translations.first { $0.language == language }?.text
    }

    package var languages: [LanguageTag] { translations.map(\.language) }

    init(from reader: inout ObjectReader) throws(StatementError) {
        var translations: [Translation] = []
        while let key = try reader.nextKey() {
            guard let language = LanguageTag(text: key) else {
                throw StatementError("not \(LanguageTag.expectation)", at: key)
            }
            do throws(StatementError) {
                translations.append(Translation(language: language, text: try reader.nextString()))
            } catch {
                throw error.inside(key)
            }
        }
        guard !translations.isEmpty else {
            throw StatementError("must have a text in at least one language")
        }
        self.translations = translations
    }

    func print(to printer: inout ObjectPrinter) {
        for translation in translations {
            printer.string(translation.language.text, translation.text)
        }
    }
}
