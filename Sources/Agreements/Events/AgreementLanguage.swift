/// A language that an agreement was made in.
package struct AgreementLanguage: StatementObject {
    /// Whether the text in this language counts.
    package enum Authenticity: String, Vocabulary {
        /// As much as those in the other languages.
        case equally
        /// More, when the texts diverge.
        case prevailing
        case no
    }

    package let authentic: Authenticity?
    package let language: LanguageTag

    package init(language: LanguageTag, authentic: Authenticity? = nil) {
        self.language = language
        self.authentic = authentic
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        authentic = try reader.optionalText("authentic", as: Authenticity.self)
        language = try reader.text("language", as: LanguageTag.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("authentic", authentic)
        printer.text("language", language)
    }
}
