import Agreements
import Testing

@Suite("Events of an agreement")
struct AgreementEventTests {
    private func keyPath(_ event: Event) -> String? {
        do throws(StatementError) {
            _ = try Statement.checked(
                agreement: AgreementID("A"), event: event, ledger: .registry(Fixture.digest(1)), previous: nil,
                tree: TreeReference(root: Fixture.digest(2), size: 1))
            return nil
        } catch {
            return error.keyPath
        }
    }

    private func keyPath(of document: Document) throws -> String? {
        keyPath(.agreementNoted(try Fixture.noted(documents: [document])))
    }

    private func document(
        name: String = "a.pdf", mediaType: String = "application/pdf", sizeBytes: Int64 = 1,
        access: Document.Access = .public, digest: ContentDigest? = Fixture.digest(1),
        commitment: DocumentCommitment? = nil
    ) -> Document {
        Document(
            name: name, role: .text, languages: [], mediaType: mediaType, sizeBytes: sizeBytes, access: access,
            digest: digest, commitment: commitment)
    }

    @Test("a public document has a digest, a restricted one a commitment, none has both or neither")
    func access() throws {
        let commitment = try #require(DocumentCommitment(text: "hmac-\(Fixture.digest(1))"))
        #expect(try keyPath(of: document()) == nil)
        #expect(try keyPath(of: document(access: .restricted, digest: nil, commitment: commitment)) == nil)
        let both = "body.documents[0].commitment"
        #expect(try keyPath(of: document(commitment: commitment)) == both)
        #expect(try keyPath(of: document(digest: nil, commitment: commitment)) == both)
        #expect(try keyPath(of: document(digest: nil)) == "body.documents[0].digest")
        #expect(try keyPath(of: document(access: .restricted)) == both)
        #expect(try keyPath(of: document(access: .restricted, digest: nil)) == both)
        #expect(
            try keyPath(of: document(access: .restricted, commitment: commitment)) == "body.documents[0].digest")
    }

    @Test("a document has a plain name, a media type and a size")
    func documentFields() throws {
        #expect(try keyPath(of: document(name: "../a")) == "body.documents[0].name")
        #expect(try keyPath(of: document(mediaType: "pdf")) == "body.documents[0].mediaType")
        #expect(try keyPath(of: document(sizeBytes: 0)) == nil)
        #expect(try keyPath(of: document(sizeBytes: -1)) == "")
        #expect(try keyPath(of: document(sizeBytes: 1 << 53)) == "")
    }

    @Test("no two documents of a statement have the same name")
    func documentNames() throws {
        let same = [document(), document(name: "b.pdf"), document()]
        #expect(keyPath(.agreementRegistered(try Fixture.registered(documents: same))) == "body.documents[2]")
        #expect(keyPath(.agreementConsented(try Fixture.consented(documents: same))) == "body.documents[2]")
        #expect(keyPath(.agreementNoted(try Fixture.noted(documents: same))) == "body.documents[2]")
    }

    @Test("the parties of an agreement stand in ascending order, each once")
    func partyOrder() throws {
        for parties in [["UZ", "KZ"], ["KZ", "KZ"]] {
            #expect(
                keyPath(.agreementRegistered(try Fixture.registered(documents: [], parties: parties)))
                    == "body.parties[1]")
        }
        #expect(keyPath(.agreementRegistered(try Fixture.registered(documents: [], parties: []))) == "body.parties")
    }

    @Test("an agreement of which little is known is taken with nulls")
    func unknownFacts() throws {
        let bare = AgreementRegistered(
            title: nil, titleStatus: .unpublished, kind: .document,
            parties: [AgreementParty(party: try Fixture.party("KZ"))], concluded: Conclusion())
        let statement = try Fixture.statement(.agreementRegistered(bare), expires: nil)
        let text = String(decoding: statement.canonicalBytes, as: UTF8.self)
        let body = """
            {"binding":null,"concluded":{"basis":null,"date":null,"place":null},"documents":[],"field":null,\
            "kind":"document","languages":null,"notes":null,"parties":[{"concludedBy":null,"party":"KZ",\
            "signatory":null}],"reference":null,"relations":[],"sources":[],"term":null,"title":null,\
            "titleStatus":"unpublished"}
            """
        #expect(text.contains("\"body\":\(body),\"event\""))
    }

    @Test("a title has at least one language, each of them once")
    func localizedText() throws {
        let english = try #require(LanguageTag(text: "en"))
        let text = LocalizedText([.init(language: english, text: "a"), .init(language: english, text: "b")])
        #expect(text.translations.map(\.text) == ["a"])
        #expect(text[english] == "a")
        let empty = AgreementRegistered(
            title: LocalizedText([]), titleStatus: .reported, kind: .plan,
            parties: [AgreementParty(party: try Fixture.party("KZ"))], concluded: Conclusion())
        #expect(keyPath(.agreementRegistered(empty)) == "body.title")
    }

    @Test("a languages or relations list names each thing once, and languages are null or some")
    func distinct() throws {
        let kazakh = AgreementLanguage(language: try #require(LanguageTag(text: "kk")))
        let relation = AgreementRelation(.amends, try Fixture.agreement("X"))
        func body(_ languages: [AgreementLanguage]?, _ relations: [AgreementRelation]) throws -> Event {
            .agreementRegistered(
                AgreementRegistered(
                    title: nil, titleStatus: .unpublished, kind: .plan,
                    parties: [AgreementParty(party: try Fixture.party("KZ"))], concluded: Conclusion(),
                    languages: languages, relations: relations))
        }
        #expect(keyPath(try body([kazakh, kazakh], [])) == "body.languages[1]")
        #expect(keyPath(try body([], [])) == "body.languages")
        #expect(keyPath(try body(nil, [relation, relation])) == "body.relations[1]")
        let other = AgreementRelation(.replaces, try Fixture.agreement("X"))
        #expect(keyPath(try body([kazakh], [relation, other])) == nil)
    }
}
