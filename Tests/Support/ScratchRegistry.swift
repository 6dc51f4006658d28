package import Agreements
package import OpenSSLKit
package import Registry
internal import TiledLog
internal import TransparencyLog

/// A registry of two parties in a scratch folder, with all keys at hand, unencrypted, and a clock that only moves when
/// a test moves it.
package final class ScratchRegistry {
    package static let start: Int64 = 1_800_000_000
    package static let kz = PartyID("KZ")!
    package static let uz = PartyID("UZ")!

    package let scratch = ScratchFolder()
    package let registry: RegistryFolder
    package let keys: KeysFolder
    package private(set) var identity: ContentDigest
    private let clock = TestClock()

    package var now: Int64 { clock.now }
    package func advance(by seconds: Int64) { clock.advance(by: seconds) }

    /// Keys only, no registry yet.
    package init(parties: [String] = ["KZ", "UZ"]) throws {
        registry = RegistryFolder(path: scratch.file("registry"))
        keys = KeysFolder(path: scratch.file("keys"))
        identity = ContentDigest.of([])
        for party in parties {
            _ = try PartyKeys(
                party: PartyID(party)!, organisation: "Party \(party)", witnessName: "\(party.lowercased())/witness",
                isDemonstration: false, years: 10, now: Self.start
            ).write(to: keys, passphrase: nil)
        }
    }

    package static func established(
        parties: [String] = ["KZ", "UZ"], origin: String = "test.example/registry"
    ) async throws -> ScratchRegistry {
        let scratch = try ScratchRegistry(parties: parties)
        try await scratch.establish(parties: parties, origin: origin)
        return scratch
    }

    package func establish(parties: [String] = ["KZ", "UZ"], origin: String = "test.example/registry") async throws {
        let clock = clock
        let (identity, _) = try await Establishing(
            origin: origin, name: Self.english("A test's registry"),
            parties: parties.map { .init(party: PartyID($0)!, name: Self.english($0)) }, isDemonstration: false
        ).run(registry: registry, keys: keys, vault: vault(), logPassphrase: nil, now: { clock.now })
        self.identity = identity
        clock.advance(by: 10)
    }

    package func vault() -> KeyVault {
        KeyVault(keys) { _ in throw RegistryError(.usage, "a test's keys have no passphrase", hint: "none") }
    }

    package func registrar(patienceSeconds: Double = 10) async throws -> Registrar {
        let clock = clock
        return try await Registrar.open(
            registry: registry, keys: keys, vault: vault(), now: { clock.now }, patienceSeconds: patienceSeconds)
    }

    package func audit() async throws -> AuditReport {
        try await Audit(registry: registry, keys: keys, now: now).run()
    }

    // MARK: Ordinary entries

    package static func english(_ text: String) -> LocalizedText {
        LocalizedText([.init(language: LanguageTag(text: "en")!, text: text)])
    }

    package static func body(
        title: String? = "An agreement", parties: [String] = ["KZ", "UZ"], documents: [Document] = []
    ) -> AgreementRegistered {
        AgreementRegistered(
            title: title.map(english), titleStatus: title == nil ? .unpublished : .original, kind: .agreement,
            parties: parties.map { AgreementParty(party: PartyID($0)!) }, concluded: Conclusion(), documents: documents)
    }

    /// A document of the given text, written beside the registry.
    package func document(_ text: String, name: String) throws -> (Document, [ContentDigest: String]) {
        try scratch.write(text, to: "documents/\(name)")
        let path = scratch.file("documents/\(name)")
        let (document, digest) = try DocumentDescription(path: path, role: .text).read()
        return (document, [digest: path])
    }

    /// A restricted document of the given text, written beside the registry.
    package func restrictedDocument(
        _ text: String, name: String
    ) throws -> (Document, [DocumentCommitment: RestrictedDocument]) {
        try scratch.write(text, to: "documents/\(name)")
        var given = GivenDocuments()
        try given.add(
            DocumentDescription(path: scratch.file("documents/\(name)"), role: .text), access: .restricted)
        return (given.documents[0], given.restricted)
    }

    /// Registers and publishes an agreement whose title and document are restricted.
    @discardableResult
    package func addRestricted(_ id: String, text: String) async throws -> Document {
        let (document, restricted) = try restrictedDocument(text, name: "\(id).txt")
        let registrar = try await registrar()
        let statement = try registrar.statement(
            of: .agreementRegistered(Self.body(title: nil, documents: [document])), agreement: AgreementID(id)!)
        _ = try registrar.sign(statement, documents: [:], restricted: restricted)
        _ = try await registrar.commit()
        advance(by: 10)
        return document
    }

    /// Registers and publishes an agreement, with a document of its own.
    @discardableResult
    package func add(_ id: String) async throws -> Registrar.Registered {
        let registrar = try await registrar()
        let (document, files) = try document("The text of \(id).\n", name: "\(id).txt")
        let statement = try registrar.statement(
            of: .agreementRegistered(Self.body(title: "Agreement \(id)", documents: [document])),
            agreement: AgreementID(id)!)
        let registered = try registrar.sign(statement, documents: files)
        _ = try await registrar.commit()
        advance(by: 10)
        return registered
    }

    // MARK: Keys that change

    package func rotation() throws -> KeyRotation {
        KeyRotation(
            try OpenedLedger.open(registry: registry, keys: keys), vault: vault(), passphrase: nil, now: now)
    }

    package func enrolment(_ party: String) throws -> KeyEnrolment {
        try KeyEnrolment(OpenedLedger.open(registry: registry, keys: keys), party: PartyID(party)!)
    }

    /// Registers and publishes a change that every party signs, with the certificates that are prepared in `keys/`.
    @discardableResult
    package func change(_ change: RegistryChanged) async throws -> Registrar.Publishing {
        let registrar = try await registrar()
        for party in keys.parties() {
            registrar.offer(
                try keys.preparedAuthorities(party) + keys.preparedSigners(party).flatMap(\.certificates))
        }
        _ = try registrar.sign(registrar.statement(of: .registryChanged(change), agreement: nil), documents: [:])
        let publishing = try await registrar.commit()
        advance(by: 10)
        return publishing
    }

    // MARK: What no honest program does

    /// A registration's statement as the next of its life.
    package func statement(_ id: String, title: String = "An agreement") async throws -> Statement {
        try await registrar().statement(of: .agreementRegistered(Self.body(title: title)), agreement: AgreementID(id)!)
    }

    /// A listed signer of a party, 1 or 2.
    package func signer(_ party: String, _ number: Int = 1) throws -> (certificate: Certificate, key: PrivateKey) {
        let id = PartyID(party)!
        return (
            try keys.signers(id)[number - 1],
            try vault().key(KeyVault.keyName(id, .signer(number)), owner: .party(id))
        )
    }

    package func authority(_ party: String) throws -> (certificate: Certificate, key: PrivateKey) {
        let id = PartyID(party)!
        return (try keys.authorities(id)[0], try vault().key(KeyVault.keyName(id, .authority), owner: .party(id)))
    }

    /// Signs any bytes with any keys, and assembles them as a leaf.
    package func leaf(
        content: [UInt8], signers: [(certificate: Certificate, key: PrivateKey)], signingTime: Int64? = nil
    ) throws -> [UInt8] {
        try SignedData.assemble(
            signers.map { signer in
                try SignedData(
                    derBytes: SignedData.sign(
                        content, certificate: signer.certificate, key: signer.key, signingTime: signingTime ?? now))
            })
    }

    /// Puts leaves into the ledger whatever they are, signed by the log and cosigned by both witnesses: what a dishonest
    /// operator with all checkpoint keys could do.
    package func putByHand(_ leaves: [[UInt8]]) async throws {
        let clock = clock
        let ledger = try OpenedLedger.open(registry: registry, keys: keys)
        var writer = try LogWriter(folder: registry.files, head: ledger.publishedHead)
        let head = try writer.append(leaves)
        let signing = CheckpointSigning(
            registry: registry, keys: keys, vault: vault(), constitution: ledger.history.state.constitution,
            policy: ledger.history.policy(forTreeSize: .max))
        let pending = try await signing.cosign(
            try signing.signAsLog(head, continuing: ledger.publishedHead), at: now
        ) { _ in }
        _ = try signing.publish(pending)
        clock.advance(by: 10)
    }

    /// Puts leaves into the ledger whatever they are, signed by the log alone: what a dishonest operator could do.
    package func putPending(_ leaves: [[UInt8]]) throws {
        let clock = clock
        let ledger = try OpenedLedger.open(registry: registry, keys: keys)
        var writer = try LogWriter(folder: registry.files, head: ledger.publishedHead)
        let head = try writer.append(leaves)
        let signing = CheckpointSigning(
            registry: registry, keys: keys, vault: vault(), constitution: ledger.history.state.constitution,
            policy: ledger.history.policy(forTreeSize: .max))
        _ = try signing.signAsLog(head, continuing: ledger.publishedHead)
        clock.advance(by: 10)
    }

    /// Puts a certificate where an audit looks for it, listed or not.
    package func holdCertificate(_ certificate: Certificate) throws {
        let name = RegistryFolder.certificateName(ContentDigest(certificate.fingerprint))
        try registry.files.replace(name, with: certificate.derBytes)
    }
}

/// Moves only when it is told to.
private final class TestClock: @unchecked Sendable {
    // Tests move it from one task at a time.
    private(set) var now = ScratchRegistry.start

    func advance(by seconds: Int64) { now += seconds }
}
