package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Makes a new registry: the log's key, entry 0 signed by every party, the first checkpoint, and what to trust.
package struct Establishing {
    package struct PartyDescription {
        package let party: PartyID
        package let name: LocalizedText

        package init(party: PartyID, name: LocalizedText) {
            self.party = party
            self.name = name
        }
    }

    package let origin: String
    package let name: LocalizedText
    package let parties: [PartyDescription]
    package let isDemonstration: Bool

    package init(origin: String, name: LocalizedText, parties: [PartyDescription], isDemonstration: Bool) {
        self.origin = origin
        self.name = name
        self.parties = parties.sorted { $0.party < $1.party }
        self.isDemonstration = isDemonstration
    }

    /// Builds entry 0 from the parties' public keys; nothing is written.
    package func statement(keys: KeysFolder, logKey: String, expires: UTCTime? = nil) throws -> Statement {
        var registryParties: [RegistryParty] = []
        var witnesses: [Witness] = []
        for description in parties {
            let party = description.party
            let authorities = try keys.authorities(party)
            let signers = try keys.signers(party)
            guard !authorities.isEmpty, !signers.isEmpty, let witnessKey = try keys.witnessKey(party) else {
                throw RegistryError(
                    .unavailable, "the public keys of \(party) are not whole in \(keys.path)/\(party)",
                    hint:
                        "make them with 'bitim keys new \(party)', or bring authority.pem, signer-1.pem and witness.vkey"
                )
            }
            var listed: [RegistrySigner] = []
            for signer in signers {
                listed.append(
                    RegistrySigner(
                        certificate: ContentDigest(signer.fingerprint),
                        publicKey: SubjectPublicKeyInfo(derBytes: try signer.publicKey.subjectPublicKeyInfo())))
            }
            registryParties.append(
                RegistryParty(
                    party: party, name: description.name,
                    authorities: authorities.map { ContentDigest($0.fingerprint) }.sorted(),
                    signers: listed.sorted { $0.certificate < $1.certificate }))
            witnesses.append(Witness(name: party.text, party: party, key: witnessKey))
        }
        do throws(StatementError) {
            let group = "parties"
            let quorum = try Quorum(
                witnesses: witnesses.sorted { $0.name < $1.name },
                groups: [
                    WitnessGroup(
                        name: group, threshold: Int64(witnesses.count), members: witnesses.map(\.name).sorted())
                ], name: group)
            let body = RegistryEstablished(
                demonstration: isDemonstration, log: RegistryLog(origin: origin, key: logKey), name: name,
                parties: registryParties, quorum: quorum)
            return try Statement.checked(
                agreement: nil, event: .registryEstablished(body), expires: expires, ledger: .origin(origin),
                previous: nil, tree: nil)
        } catch {
            throw RegistryError(
                .usage, "the registry cannot be established so: \(error)",
                hint: "the origin is a URL without its scheme; names are plain text; no key serves two parties")
        }
    }

    // MARK: At one table

    /// Everything, to the published first checkpoint, where the keys of all parties are. A run that was cut short is taken
    /// up by the next with the same arguments.
    ///
    /// - Parameter logPassphrase: of the log's key, if it is made now; nil leaves it in clear.
    package func run(
        registry: RegistryFolder, keys: KeysFolder, vault: KeyVault, logPassphrase: SecretBytes?,
        now: @escaping () -> Int64
    ) async throws -> (identity: ContentDigest, publishing: Registrar.Publishing) {
        let founding = LedgerFounding(registry: registry, keys: keys, vault: vault, origin: origin)
        if registry.hasCheckpoint {
            let identity = try founding.requirePending { verifierKey in
                try self.statement(keys: keys, logKey: verifierKey).canonicalBytes
            }
            return (identity, try await founding.complete(now: now))
        }
        try founding.requireUnused()
        // Once more under the locks: what is free now must still be free when it is written.
        let locks = try founding.lock()
        defer { _ = locks }
        try founding.requireUnused()
        let begun = try founding.begunEntry()
        let logKeys = LogKeys(keys: keys, vault: vault, origin: origin)
        let logKey = try begun == nil ? logKeys.unused(orNewWith: logPassphrase) : logKeys.present()
        let statement = try self.statement(keys: keys, logKey: logKey.verifierKey.text)
        let certificates = try self.certificates(of: statement, keys)
        let entry: Entry
        if let begun {
            guard begun.statementDigest == ContentDigest.of(statement.canonicalBytes) else { throw founding.taken }
            entry = begun
        } else {
            entry = try signed(statement, certificates, vault: vault, signingTime: now())
        }
        return (
            ContentDigest(entry.leafHash),
            try await founding.found(entry, certificates: certificates, logKey: logKey, at: now())
        )
    }

    private func signed(
        _ statement: Statement, _ certificates: [Certificate], vault: KeyVault, signingTime: Int64
    ) throws -> Entry {
        let directory = try SignerDirectory(
            Self.established(statement).constitution, certificates: CertificateStore(certificates))
        let (leaf, _) = try EntrySigning(vault: vault, directory: directory)
            .leaf(of: statement, parties: parties.map(\.party), signingTime: signingTime)
        return Entry(leaf: leaf)
    }

    /// Authorities, signers and the links between them.
    private func certificates(of statement: Statement, _ keys: KeysFolder) throws -> [Certificate] {
        let candidates = try parties.map(\.party).flatMap {
            try keys.authorities($0) + keys.signers($0) + keys.intermediates($0)
        }
        return try DraftConstitution.certificates(
            of: Self.established(statement).constitution, among: candidates)
    }

    static func established(_ statement: Statement) throws(RegistryError) -> RegistryEstablished {
        guard case .registryEstablished(let established) = statement.event else {
            throw RegistryError(.refused, "entry 0 does not establish a registry", hint: "see 'bitim audit'")
        }
        return established
    }

    // MARK: In two capitals

    /// Makes the log's key, unless it is here, and a draft of entry 0 for the parties to sign, each on its own machine.
    /// Of the parties nothing is needed but their public files.
    ///
    /// - Parameters:
    ///   - logPassphrase: of the log's key, if it is made now; nil leaves it in clear.
    ///   - now: POSIX seconds.
    package func draft(
        keys: KeysFolder, vault: KeyVault, logPassphrase: SecretBytes?, expires: UTCTime?, now: Int64
    ) throws -> Draft {
        let lock = try Registrar.lock(keys, patienceSeconds: 10)
        defer { _ = lock }
        let logKeys = LogKeys(keys: keys, vault: vault, origin: origin)
        guard try keys.identity() == nil else { throw LogKeys.taken(keys) }
        let logKey = try logKeys.unused(orNewWith: logPassphrase)
        let statement = try self.statement(keys: keys, logKey: logKey.verifierKey.text, expires: expires)
        let draft = Draft(
            statement, required: Set(parties.map(\.party)), offered: try certificates(of: statement, keys))
        let report = try DraftReport(draft, ledger: nil, keys: keys, now: now)
        guard report.findings.verdict == .passed else {
            throw RegistryError(
                .refused, "no draft is written: \(report.findings.map(\.message).joined(separator: "; "))",
                hint: "finding \(report.findings.first?.key ?? "")", findings: report.findings)
        }
        try logKeys.keep(logKey)
        return draft
    }

    /// Before anybody is asked to confirm what could not be done here.
    package static func requireLogKey(_ vault: KeyVault) throws {
        try vault.requireLogKey(
            where: { KeyVault.logKeyName == "private/\($0)" }, purpose: "nothing is established from here",
            hint: "the machine where the draft was written keeps the log; here: bitim init DRAFT --keys-only")
    }

    /// Founds the ledger on a draft that all parties have signed, where the log's key is. A run that was cut short is
    /// taken up by the next with the same draft.
    package static func run(
        _ report: DraftReport, registry: RegistryFolder, keys: KeysFolder, vault: KeyVault,
        now: @escaping () -> Int64
    ) async throws -> Registrar.Publishing {
        let draft = report.draft
        let established = try established(draft.statement)
        let entry = Entry(leaf: try draft.leaf())
        let founding = LedgerFounding(
            registry: registry, keys: keys, vault: vault, origin: established.constitution.log.origin)
        if registry.hasCheckpoint {
            guard try founding.firstIdentity() == ContentDigest(entry.leafHash) else { throw founding.taken }
            return try await founding.complete(now: now)
        }
        try report.requireRegistrable()
        let locks = try founding.lock()
        defer { _ = locks }
        try founding.requireFree(for: entry)
        let logKey = try LogKeys(keys: keys, vault: vault, origin: founding.origin)
            .named(established.constitution.log.key)
        return try await founding.found(
            entry, certificates: report.constitution?.certificates ?? [], logKey: logKey, at: now())
    }

    /// Pins what follows from a draft that all parties have signed, where the log's key is not: the identity, and the
    /// policy.
    ///
    /// - Returns: the files that were written, relative to the keys folder.
    package static func pin(_ report: DraftReport, keys: KeysFolder) throws -> [String] {
        try report.requireRegistrable()
        guard let identity = report.identity else {
            throw RegistryError(.refused, "the draft establishes no registry", hint: "see 'bitim show'")
        }
        let lock = try Registrar.lock(keys, patienceSeconds: 10)
        defer { _ = lock }
        return try LedgerFounding.pin(identity, try established(report.draft.statement).constitution, keys)
    }
}
