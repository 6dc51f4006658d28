internal import Agreements
internal import OpenSSLKit
internal import Registry
internal import TiledLog
internal import TransparencyLog

/// Makes the signed entries of one agreement's life. Every agreement is a function of its number.
struct LifeMaker: Sendable {
    private let identity: ContentDigest
    private let parties: [(party: PartyID, signers: [SignerTemplate])]
    private let prefix: String
    private let documents: GeneratedDocuments
    private let consentsPerCent: Int
    private let languages: [LanguageTag]
    private let registry: RegistryFolder

    init(registry: GeneratedRegistry, prefix: String, documents: GeneratedDocuments, consentsPerCent: Int) {
        identity = registry.identity
        parties = registry.parties.map { ($0.party, $0.signers) }
        self.prefix = prefix
        self.documents = documents
        self.consentsPerCent = consentsPerCent
        self.registry = registry.folder
        languages = ["en", "kk", "ru", "uz"].compactMap { LanguageTag(text: $0) }
    }

    /// The leaves of agreement `number` in their order, signed at `time` by signers who saw `tree`. Its document is
    /// written when it is the first that has it.
    func leaves(of number: Int, tree: TreeHead, time: Int64) throws -> [[UInt8]] {
        let digits = String(number + 1)
        guard let id = AgreementID("\(prefix)-\(String(repeating: "0", count: max(0, 7 - digits.count)))\(digits)")
        else {
            throw BenchError("\(prefix) cannot begin an id")
        }
        let seen = TreeReference(root: ContentDigest(tree.root), size: tree.size)
        let signing = SignerTemplate.utcTime(time)
        var leaves: [[UInt8]] = []
        var previous: ContentDigest?
        for (event, signers) in try events(of: number) {
            let statement = Statement(
                agreement: id, event: event, ledger: .registry(identity), previous: previous, tree: seen)
            let leaf = try Self.leaf(statement.canonicalBytes, signers: signers, time: signing)
            previous = ContentDigest(MerkleTree.leafHash(leaf))
            leaves.append(leaf)
        }
        return leaves
    }

    private static func leaf(_ content: [UInt8], signers: [SignerTemplate], time: [UInt8]) throws -> [UInt8] {
        var digests: [DigestAlgorithm: [UInt8]] = [:]
        let infos = try signers.map { signer in
            let digest = digests[signer.digest] ?? signer.digest.hash(content)
            digests[signer.digest] = digest
            return try signer.signerInfo(contentDigest: digest, time: time)
        }
        return DERPieces.leaf(
            content: content, digestAlgorithms: signers.map(\.digestAlgorithm), signerInfos: infos)
    }

    /// What happens to the agreement, and who signs it.
    private func events(of number: Int) throws -> [(Event, [SignerTemplate])] {
        let all = parties.indices.map { signer(of: $0, number) }
        var events = [(Event.agreementRegistered(try registration(number)), all)]
        guard number * 37 % 100 < consentsPerCent else { return events }
        let concluded = Self.date(number)
        for (position, party) in parties.map(\.party).enumerated() {
            let consent = AgreementConsented(
                party: party, means: .ratification,
                date: CalendarDate(daysSinceEpoch: concluded + 30 + Int64(position)),
                instrument: "Law No. \(number % 900 + 100)", sources: ["https://laws.example/\(party)/\(number)"])
            events.append((.agreementConsented(consent), [all[position]]))
        }
        let entered = AgreementEnteredIntoForce(
            EventDetails(
                date: CalendarDate(daysSinceEpoch: concluded + 60), notes: "Thirty days after the last notice."))
        events.append((.agreementEnteredIntoForce(entered), all))
        return events
    }

    private func signer(of position: Int, _ number: Int) -> SignerTemplate {
        let signers = parties[position].signers
        // Not in step, so that all pairs of signers come together.
        return signers[(position == 0 ? number : number / signers.count + number) % signers.count]
    }

    /// Days since 1970: within the years 1992 to 2024.
    private static func date(_ number: Int) -> Int64 { 8_035 + Int64(number * 7 % 12_000) }

    private func registration(_ number: Int) throws -> AgreementRegistered {
        let subject = GeneratedTexts.subjects[number % GeneratedTexts.subjects.count]
        let region = GeneratedTexts.regions[number / 8 % GeneratedTexts.regions.count]
        let place = GeneratedTexts.place(number)
        let titles = [
            "Agreement on \(subject.en), \(place.latin), \(region) region, No. \(number + 1)",
            "\(subject.kk) туралы келісім, \(place.cyrillic), № \(number + 1)",
            "Соглашение о \(subject.ru), \(place.cyrillic), № \(number + 1)",
            "\(subject.uz) toʻgʻrisida bitim, \(place.latin), № \(number + 1)",
        ]
        let document = try documents.document(of: number)
        if let document, let file = document.file, let digest = document.document.digest {
            try registry.files.place(RegistryFolder.documentName(digest), file, mode: 0o444)
        }
        let ministers = GeneratedTexts.ministers
        return AgreementRegistered(
            title: LocalizedText(zip(languages, titles).map { .init(language: $0, text: $1) }), titleStatus: .published,
            kind: .agreement, field: subject.field,
            parties: parties.enumerated().map { position, party in
                AgreementParty(
                    party: party.party, concludedBy: "Government, by its ministry in charge of \(subject.field)",
                    signatory: "\(ministers[(number + position * 3) % ministers.count]), Minister")
            },
            concluded: Conclusion(
                date: CalendarDate(daysSinceEpoch: Self.date(number)),
                place: GeneratedTexts.places[number / 3 % GeneratedTexts.places.count],
                basis: "Made up for a benchmark."),
            languages: languages.prefix(4).map { AgreementLanguage(language: $0, authentic: .equally) },
            documents: (document?.document).map { [$0] } ?? [],
            sources: ["https://registry.example/agreements/\(number + 1)"])
    }
}
