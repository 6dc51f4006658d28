import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// Clocks that are wrong, far away, or at the end of somebody's numbers.
@Suite struct ClockTests {
    @Test func `With a clock that is behind the last checkpoint nothing is signed, and it is said what is wrong`()
        async throws
    {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let states = try RegistryCopy(of: registry).signerStates()
        registry.advance(by: -86_400)
        let error = await #expect(throws: RegistryError.self) { try await registry.addBatch(["B-1"]) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("the clock of this machine is behind") == true)
        #expect(try RegistryCopy(of: registry).signerStates() == states)
        // Looking is not signing.
        #expect(try await registry.audit().verdict == .passed)
        registry.advance(by: 86_400)
        try await registry.addBatch(["B-1"])
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `Proved times never go backwards, though clocks differ a little`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        registry.advance(by: -60)
        try await registry.addBatch(["B-1"])
        registry.advance(by: -100)
        try await registry.addBatch(["C-1"])
        let report = try await registry.audit()
        #expect(report.verdict == .passed)
        #expect(report.findings.isEmpty, "\(report.findings)")
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        let times = Publications(registry.registry, history: ledger.history).all.map(\.quorumTime)
        #expect(times == times.sorted() && times.count == 4)
    }

    /// Published, it would stop everybody until then.
    @Test func `A cosignature by a clock that is ahead is not taken over`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let key = registry.scratch.file("keys/private/UZ-witness.pem")
        let pem = try Data(contentsOf: URL(fileURLWithPath: key))
        try FileManager.default.removeItem(atPath: key)
        let head = try await registry.addBatch(["P-1"]).head
        let copy = try RegistryCopy(of: registry)
        func cosigned(_ seconds: Int64) throws -> CheckpointCopy {
            let elsewhere = try RegistryCopy(of: copy.scratch.path, now: copy.now + seconds)
            try pem.write(to: URL(fileURLWithPath: elsewhere.scratch.file("keys/private/UZ-witness.pem")))
            try CommandRun.restrict(elsewhere.scratch.file("keys/private/UZ-witness.pem"))
            return CheckpointCopy(source: "copy", bytes: try elsewhere.note(head, witnesses: ["UZ"]))
        }
        let before = try copy.signerStates()
        let ahead = try cosigned(86_400)
        let error = await #expect(throws: RegistryError.self) { try await copy.registrar().publish(taking: [ahead]) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("has cosigned at a time that is yet to come") == true)
        #expect(try copy.signerStates() == before)
        let publishing = try await copy.registrar().publish(taking: [cosigned(60)])
        #expect(publishing.missing == nil)
        #expect(try await copy.audit().verdict == .passed)
    }

    /// What programs with other clocks have cosigned.
    @Test(arguments: [60, 301] as [Int64])
    func `A checkpoint that was cosigned before a smaller one is a finding`(seconds: Int64) async throws {
        let registry = try await ScratchRegistry.filled(batches: [1, 1])
        let copy = try RegistryCopy(of: registry)
        let ledger = try OpenedLedger.open(registry: copy.registry, keys: copy.keys)
        let last = try #require(Publications(copy.registry, history: ledger.history).all.last)
        let earlier = try RegistryCopy(of: copy.scratch.path, now: last.quorumTime - 10 - seconds)
        let note = try earlier.note(last.head)
        try copy.put("checkpoints/003", note)
        try copy.put("ledger/checkpoint", note)
        let findings = try await copy.audit().findings.filter { $0.key == "checkpoint.time.backwards" }
        #expect(findings.map(\.severity) == [seconds > 300 ? .failed : .warning])
        #expect(findings.first?.path == "checkpoints/003")
    }

    @Test func `A claimed time that is out of order with the proved ones is a finding`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        for (id, claimed, key) in [
            ("E-1", registry.now - 86_400, "entry.time.claimed-early"),
            ("L-1", registry.now + 86_400, "entry.time.claimed-late"),
        ] {
            let leaf = try await registry.leaf(
                content: registry.statement(id).canonicalBytes,
                signers: [registry.signer("KZ"), registry.signer("UZ")],
                signingTime: claimed)
            try await registry.putByHand([leaf])
            #expect(try await registry.audit().findings.contains { $0.key == key }, "\(id)")
        }
    }

    /// 9999-12-31T23:59:59Z, the last time that certificates (RFC 5280, 4.1.2.5) and statements can say.
    private static let end: Int64 = 253_402_300_799
    private static let year: Int64 = 365 * 86_400

    /// Around the ends of 32 bits and of two digits of a year; in June of 9999, and before its very end.
    @Test(
        arguments: [
            2_147_482_647, 2_147_482_648, 2_524_606_999, 2_524_607_000, 4_294_966_296, 253_383_811_200, end - 1000,
        ] as [Int64])
    func `A registry of any year is made, added to and audited`(now: Int64) async throws {
        let scratch = ScratchFolder()
        let keys = KeysFolder(path: scratch.file("keys"))
        let registry = RegistryFolder(path: scratch.file("registry"))
        let made = min(now, Self.end - Self.year)
        for party in ["KZ", "UZ"] {
            _ = try Self.partyKeys(party, now: made).write(to: keys, passphrase: nil)
            #expect(try keys.signers(PartyID(party)!).map(\.notAfter) == [made + Self.year, made + Self.year])
        }
        let vault = KeyVault(keys) { _ in throw RegistryError(.usage, "none", hint: "none") }
        _ = try await Establishing(
            origin: "test.example/years", name: ScratchRegistry.english("Years"),
            parties: ["KZ", "UZ"].map { .init(party: PartyID($0)!, name: ScratchRegistry.english($0)) },
            isDemonstration: false
        ).run(registry: registry, keys: keys, vault: vault, logPassphrase: nil, now: { now })
        let registrar = try await Registrar.open(registry: registry, keys: keys, vault: vault, now: { now + 10 })
        _ = try registrar.sign("A-1", scratch)
        _ = try await registrar.commit()
        let report = try await Audit(registry: registry, keys: keys, now: now + 20).run()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.entries == 2)
    }

    private static func partyKeys(_ party: String, now: Int64) -> PartyKeys {
        PartyKeys(
            party: PartyID(party)!, organisation: party, witnessName: "\(party.lowercased())/witness",
            isDemonstration: false, years: 1, now: now)
    }

    @Test func `Certificates that would end after the year 9999 are not made`() throws {
        let scratch = ScratchFolder()
        let keys = KeysFolder(path: scratch.file("keys"))
        for now in [Self.end - Self.year + 1, Self.end, Self.end + 1, Int64.max] {
            let error = #expect(throws: RegistryError.self) {
                try Self.partyKeys("KZ", now: now).write(to: keys, passphrase: nil)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("no room for a certificate of 365 days") == true, "\(error?.message ?? "")")
            #expect(error?.hint.contains("set the clock") == true)
            #expect(Files.kind(keys.path) == nil)
        }
    }

    @Test(arguments: [Int64.min, -62_135_596_801, -1, 0, 253_402_300_800, Int64.max])
    func `At any time that a clock may show an audit ends without a trap`(now: Int64) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1]))
        let report = try await Audit(registry: copy.registry, keys: copy.keys, now: now).run()
        // Everything is published: no reader's clock decides anything. But nothing is signed by it.
        #expect(report.verdict == .passed, "\(report.findings)")
        let states = try copy.signerStates()
        let error = await #expect(throws: RegistryError.self) { try await copy.registrarAt(now) }
        let isBehind = now < copy.now
        #expect(error?.code == (isBehind ? .unavailable : .refused))
        let reason = isBehind ? "the clock of this machine is behind: it says" : "the certificate is expired"
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(try copy.signerStates() == states)
    }

    @Test(arguments: ["UTC", "Asia/Tashkent", "Asia/Almaty", "America/St_Johns", "America/Adak", "Pacific/Kiritimati"])
    func `No time zone changes what is said`(zone: String) throws {
        for arguments in [
            ["list"], ["list", "--json"], ["show", "KZ-UZ-2025-06"], ["show", "KZ-UZ-2025-06", "--json"], ["status"],
            ["audit"], ["verify", "KZ-UZ-2025-06"],
        ] {
            func said(_ zone: String) throws -> [String] {
                let run = try CommandRun.bitim(arguments, folder: PackageRoot.path, environment: ["TZ": zone])
                #expect(run.status == 0)
                return [run.standardOutput, run.standardError]
            }
            // How long ago something was may be another number a second later.
            let (before, there, after) = (try said("UTC"), try said(zone), try said("UTC"))
            #expect(there == before || there == after, "\(arguments)")
            #expect(!there[0].isEmpty)
        }
    }

    /// 24 hours apart, in summer 23: it is hardly ever the same day in both.
    @Test func `No time zone changes what is registered`() throws {
        // The clock of whole seconds may be a moment behind the finer one.
        let started = Int64(Date().timeIntervalSince1970) - 1
        let folder = try CommandFolder()
        try folder.scratch.write("A text.\n", to: "text.txt")
        let texts = try ["Pacific/Kiritimati", "America/Adak"].map { zone in
            let copy = ScratchFolder()
            _ = try CommandRun.run("/bin/cp", ["-a", "\(folder.scratch.path)/.", copy.path], folder: "/")
            return try [
                [
                    "add", "text.txt", "--id", "A-1", "--title", "en=A", "--kind", "plan", "--date", "2025-12-31",
                    "--sign", "KZ,UZ", "--yes",
                ],
                ["record", "entered-into-force", "A-1", "--date", "2026-01-01", "--sign", "KZ,UZ", "--yes"],
                ["list"], ["show", "A-1"], ["verify", "A-1"], ["status"], ["audit"],
            ].map { arguments in
                let run = try CommandRun.bitim(arguments, folder: copy.path, environment: ["TZ": zone])
                #expect(run.status == 0, "\(zone): \(arguments): \(run.standardError)")
                return try Self.timeless(
                    run.standardOutput + run.standardError, between: started, and: Int64(Date().timeIntervalSince1970))
            }
        }
        for (there, elsewhere) in zip(texts[0], texts[1]) { #expect(there == elsewhere) }
        #expect(texts[0].joined().contains("2026-01-01"))
    }

    /// The text without what is another in each run: digests, and times, all of which have to be between these two.
    private static func timeless(_ text: String, between start: Int64, and end: Int64) throws -> String {
        for match in text.matches(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) {
            let time = try #require(UTCTime(text: String(match.output)))
            #expect((start...end).contains(time.posixSeconds), "\(match.output)")
        }
        for match in text.matches(of: /-attime (\d+)/) {
            #expect((start...end).contains(try #require(Int64(match.1))), "\(match.output)")
        }
        return text.replacing(/[0-9a-f]{64}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|-attime \d+|\d+ s ago/, with: "…")
    }
}

extension RegistryCopy {
    fileprivate func registrarAt(_ now: Int64) async throws {
        let registrar = try await Registrar.open(
            registry: registry, keys: keys, vault: vault(), now: { now }, patienceSeconds: 10)
        _ = try registrar.sign("T-1", scratch)
        _ = try await registrar.commit()
    }
}
