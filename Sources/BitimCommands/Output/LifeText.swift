internal import Agreements
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// The life of one agreement in plain words.
struct LifeText {
    let reading: RegistryReading
    /// Nil of an entry of the registry's own life, and of an agreement whose registration is of no effect.
    let state: AgreementState?
    /// Its entries, those of no effect included.
    let entries: [JudgedEntry]
    /// The day that its status is told for.
    let day: CalendarDate?
    /// How it is called in commands that are shown.
    let keysPath: String
    let console: Console

    var lines: [String] {
        guard let state else { return entryLines }
        var lines = ["\(state.id)  \(statusWords(state))"]
        lines += reading.foundations.map(\.line)
        lines += summary(state).map { "  " + VisibleText.escaped($0) }
        for judged in entries where judged.entry.statement != nil { lines += [""] + self.lines(of: judged) }
        return lines
    }

    /// The entries alone, without the agreement's life.
    var entryLines: [String] {
        entries.flatMap { lines(of: $0, isAlone: true) }
    }

    /// - Parameter isAlone: whether nothing before it says of which agreement it is.
    private func lines(of judged: JudgedEntry, isAlone: Bool = false) -> [String] {
        let findings = isAlone ? reading.findings(of: judged) : judged.findings
        let verdict = findings.verdict
        guard let statement = judged.entry.statement else {
            return ["entry \(judged.index): no statement, \(console.styled(verdict))"]
                + findings.map { "  " + $0.line }
        }
        let pending = reading.pending(judged.index)
        var lines = ["entry \(judged.index): \(statement.event.name), \(console.styled(verdict))"]
        if let pending {
            let cosigned = pending.cosigned.isEmpty ? "nobody" : pending.cosigned.joined(separator: ", ")
            let missing = pending.missing.isEmpty ? "nobody" : pending.missing.joined(separator: ", ")
            lines.append("  " + line("pending", "not registered: cosigned by \(cosigned), missing \(missing)"))
        }
        if isAlone, let agreement = statement.agreement { lines.append("  " + line("agreement", agreement.text)) }
        if let voiding = reading.state.voidedEntries[judged.index] {
            lines.append("  " + line("of no effect", "voided by entry \(voiding)"))
        }
        lines += words(statement).map { "  " + VisibleText.escaped($0) }
        lines += holding(statement.event.documents).map { "  " + $0 }
        if pending == nil, let agreement = statement.agreement, let state {
            let step = agreement == state.id ? state.life.first { $0.entry == judged.index } : nil
            lines += effect(judged, statement, step, state).map { "  " + VisibleText.escaped($0) }
        }
        lines += signatures(judged)
        lines.append("  proved time     \(Self.text(judged.proved))")
        lines.append("  leaf hash       \(ContentDigest(judged.entry.leafHash))")
        for finding in findings { lines.append("  " + finding.line) }
        return pending == nil ? lines + commands(judged) : lines
    }

    private func words(_ statement: Statement) -> [String] {
        let subjects =
            statement.agreement == nil
            ? CertificateSubjects.known(registry: reading.ledger.registry, keys: reading.ledger.keys) : [:]
        return PlainWords.lines(
            of: statement, subjects: subjects,
            voided: VoidedWords.lines(of: statement.event, reading.ledger, reading.state))
    }

    private func line(_ name: String, _ value: String) -> String { PlainWords.line(name, value) }

    // MARK: What it is

    private func summary(_ state: AgreementState) -> [String] {
        let body = state.registration
        var lines = [
            line("title", body.title?.preferred ?? "(not public)"), line("kind", body.kind.text),
            line("parties", body.parties.map(\.party.text).joined(separator: ", ")),
            line("concluded", body.concluded.date?.text ?? "date unknown"),
            line("status", statusWords(state) + (since(state).map { ", since \($0)" } ?? "")),
        ]
        if let term = state.term {
            let parts = [term.duration, term.until.map { "until \($0)" }, term.renewal].compactMap { $0 }
            lines.append(line("term", parts.joined(separator: ", ")))
        }
        return lines
    }

    private func statusWords(_ state: AgreementState) -> String {
        if let day, let concluded = state.registration.concluded.date, concluded > day { return "not yet concluded" }
        return state.standing(on: day).words
    }

    /// From when on, by legal date, it has had the status of the day; nil when unknown, or told with the status.
    private func since(_ state: AgreementState) -> CalendarDate? {
        let standing = state.standing(on: day)
        guard let day, standing.status != .ended else { return nil }
        var since: CalendarDate?
        for earlier in Set(state.life.compactMap(\.day)).filter({ $0 <= day }).sorted().reversed() {
            guard state.status(on: earlier) == standing.status else { break }
            since = earlier
        }
        return since
    }

