import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing

/// The machines of two parties, before there is a registry: each has its own private keys, and of the other the public
/// files alone. The log's key is made where the draft of entry 0 is written.
struct TwoCapitals {
    static let origin = "test.example/apart"
    static let parties = ["KZ", "UZ"]

    let scratch = ScratchFolder()
    let now = ScratchRegistry.start + 100

    init() throws {
        for name in Self.parties { try Self.makeKeys(name, in: keys(name)) }
        for (name, other) in [("KZ", "UZ"), ("UZ", "KZ")] { try send("keys/\(name)", from: name, to: other) }
    }

    static func makeKeys(_ party: String, in keys: KeysFolder) throws {
        _ = try PartyKeys(
            party: PartyID(party)!, organisation: "Party \(party)", witnessName: "\(party.lowercased())/witness",
            isDemonstration: false, years: 10, now: ScratchRegistry.start
        ).write(to: keys, passphrase: nil)
    }

    func keys(_ machine: String) -> KeysFolder { KeysFolder(path: scratch.file("\(machine)/keys")) }
    func registry(_ machine: String) -> RegistryFolder { RegistryFolder(path: scratch.file("\(machine)/registry")) }

    func vault(_ machine: String) -> KeyVault {
        KeyVault(keys(machine)) { _ in throw RegistryError(.usage, "a test's keys have no passphrase", hint: "none") }
    }

    /// Copies a file or a folder between the machines.
    func send(_ name: String, from machine: String, to other: String) throws {
        let target = scratch.file("\(other)/\(name)")
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: scratch.file("\(machine)/\(name)"), toPath: target)
    }

    static func establishing(name: String = "A registry of two", parties: [String] = parties) -> Establishing {
        Establishing(
            origin: origin, name: ScratchRegistry.english(name),
            parties: parties.map { .init(party: PartyID($0)!, name: ScratchRegistry.english($0)) },
            isDemonstration: false)
    }

    /// As `bitim init --draft` on a machine.
    func draft(on machine: String = "KZ", expires: UTCTime? = nil) throws -> Draft {
        try Self.establishing().draft(
            keys: keys(machine), vault: vault(machine), logPassphrase: nil, expires: expires, now: now)
    }

    func report(_ draft: Draft, on machine: String, at time: Int64? = nil) throws -> DraftReport {
        try DraftReport(draft, ledger: nil, keys: keys(machine), now: time ?? now)
    }

    /// As `bitim sign` on the party's machine, with what came there as a file.
    func signed(_ draft: Draft, by party: String, at time: Int64? = nil) throws -> Draft {
        let sent = try Draft(parsing: draft.bytes, name: "sent")
        let signing = DraftSigning(try report(sent, on: party, at: time), keys: keys(party), now: time ?? now)
        try signing.requireSignable()
        let vault = vault(party)
        return try signing.sign(for: try signing.party(nil, vault: vault), signer: nil, vault: vault)
    }

    func signedByAll(_ draft: Draft) throws -> Draft { try signed(signed(draft, by: "KZ"), by: "UZ") }

    /// As `bitim init DRAFT` on a machine.
    func establish(_ draft: Draft, on machine: String = "KZ", at time: Int64? = nil) async throws
        -> Registrar.Publishing
    {
        try await Establishing.run(
            report(draft, on: machine, at: time), registry: registry(machine), keys: keys(machine),
            vault: vault(machine), now: { time ?? now })
    }

    /// As `bitim init DRAFT --keys-only` on a machine.
    @discardableResult
    func pin(_ draft: Draft, on machine: String) throws -> [String] {
        try Establishing.pin(report(draft, on: machine), keys: keys(machine))
    }

    func registrar(_ machine: String, _ purpose: Registrar.Purpose = .completing) async throws -> Registrar {
        try await Registrar.open(
            registry: registry(machine), keys: keys(machine), vault: vault(machine), now: { now }, purpose: purpose)
    }

    /// The registry goes to the other machine, whose witness cosigns, and the checkpoint comes back.
    func cosignElsewhere(_ machine: String = "UZ", log: String = "KZ") async throws -> Registrar.Publishing {
        try send("registry", from: log, to: machine)
        _ = try await registrar(machine).cosign(parties: [PartyID(machine)!])
        let folder = registry(machine)
        let path = folder.fullPath(folder.isPublished ? RegistryFolder.checkpointName : RegistryFolder.pendingName)
        let copy = CheckpointCopy(source: "cosigned", bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        return try await registrar(log).publish(taking: [copy])
    }

    func audit(_ machine: String) async throws -> AuditReport {
        try await Audit(registry: registry(machine), keys: keys(machine), now: now).run()
    }
}

extension Registrar.Publishing {
    var isPublished: Bool {
        if case .published = self { return true }
        return false
    }
}
