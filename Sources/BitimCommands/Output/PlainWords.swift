internal import Agreements
internal import Registry

/// A statement in plain words: what a signer sees before signing, and a reader afterwards.
enum PlainWords {
    static func lines(of statement: Statement) -> [String] {
        var lines: [String]
        switch statement.event {
        case .registryEstablished(let body): lines = established(body)
        case .agreementRegistered(let body): lines = registered(body)
        case .agreementConsented(let body): lines = consented(body)
        case .agreementNoted(let body): lines = noted(body)
        case .unrecognised(let name, _): lines = ["an event that this program does not know: \(name)"]
        }
        if let expires = statement.expires { lines.append(line("void after", expires.text)) }
        return lines
    }

    private static func line(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 16 - name.count)) + value
    }

    private static func established(_ body: RegistryEstablished) -> [String] {
        var lines = [line("registry", body.name.preferred), line("origin", body.log.origin)]
        if body.demonstration { lines.append(line("note", "a demonstration: its keys speak for nobody")) }
        for party in body.parties {
            lines.append(line("party", "\(party.party)  \(party.name.preferred), \(party.signers.count) signers"))
        }
        lines.append(
            line("quorum", "\(body.quorum.name) of \(body.quorum.witnesses.map(\.name).joined(separator: ", "))"))
        return lines
    }

    private static func registered(_ body: AgreementRegistered) -> [String] {
        var lines: [String] = []
        for translation in body.title?.translations ?? [] {
            lines.append(line("title (\(translation.language))", translation.text))
        }
        if body.title == nil { lines.append(line("title", "(not public)")) }
        lines.append(line("title is", body.titleStatus.text))
        lines.append(line("kind", body.kind.text))
        if let binding = body.binding { lines.append(line("binding", binding ? "yes" : "no")) }
        if let field = body.field { lines.append(line("field", field)) }
        for party in body.parties {
            var words = party.party.text
            if let concludedBy = party.concludedBy { words += "  concluded by \(concludedBy)" }
            words += party.signatory.map { ", signatory \($0)" } ?? ", signatory unknown"
            lines.append(line("party", words))
        }
        lines.append(
            line(
                "concluded",
                "\(body.concluded.date?.text ?? "date unknown"), \(body.concluded.place ?? "place unknown")"))
        if let basis = body.concluded.basis { lines.append(line("basis", basis)) }
        for language in body.languages ?? [] {
            let authentic = language.authentic.map { ", authentic: \($0.text)" } ?? ""
            lines.append(line("language", "\(language.language)\(authentic)"))
        }
        for relation in body.relations {
            lines.append(line("relation", "\(relation.relation.text) \(relation.agreement)"))
        }
        if let term = body.term {
            let parts = [term.duration, term.until.map { "until \($0)" }, term.renewal].compactMap { $0 }
            lines.append(line("term", parts.joined(separator: ", ")))
        }
        if let reference = body.reference {
            lines.append(line("reference", "\(reference.number) in \(reference.register)"))
        }
        return lines + common(body.documents, body.sources, body.notes)
    }

    private static func consented(_ body: AgreementConsented) -> [String] {
        var lines = [
            line("party", body.party.text), line("consent by", body.means.text),
            line("date", body.date?.text ?? "unknown"),
        ]
        if let instrument = body.instrument { lines.append(line("instrument", instrument)) }
        return lines + common(body.documents, body.sources, body.notes)
    }

    private static func noted(_ body: AgreementNoted) -> [String] {
        [line("party", body.party.text), line("note of", body.kind.text), line("date", body.date?.text ?? "unknown")]
            + common(body.documents, body.sources, body.notes)
    }

    private static func common(_ documents: [Document], _ sources: [String], _ notes: String?) -> [String] {
        var lines: [String] = []
        for document in documents {
            let keeper = document.keeper.map { " of \($0)" } ?? ""
            lines.append(
                line(
                    "document",
                    "\(document.role.text)\(keeper): \(document.name), \(document.sizeBytes) bytes"
                        + (document.access == .restricted ? ", restricted" : "")))
            lines.append(line("", document.digest?.text ?? document.commitment?.text ?? ""))
        }
        for source in sources { lines.append(line("source", source)) }
        if let notes { lines.append(line("notes", notes)) }
        return lines
    }
}
