import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing

/// A registry, and the machines of those who draft for it: each capital has its own private keys and no other's.
struct DraftDesk {
    let home: ScratchRegistry
    private let machines = ScratchFolder()

    var now: Int64 { home.now }

    static func open(parties: [String] = ["KZ", "UZ"]) async throws -> DraftDesk {
        DraftDesk(home: try await ScratchRegistry.established(parties: parties))
    }

    init(home: ScratchRegistry) { self.home = home }

    /// The keys folder of a party's machine: everything public, and that party's private keys.
    func keys(of party: String) throws -> KeysFolder {
        let path = machines.file(party)
        if !FileManager.default.fileExists(atPath: path) {
            try FileManager.default.copyItem(atPath: home.keys.path, toPath: path)
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(path)/private")
            where !name.hasPrefix("\(party)-") {
                try FileManager.default.removeItem(atPath: "\(path)/private/\(name)")
            }
        }
        return KeysFolder(path: path)
    }

    static func vault(_ keys: KeysFolder) -> KeyVault {
        KeyVault(keys) { _ in throw RegistryError(.usage, "a test's keys have no passphrase", hint: "none") }
    }

    // MARK: Drafting

    func ledger(_ id: String) async throws -> DraftLedger {
        try await DraftLedger.read(registry: home.registry, keys: home.keys, agreement: AgreementID(id)!, now: now)
    }

    func draft(_ id: String, title: String = "An agreement", expires: UTCTime? = nil) async throws -> Draft {
        try await ledger(id).draft(
            of: .agreementRegistered(ScratchRegistry.body(title: title)), agreement: AgreementID(id)!, expires: expires)
    }

    func consent(_ id: String, of party: String, notes: String? = nil) async throws -> Draft {
        let body = AgreementConsented(
            party: PartyID(party)!, means: .approval, documents: [], sources: [], notes: notes)
        return try await ledger(id).draft(of: .agreementConsented(body), agreement: AgreementID(id)!, expires: nil)
    }

    // MARK: Looking and signing

    func report(
        _ draft: Draft, on party: String? = nil, withLedger: Bool = true, at time: Int64? = nil
    ) async throws -> DraftReport {
        let keys = try party.map(keys) ?? home.keys
        var ledger: DraftLedger?
        if withLedger {
            ledger = try await DraftLedger.read(
                registry: home.registry, keys: keys, agreement: draft.statement.agreement, now: time ?? now)
        }
        return try DraftReport(draft, ledger: ledger, keys: keys, now: time ?? now)
    }

    func signing(
        _ draft: Draft, on party: String? = nil, withLedger: Bool = true, at time: Int64? = nil
    ) async throws -> DraftSigning {
        DraftSigning(
            try await report(draft, on: party, withLedger: withLedger, at: time),
            keys: try party.map(keys) ?? home.keys, now: time ?? now)
    }

    /// As `bitim sign` does it on the machine of the party.
    func signed(
        _ draft: Draft, by party: String, number: Int? = nil, withLedger: Bool = true, at time: Int64? = nil
    ) async throws -> Draft {
        let signing = try await signing(draft, on: party, withLedger: withLedger, at: time)
        try signing.requireSignable()
        let vault = Self.vault(try keys(of: party))
        return try signing.sign(for: try signing.party(nil, vault: vault), signer: number, vault: vault)
    }

    /// As `bitim sign --import` does it.
    func taking(_ bytes: [UInt8], into draft: Draft, certificates: [Certificate] = []) async throws -> Draft {
        let signing = try await signing(draft)
        try signing.requireSignable()
        return try signing.importing(bytes, into: draft, certificates: certificates, from: "a.cms")
    }

    /// As `bitim add DRAFT` does it.
    @discardableResult
    func register(_ draft: Draft, at time: Int64? = nil) async throws -> Registrar.Registered {
        try await report(draft, at: time).requireRegistrable()
        let registrar = try await home.registrar()
        let registered = try registrar.queue(leaf: draft.leaf(), documents: [:])
        _ = try await registrar.commit()
        home.advance(by: 10)
        return registered
    }

    /// What must be refused, with these words.
    static func expectRefusal(
        _ words: String, _ code: RegistryError.Code = .refused, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        let error = await #expect(throws: RegistryError.self, sourceLocation: sourceLocation) { try await body() }
        guard let error else { return }
        #expect(error.message.contains(words), "\(error.message)", sourceLocation: sourceLocation)
        #expect(error.code == code, "\(error.code)", sourceLocation: sourceLocation)
        #expect(error.hint.isEmpty == false, "it says what to do", sourceLocation: sourceLocation)
    }
}
