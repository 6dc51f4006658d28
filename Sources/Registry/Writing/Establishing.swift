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
    package func statement(keys: KeysFolder, logKey: String) throws -> Statement {
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
                agreement: nil, event: .registryEstablished(body), ledger: .origin(origin), previous: nil, tree: nil)
        } catch {
            throw RegistryError(
                .usage, "the registry cannot be established so: \(error)",
                hint: "the origin is a URL without its scheme; names are plain text; no key serves two parties")
        }
    }

    /// Everything, to the published first checkpoint.
    package func run(
        registry: RegistryFolder, keys: KeysFolder, vault: KeyVault, logPassphrase: SecretBytes?,
        now: @escaping () -> Int64
    ) async throws -> (identity: ContentDigest, publishing: Registrar.Publishing) {
        try requireUnused(registry, keys, vault)
        // Once more under the locks: what is free now must still be free when it is written.
        let registryLock = try Registrar.lock(registry, patienceSeconds: 10)
        let keysLock = try Registrar.lock(keys, patienceSeconds: 10)
        defer {
            _ = registryLock
            _ = keysLock
        }
        try requireUnused(registry, keys, vault)
        guard let originName = KeyName(origin) else {
            throw RegistryError(
                .usage, "'\(origin)' cannot be an origin",
                hint: "use a URL without its scheme, such as registry.example/kz-uz: no spaces, no +")
        }
        try requireUnusedWitnesses(keys)
        let logKey = try PrivateKey.generateEd25519()
        let verifierKey = try NoteSigner(name: originName, key: logKey).verifierKey
        let statement = try self.statement(keys: keys, logKey: verifierKey.text)
        guard case .registryEstablished(let established) = statement.event else {
            throw RegistryError(.refused, "entry 0 does not establish a registry", hint: "see 'bitim audit'")
        }
        let certificates = try allCertificates(keys)
        let directory = try SignerDirectory(
            established.constitution, certificates: CertificateStore(certificates))
        let (leaf, _) = try EntrySigning(vault: vault, directory: directory)
            .leaf(of: statement, parties: parties.map(\.party), signingTime: now())
        let entry = Entry(leaf: leaf)
        // One time for the check and the cosignatures: nothing expires in between.
        let time = now()
        try requireSound(entry, certificates, now: time)

        vault.adopt(logKey, as: KeyVault.logKeyName)
        let identity = ContentDigest(entry.leafHash)
        try writeKeys(keys, identity: identity, statement: statement, logKey: logKey, passphrase: logPassphrase)
        try registry.placeCertificates(certificates)
        try registry.files.barrier()
        var writer = try LogWriter(folder: registry.files, head: .empty)
        let head = try writer.append([leaf])
        let policy = try WitnessPolicy(established.constitution)
        let signing = CheckpointSigning(
            registry: registry, keys: keys, vault: vault, constitution: established.constitution, policy: policy)
        let pending = try await signing.cosign(try signing.signAsLog(head, continuing: .empty), at: time) { _ in }
        guard pending.quorumMet else { return (identity, .pending(head, missing: pending.missing)) }
        _ = try signing.publish(pending)
        return (identity, .published(head))
    }

    private func requireUnused(_ registry: RegistryFolder, _ keys: KeysFolder, _ vault: KeyVault) throws {
        guard !registry.hasLedger else {
            throw RegistryError(
                .conflict, "there is a registry in \(registry.path) already",
                hint: "choose another folder with --registry")
        }
        guard Files.kind(keys.fullPath(KeysFolder.identityName)) == nil, !vault.has(KeyVault.logKeyName) else {
            throw RegistryError(
                .conflict, "the keys in \(keys.path) belong to a registry already",
                hint: "choose another folder with --keys: a log's key and a pinned identity serve one registry")
        }
    }

    /// A witness's key serves one registry of an origin: one that has signed for it already would refuse at the end.
    private func requireUnusedWitnesses(_ keys: KeysFolder) throws {
        for description in parties where Files.kind(keys.fullPath(KeyVault.keyName(description.party, .witness))) != nil
        {
            let state = try SignerState(keys, signer: .witness(description.party))
            guard try state.head(origin: origin) == .empty else {
                throw RegistryError(
                    .conflict, "the witness of \(description.party) has cosigned another registry of this origin",
                    hint: "choose another --origin, or make new keys")
            }
        }
    }

    /// Authorities, signers and the links between them. Other intermediates would belong to nothing.
    private func allCertificates(_ keys: KeysFolder) throws -> [Certificate] {
        try parties.flatMap { description in
            let authorities = try keys.authorities(description.party)
            let signers = try keys.signers(description.party)
            let intermediates = try keys.intermediates(description.party)
            let anchors = try TrustAnchors(authorities)
            var links: Set<SHA256Digest> = []
            for signer in signers {
                guard case .chain(let chain) = anchors.chain(for: signer, intermediates: intermediates) else {
                    continue
                }
                links.formUnion(chain.fingerprints)
            }
            return authorities + signers + intermediates.filter { links.contains($0.fingerprint) }
        }
    }

    private func requireSound(_ entry: Entry, _ certificates: [Certificate], now: Int64) throws {
        let store = CertificateStore(certificates)
        var judge = EntryJudge(certificates: store)
        let judged = judge.judge(
            entry, outcomes: SignatureCheck.outcomes(of: entry, certificates: store),
            proved: ProvedInterval(notBefore: nil, notAfter: nil), now: now, publishedRoot: { _ in nil })
        guard judged.verdict == .passed else {
            throw RegistryError(
                .refused, "entry 0 is refused: \(judged.findings.map(\.message).joined(separator: "; "))",
                hint: "mend what is said of the keys, then run 'bitim init' again", findings: judged.findings)
        }
    }

    private func writeKeys(
        _ keys: KeysFolder, identity: ContentDigest, statement: Statement, logKey: PrivateKey, passphrase: SecretBytes?
    ) throws {
        guard case .registryEstablished(let established) = statement.event else { return }
        try keys.files.makeFolder(keys.fullPath("private"), mode: 0o700)
        try SignerState.begin(keys, signer: .log)
        try keys.files.create(KeyVault.logKeyName, with: try logKey.pem(passphrase: passphrase).revealed(), mode: 0o600)
        try keys.files.replace(KeysFolder.policyName, with: try WitnessPolicy(established.constitution).bytes)
        try keys.files.create(KeysFolder.identityName, with: Array("\(identity)\n".utf8))
    }
}
