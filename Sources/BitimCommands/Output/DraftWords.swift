internal import Agreements
internal import OpenSSLKit
internal import Registry

/// A draft in plain words.
struct DraftWords {
    let path: String
    let report: DraftReport
    let keys: KeysFolder
    /// Where certificates are looked for, by their fingerprints only.
    let registryFolder: RegistryFolder

    private var draft: Draft { report.draft }

    init(_ path: String, _ report: DraftReport, _ folders: FolderOptions) {
        self.path = path
        keys = folders.keysFolder
        registryFolder = folders.registryFolder
        self.report = report
    }

    /// What the draft is of, such as `agreement.registered of KZ-UZ-2026-01`.
    var subject: String {
        let statement = draft.statement
        return "\(statement.event.name) of \(statement.agreement?.text ?? "the registry")"
    }

    /// Everything that a signer must see.
    var lines: [String] {
        var lines = ["draft of \(subject)"]
        lines += title.map { [Self.line("agreement", $0)] } ?? []
        lines += PlainWords.lines(
            of: draft.statement,
            subjects: draft.statement.agreement == nil
                ? CertificateSubjects.known(registry: registryFolder, keys: keys, offered: draft.offered) : [:],
            voided: report.ledger.map { VoidedWords.lines(of: draft.statement.event, $0.ledger, $0.state) } ?? [])
        if let agreement = draft.statement.agreement, report.index == nil,
            let known = report.ledger?.state.agreement(agreement)
        {
            lines += DateWords.notes(of: draft.statement.event, in: known).map { Self.line("note", $0) }
        }
        if report.constitution == nil {
            lines.append(Self.line("registry", registry))
            lines.append(Self.line("", draft.statement.ledger.text))
        }
        if let tree = draft.statement.tree {
            lines.append(Self.line("made after", "\(tree.size) published entries, root \(tree.root.hex)"))
        }
        let first = report.constitution == nil ? "the first of its life" : "entry 0"
        lines.append(Self.line("follows", draft.statement.previous?.text ?? "nothing: it is \(first)"))
        for (number, groups) in Self.groups(of: draft.statementDigest).enumerated() {
            lines.append(Self.line(number == 0 ? "statement" : "", groups))
        }
        return (lines.prefix(1) + lines.dropFirst().map { "  " + $0 }).map(VisibleText.escaped)
    }

    /// What the registry will be known by, once all have signed what establishes it.
    var identityLines: [String] { report.identity.map { ["  " + Self.line("identity", $0.text)] } ?? [] }

    /// Who must sign, and who has.
    var signatureLines: [String] {
        var lines: [String] = []
        for party in draft.required {
            guard let signer = report.party(party) else {
                lines.append(
                    report.undecidedSigners == 0
                        ? "  \(party) has not signed" : "  \(party): nobody can tell here whether it has signed")
                continue
            }
            lines += Self.lines(of: signer, party: party)
        }
        for signer in report.signers where signer.party.map(draft.required.contains) != true {
            lines += Self.lines(of: signer, party: signer.party)
        }
        return lines.map(VisibleText.escaped)
    }

    /// What is to be said of the draft as a whole.
    var findingLines: [String] { report.findings.map { VisibleText.escaped($0.line) } }

    private static func lines(of signer: DraftSigner, party: PartyID?) -> [String] {
        let subject = signer.subject
        let verified = signer.isVerified ? "verified" : "not verified"
        return [
            "  \(party?.text ?? "nobody known") has signed: \(verified)", "    by \(subject)",
            "    claimed time  \(time(signer))",
        ]
            + signer.findings.map { "    " + $0.line }
    }

    private static func time(_ signer: DraftSigner) -> String {
        signer.claimedTime.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "unknown"
    }

    /// The state in one line, with what to do next.
    var stateLine: String {
        switch report.state {
        case .ready:
            report.constitution == nil
                ? "ready: 'bitim add \(path)' registers it"
                : "ready: 'bitim init \(path)' establishes it where the log's key is"
        case .waiting: "waiting for \(report.missing.map(\.text).joined(separator: ", "))"
        case .unsure:
            (report.missing.isEmpty ? "signed by all" : "signed by as many as must sign")
                + "; whether it can be registered cannot be told here"
        case .registered: "registered as entry \(report.index ?? -1)"
        case .pending: pendingLine
        case .void: "void: it lapsed at \(draft.statement.expires?.text ?? "")"
        case .refused: "cannot be registered"
        }
    }

    private var pendingLine: String {
        let start = "pending as entry \(report.index ?? -1), and not registered: "
        guard let pending = report.ledger?.ledger.pending, !pending.quorumMet else {
            return start + "'bitim publish' completes it"
        }
        return start + "waiting for \(pending.missing.joined(separator: ", "))"
    }

    /// The title by which the agreement of a later event is known.
    private var title: String? {
        guard let agreement = draft.statement.agreement, let known = report.ledger?.state.agreement(agreement),
            report.index == nil || known.entryIndices.first != report.index
        else { return nil }
        return known.registration.title?.preferred ?? "(not public)"
    }

    private var registry: String {
        guard let constitution = report.ledger?.ledger.constitution else {
            return keys.origin ?? "(not at hand)"
        }
        let mark = constitution.demonstration ? ", a demonstration" : ""
        return "\(constitution.name.preferred), \(constitution.log.origin)\(mark)"
    }

    private static func line(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 16 - name.count)) + value
    }

    /// A digest to be read out over the telephone: two lines of eight groups of four.
    static func groups(of digest: ContentDigest) -> [String] {
        let digits = Array(digest.hex)
        let groups = stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<($0 + 4)]) }
        return stride(from: 0, to: groups.count, by: 8).map { groups[$0..<($0 + 8)].joined(separator: " ") }
    }

    // MARK: Answers

    /// The whole of `bitim show DRAFT`.
    func tell(_ output: OutputOptions) throws {
        let console = output.console
        if output.json {
            console.answer(try JSONOutput.text(DraftResult(path, report)))
        } else if output.quiet {
            console.answer(report.state.rawValue)
        } else {
            console.answer(
                (lines + ["", "signatures"] + signatureLines + identityLines + [""] + findingLines + [stateLine])
                    .joined(separator: "\n"))
        }
    }

    /// - Parameter keyPaths: where the keys of restricted documents were written.
    func tellWritten(_ output: OutputOptions, keyPaths: [String]) throws {
        try tellShort(output)
        let documents = draft.statement.event.documents.isEmpty ? "" : ", which must see the documents"
        output.console.message(
            "hint: each party signs with 'bitim sign \(path)'\(documents); nothing is registered yet")
        guard !keyPaths.isEmpty else { return }
        output.console.message(
            VisibleText.escaped(
                "note: the keys of restricted documents are in \(keyPaths.joined(separator: ", ")), and nowhere else: "
                    + "each goes with its document, over a safe way, to \(draft.required.map(\.text).joined(separator: ", "))"
                    + " and to the operator; the draft itself may travel openly"))
    }

    func tellSigned(_ output: OutputOptions) throws { try tellShort(output) }

    private func tellShort(_ output: OutputOptions) throws {
        let console = output.console
        if output.json { return console.answer(try JSONOutput.text(DraftResult(path, report))) }
        if output.quiet { return console.answer(path) }
        let groups = Self.groups(of: draft.statementDigest)
        console.answer(
            (["\(path): \(subject)", "statement \(groups.joined(separator: " "))"]
                + (report.identity.map { ["identity \($0)"] } ?? []) + [stateLine]).map(VisibleText.escaped)
                .joined(separator: "\n"))
    }
}
