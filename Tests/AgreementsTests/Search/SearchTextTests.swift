import Agreements
import Testing

@Suite struct SearchTextTests {
    @Test(arguments: [
        ("казакстан", "Қазақстан Республикасы"), ("КАЗАКСТАН", "қазақстан"), ("ozbekiston", "Oʻzbekiston Respublikasi"),
        ("o'zbekiston", "O‘ZBEKISTON"), ("o`zbekiston", "Ozbekiston"), ("gʻalaba", "G'alaba"), ("agartu", "Ağartu"),
        ("елка", "Ёлка"), ("отаглы", "Өтағлы"), ("хава", "Һава"), ("узбекистон", "Ўзбекистон"), ("шымкент", "Шымкент"),
        ("унемдеу", "Үнемдеу"), ("бирлик", "бірлік"), ("тын", "тың"), ("sehir", "Şehir"), ("cay", "Çay"),
        ("isik", "Işık"),
        ("istanbul", "İstanbul"), ("strasse", "Straße"), ("2025 06", "KZ-UZ-2025-06"), ("kz uz", "KZ-UZ-2025-06"),
        ("water res", "On Water Resources"), ("etat", "État"), ("район", "Раи\u{306}он"),
    ])
    func `A word is found in the letters of another keyboard`(words: String, text: String) {
        #expect(SearchText.has(SearchText.words(in: words), in: SearchText.folded([text])), "\(words) in \(text)")
    }

    @Test(arguments: [
        ("ater", "Water"), ("край", "краи"), ("kazakhstan", "Қазақстан"), ("water resources", "Water"),
        ("20256", "2025-06"),
    ])
    func `What is another word is not found`(words: String, text: String) {
        #expect(!SearchText.has(SearchText.words(in: words), in: SearchText.folded([text])), "\(words) in \(text)")
    }

    @Test func `Words of different texts are kept apart, and all are looked through`() {
        let folded = SearchText.folded(["one", "two", ""])
        #expect(SearchText.has(["one"], in: folded) && SearchText.has(["two"], in: folded))
        #expect(!SearchText.has(["onetwo"], in: folded))
    }

    @Test(arguments: ["", "  ", "—", "'’ʻ", "\u{301}"]) func `Of signs alone no word is left`(text: String) {
        #expect(SearchText.words(in: text).isEmpty)
    }

    @Test func `Only letters, digits and spaces are left, and folding twice changes nothing`() {
        for value in UInt32(0)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let words = SearchText.words(in: String(scalar))
            #expect(words.count <= 1)
            guard let word = words.first else { continue }
            #expect(
                !word.utf8.contains {
                    $0 < 0x80 && !("a"..."z" ~= Unicode.Scalar($0) || "0"..."9" ~= Unicode.Scalar($0))
                })
            #expect(SearchText.words(in: word) == [word], "\(value)")
        }
    }
}
