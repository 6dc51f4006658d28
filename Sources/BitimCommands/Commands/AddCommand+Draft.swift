internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

extension AddCommand {
    /// The draft among the files; nil when there is none.
    var draftPath: String? { files.first(where: DraftPlace.isDraft) }

    /// Registers a draft with all its signatures.
    func addDraft(_ path: String) async throws {
        guard description.isEmpty, sign == nil, draft.path == nil, documents.restricted.isEmpty else {
            throw RegistryError(
                .usage, "\(path) is a draft: who signs, and what, is in it",
                hint: "leave out --sign, --title, --restricted and the like: bitim add \(path) [DOCUMENT…]")
        }
        let place = try DraftPlace(path)
        let now = currentTime()
        let report = try await DraftReading.report(place.draft, folders, now: now)
        guard report.constitution == nil else {
            throw RegistryError(
                .usage, "\(path) is a draft of entry 0, which establishes a registry and is added to none",
                hint: "run 'bitim init \(path)' where the log's key is")
        }
        guard report.ledger != nil else {
            throw RegistryError(
                .unavailable, "there is no registry in \(folders.registryFolder.path)",
                hint: "name its folder with --registry or BITIM_REGISTRY")
        }
        if let index = report.index {
            try report.ledger?.placeCertificates(of: place.draft, at: index)
            return try await tellRegistered(index, place.draft)
        }
        try report.requireRegistrable()
        let found = try DraftDocuments(
            of: place.draft.statement, given: files.filter { $0 != path }, keys: key, beside: path,
            registry: folders.registryFolder, purpose: .adding)
        // Their witnesses may be here.
        let registrar = try await open(signers: place.draft.required)
        registrar.offer(place.draft.offered)
        do {
            let registered = try registrar.queue(
                leaf: place.draft.leaf(), documents: found.files, restricted: found.restricted)
            try await tell(try await registrar.commit(), of: registrar, [registered])
        } catch let refusal as RegistryError where refusal.code == .refused {
            // Another entry may have come in since the first look: then it is told which.
            try await DraftReading.report(place.draft, folders, now: now).requireRegistrable()
            throw refusal
        }
    }

    /// Where the statement is already, as adding anything again says; what is pending is not published by it.
    private func tellRegistered(_ index: Int64, _ draft: Draft) async throws {
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder,
            selection: .content([draft.statementDigest]), now: currentTime())
        if let judged = reading.judged.first(where: { $0.index == index }) {
            let registered = Registrar.Registered(
                index: index, leafHash: ContentDigest(judged.entry.leafHash), agreement: draft.statement.agreement,
                wasThere: true)
            return try PublishingResult(.published(reading.ledger.publishedHead), [registered]).tell(output)
        }
        // It is pending: as far as the keys here allow, it is completed.
        let registrar = try await open(signers: draft.required)
        let known = try registrar.registered(draft.statementDigest, agreement: draft.statement.agreement)
        try await tell(try await registrar.publish(), of: registrar, [known].compactMap { $0 })
    }
}