    // MARK: What an entry did

    private func effect(
        _ judged: JudgedEntry, _ statement: Statement, _ step: LifeStep?, _ state: AgreementState
    ) -> [String] {
        guard let step else { return [line("changed", "nothing: it is of no effect")] }
        var lines: [String] = []
        if let before = step.statusBefore {
            if before != step.statusAfter {
                lines.append(line("changed", "\(before.text) → \(step.statusAfter.text)"))
            }
            if case .agreementCorrected(let body) = statement.event, let old = step.registrationBefore {
                let were = body.fields.sorted { $0.text < $1.text }.flatMap { field in
                    let lines = PlainWords.known(field, of: old)
                    return lines.isEmpty ? ["\(field.text), unknown or none"] : lines
                }
                lines.append(line("changed", "what was until then:"))
                lines += were.map { "  " + $0 }
            } else if step.termBefore != step.termAfter {
                lines.append(
                    line("changed", "the term, from \(Self.text(step.termBefore)) to \(Self.text(step.termAfter))"))
            }
        } else {
            lines.append(line("changed", "begins as \(step.statusAfter.text)"))
        }
        if lines.isEmpty { lines.append(line("changed", "nothing: it stays \(step.statusAfter.text)")) }
        return lines + corrections(of: judged.index, statement, state)
    }

    /// By which later entries what it says is corrected.
    private func corrections(of entry: Int64, _ statement: Statement, _ state: AgreementState) -> [String] {
        let own: Set<AgreementCorrected.Field>
        switch statement.event {
        case .agreementRegistered: own = Set(AgreementCorrected.Field.allCases)
        case .agreementCorrected(let body): own = body.fields
        default: return []
        }
        return state.events.compactMap { later in
            guard later.entry > entry, case .agreementCorrected(let body) = later.body else { return nil }
            let fields = body.fields.intersection(own).map(\.text).sorted()
            return fields.isEmpty
                ? nil : line("corrected", "by entry \(later.entry): \(fields.joined(separator: ", "))")
        }
    }

    private static func text(_ term: AgreementTerm?) -> String {
        [term?.duration, term?.until.map { "until \($0)" }].compactMap { $0 }.joined(separator: ", ")
            .nonEmpty ?? "none"
    }

    /// By presence: 'bitim verify' and 'bitim audit' look at the bytes.
    private func holding(_ documents: [Document]) -> [String] {
        guard !documents.isEmpty else { return [] }
        let registry = reading.ledger.registry
        let away = documents.filter { document in
            let name =
                document.digest.map(RegistryFolder.documentName)
                ?? document.commitment.map(RegistryFolder.restrictedName)
            return name.map { Files.kind(registry.fullPath($0)) != .regular } ?? true
        }
        let held = "\(documents.count - away.count) of \(documents.count) here"
        guard !away.isEmpty else { return [line("held", held)] }
        return [VisibleText.escaped(line("held", "\(held), not \(away.map(\.name).joined(separator: ", "))"))]
    }

    // MARK: Evidence

    private func signatures(_ judged: JudgedEntry) -> [String] {
        SignerOrder.byParty(judged.signers).flatMap { signer in
            let claimed = signer.claimedTime.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "unknown"
            let subject = VisibleText.escaped(signer.subject ?? "certificate not held")
            return [
                "  signed for \(signer.party?.text ?? "nobody") by \(subject)", "    claimed time  \(claimed)",
            ]
        }
    }

    private static func text(_ proved: ProvedInterval) -> String {
        let notBefore = proved.notBefore.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "unknown"
        let notAfter = proved.notAfter.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "not yet published"
        return "not before \(notBefore), not after \(notAfter)"
    }

    /// How to check the signatures without this program.
    private func commands(_ judged: JudgedEntry) -> [String] {
        let time = judged.proved.notAfter.map { " -attime \($0)" } ?? ""
        // An authority that was revoked later has left the file of its party's authorities.
        let revoked = reading.ledger.partiesRevokingAuthorities(after: judged.index).map(KeysFolder.revokedName)
            .filter { Files.kind(reading.ledger.keys.fullPath($0)) == .regular }
        let files = (["*/authority.pem"] + revoked).map { "\(keysPath)/\($0)" }
        return [
            "  with openssl:",
            "    bitim export --entry \(judged.index) --format cms -o entry-\(judged.index).cms",
            "    cat \(files.joined(separator: " ")) > both.pem",
            "    openssl cms -verify -inform DER -purpose any -cades\(time) -CAfile both.pem -in entry-\(judged.index).cms",
        ]
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
