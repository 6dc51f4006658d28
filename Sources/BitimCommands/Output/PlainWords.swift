internal import Agreements
internal import Registry

/// A statement in plain words: what a signer sees before signing, and a reader afterwards.
enum PlainWords {
    /// - Parameters:
    ///   - subjects: of certificates that a change may name, by fingerprint.
    ///   - voided: what is known of an entry that is voided: `VoidedWords`.
    static func lines(
        of statement: Statement, subjects: [ContentDigest: String] = [:], voided: [String] = []
    ) -> [String] {
        var lines: [String]
        switch statement.event {
        case .registryEstablished(let body): lines = established(body.constitution, subjects)
        case .registryChanged(let body): lines = changed(body, subjects)
        case .registryVoided(let body): lines = self.voided(body, voided)
        case .agreementRegistered(let body): lines = registered(body)
        case .unrecognised(let name, _): lines = ["an event that this program does not know: \(name)"]
        default: lines = ofAgreement(statement.event)
        }
        if let expires = statement.expires { lines.append(line("void after", expires.text)) }
        return lines
    }

    static func line(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 16 - name.count)) + value
    }

    private static func established(_ body: Constitution, _ subjects: [ContentDigest: String]) -> [String] {
        func named(_ certificate: ContentDigest) -> [String] {
            (subjects[certificate].map { ["    \($0)"] } ?? []) + ["    \(certificate)"]
        }
        var lines = body.name.translations.map { line("registry (\($0.language))", $0.text) }
        lines.append(line("origin", body.log.origin))
        if body.demonstration { lines.append(line("note", "a demonstration: its keys speak for nobody")) }
        for party in body.parties {
            let names = party.name.translations.map { "\($0.text) (\($0.language))" }
            lines.append(line("party", "\(party.party)  \(names.joined(separator: ", "))"))
            for authority in party.authorities {
                lines += [line("", "authority")] + named(authority).map { line("", $0) }
            }
            for signer in party.signers {
                lines += [line("", "signer")] + named(signer.certificate).map { line("", $0) }
            }
        }
        lines.append(line("log's key", body.log.key))
        return lines + quorum(body.quorum)
    }

    private static func quorum(_ quorum: Quorum) -> [String] {
        quorum.witnesses.map { line("witness", "\($0.name) of \($0.party)  \($0.key)") }
            + quorum.groups.map {
                line("group", "\($0.name): \($0.threshold) of \($0.members.joined(separator: ", "))")
            } + [line("quorum", quorum.name)]
    }

    private static func changed(_ body: RegistryChanged, _ subjects: [ContentDigest: String]) -> [String] {
        var lines: [String] = []
        func named(_ certificate: ContentDigest) -> String {
            "\(certificate)" + (subjects[certificate].map { "  \($0)" } ?? "")
        }
        for action in ListChange.allCases {
            for change in body.authorities where change.action == action {
                lines.append(line(action.text, "authority of \(change.party)  \(named(change.certificate))"))
            }
            for change in body.signers where change.action == action {
                lines.append(line(action.text, "signer of \(change.party)  \(named(change.certificate))"))
            }
        }
        if let log = body.log { lines.append(line("log's new key", log.key)) }
        if let quorum = body.quorum { lines += self.quorum(quorum) }
        if let notes = body.notes { lines.append(line("notes", notes)) }
        return lines
    }

    private static func registered(_ body: AgreementRegistered) -> [String] {
        var lines = ([.title, .titleStatus, .kind, .binding, .field] as [AgreementCorrected.Field])
            .flatMap { known($0, of: body) }
        for party in body.parties {
            var words = party.party.text
            if let concludedBy = party.concludedBy { words += "  concluded by \(concludedBy)" }
            words += party.signatory.map { ", signatory \($0)" } ?? ", signatory unknown"
            lines.append(line("party", words))
        }
        lines += ([.concluded, .languages, .relations, .term, .reference] as [AgreementCorrected.Field])
            .flatMap { known($0, of: body) }
        return lines + common(body.documents, body.sources, body.notes)
    }

    /// What is known of a field of a registration; empty for nothing.
    static func known(_ field: AgreementCorrected.Field, of body: AgreementRegistered) -> [String] {
        switch field {
        case .title:
            return body.title?.translations.map { line("title (\($0.language))", $0.text) }
                ?? [line("title", "(not public)")]
        case .titleStatus: return [line("title is", body.titleStatus.text)]
        case .kind: return [line("kind", body.kind.text)]
        case .binding: return body.binding.map { [line("binding", $0 ? "yes" : "no")] } ?? []
        case .field: return body.field.map { [line("field", $0)] } ?? []
        case .concluded:
            let concluded = body.concluded
            let when = "\(concluded.date?.text ?? "date unknown"), \(concluded.place ?? "place unknown")"
            return [line("concluded", when)] + (concluded.basis.map { [line("basis", $0)] } ?? [])
        case .languages:
            return body.languages?.map { language in
                let authentic = language.authentic.map { ", authentic: \($0.text)" } ?? ""
                return line("language", "\(language.language)\(authentic)")
            } ?? []
        case .relations: return body.relations.map { line("relation", "\($0.relation.text) \($0.agreement)") }
        case .term:
            guard let term = body.term else { return [] }
            let parts = [term.duration, term.until.map { "until \($0)" }, term.renewal].compactMap { $0 }
            return [line("term", parts.joined(separator: ", "))]
        case .reference:
            return body.reference.map { [line("reference", "\($0.number) in \($0.register)")] } ?? []
        case .sources: return body.sources.map { line("source", $0) }
        case .notes: return body.notes.map { [line("notes", $0)] } ?? []
        }
    }

    private static func voided(_ body: RegistryVoided, _ known: [String]) -> [String] {
        [line("voids", "entry \(body.entry), which is of no effect from then on")] + known + [
            line("leaf hash", body.leafHash.text), line("reason", body.reason),
        ]
    }

    private static func ofAgreement(_ event: Event) -> [String] {
        var lines: [String] = []
        if let party = event.actingParty { lines.append(line("party", party.text)) }
        var dateName = "date"
        switch event {
        case .agreementConsented(let body): lines.append(line("consent by", body.means.text))
        case .agreementNoted(let body): lines.append(line("note of", body.kind.text))
        case .agreementDenounced(let body):
            lines.append(line("notice of", body.notified?.text ?? "unknown"))
            dateName = "ended from"
        case .agreementCorrected(let body): lines += corrected(body)
        default: break
        }
        guard let details = event.details else { return lines }
        lines.append(line(dateName, details.date?.text ?? "unknown"))
        switch event {
        case .agreementConsented(let body): if let title = body.instrument { lines.append(line("instrument", title)) }
        case .agreementAmended(let body): if let id = body.amendment { lines.append(line("amended by", id.text)) }
        case .agreementExtended(let body):
            if let until = body.until { lines.append(line("until", until.text)) }
            if let duration = body.duration { lines.append(line("for", duration)) }
        default: break
        }
        return lines + common(details.documents, details.sources, details.notes)
    }

    /// Each corrected field with its new value, in the words of a registration.
    private static func corrected(_ body: AgreementCorrected) -> [String] {
        body.fields.sorted { $0.text < $1.text }.flatMap { field in
            let lines = known(field, of: body.values)
            return [line("corrects", lines.isEmpty ? "\(field.text), to unknown or none" : "\(field.text), to:")]
                + lines.map { "  " + $0 }
        }
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
