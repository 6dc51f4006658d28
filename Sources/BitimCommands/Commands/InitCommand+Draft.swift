internal import Agreements
internal import ArgumentParser
internal import Registry

/// Entry 0 that the parties sign apart.
extension InitCommand {
    /// Writes the draft; the log's key is made with it, for entry 0 names it.
    func writeDraft(_ establishing: Establishing) throws {
        guard let path = draft.path else { return }
        let keys = folders.keysFolder
        let now = currentTime()
        if path != "-" { try DraftPlace.requireFree(path) }
        let vault = passphrases.vault(keys, console: output.console)
        let draft = try establishing.draft(
            keys: keys, vault: vault, logPassphrase: try logPassphrase(vault), expires: try draft.expiry, now: now)
        guard path != "-" else { return output.console.answer(bytes: draft.bytes) }
        try DraftPlace.create(path, draft)
        let report = try DraftReport(draft, ledger: nil, keys: keys, now: now)
        try DraftWords(path, report, folders).tellWritten(output, keyPaths: [])
    }

    func establish(_ path: String) async throws {
        let keys = folders.keysFolder
        let report = try await DraftReading.report(DraftPlace(path).draft, folders, now: currentTime())
        guard report.constitution != nil else {
            throw RegistryError(
                .usage, "\(path) is a draft of \(report.draft.statement.event.name), which establishes nothing",
                hint: "'bitim add \(path)' registers it")
        }
        if report.index == nil { try report.requireRegistrable() }
        guard let identity = report.identity else {
            throw RegistryError(.refused, "the draft establishes no registry", hint: "see 'bitim show \(path)'")
        }
        let vault = passphrases.vault(keys, console: output.console)
        if !keysOnly { try Establishing.requireLogKey(vault) }
        let words = DraftWords(path, report, folders)
        try confirmation.confirm(
            [keysOnly ? "To be pinned in \(keys.path):" : "To be established:"]
                + (words.lines + words.identityLines).map { "  " + $0 },
            question: keysOnly ? "Is this the registry, by what all parties say?" : "Establish this?",
            console: output.console)
        guard !keysOnly else { return try pin(identity, report) }
        // Before a lock is taken, so that nobody waits for somebody who types.
        try vault.unlock([.log] + report.draft.required.map { .party($0) })
        try tell(
            identity,
            try await Establishing.run(
                report, registry: folders.registryFolder, keys: keys, vault: vault, now: currentTime))
    }

    private func pin(_ identity: ContentDigest, _ report: DraftReport) throws {
        let files = try Establishing.pin(report, keys: folders.keysFolder)
        if output.json {
            output.console.answer(try JSONOutput.text(InitResult(identity: identity.text, nil)))
        } else {
            output.console.answer(identity.text)
        }
        output.console.message(
            files.isEmpty
                ? "note: it is pinned already"
                : "note: compare it with the other parties: whoever pins another one has another registry")
    }
}
