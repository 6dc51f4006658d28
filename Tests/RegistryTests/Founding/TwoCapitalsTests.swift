import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// Entry 0 signed apart, from nothing to the first agreement.
@Suite struct TwoCapitalsTests {
    @Test func `Two parties with nothing but each other's public files establish a registry`() async throws {
        let capitals = try TwoCapitals()
        let draft = try capitals.draft()
        #expect(draft.required.map(\.text) == ["KZ", "UZ"])
        #expect(draft.statement.ledger == .origin(TwoCapitals.origin))
        #expect(try capitals.report(draft, on: "UZ").state == .waiting)
        #expect(try capitals.report(draft, on: "UZ").identity == nil)

        let whole = try capitals.signedByAll(draft)
        let report = try capitals.report(whole, on: "UZ")
        #expect(report.state == .ready, "\(report.allFindings)")
        let identity = try #require(report.identity)
        #expect(try identity == ContentDigest(Entry(leaf: whole.leaf()).leafHash))
        #expect(try capitals.report(whole, on: "KZ").identity == identity)

        let publishing = try await capitals.establish(whole)
        guard case .pending(let head, let missing, _) = publishing else {
            Issue.record("published without the witness of UZ")
            return
        }
        #expect(head.size == 1 && ContentDigest(head.root) == identity)
        #expect(missing == ["UZ"])
        #expect(try capitals.keys("KZ").identity() == identity)

        #expect(try capitals.pin(whole, on: "UZ") == ["policy", "identity"])
        #expect(try capitals.keys("UZ").identity() == identity)
        #expect(try capitals.keys("UZ").policy() == capitals.keys("KZ").policy())
        #expect(try capitals.pin(whole, on: "UZ").isEmpty, "once more does nothing")
        #expect(try await capitals.cosignElsewhere().isPublished)
        for machine in TwoCapitals.parties {
            let audit = try await capitals.audit(machine)
            #expect(audit.verdict == .passed, "\(audit.findings)")
            #expect(audit.entries == 1)
            #expect(audit.signatures == 2)
        }

        // On neither machine a private key of the other.
        for (machine, other) in [("KZ", "UZ"), ("UZ", "KZ")] {
            let names = try FileManager.default.contentsOfDirectory(atPath: capitals.keys(machine).fullPath("private"))
            #expect(names.contains("\(machine)-signer-1.pem"))
            #expect(!names.contains { $0.hasPrefix(other) })
        }
    }

    @Test func `The first agreement is drafted and signed apart on what they have established`() async throws {
        let capitals = try TwoCapitals()
        let whole = try capitals.signedByAll(capitals.draft())
        _ = try await capitals.establish(whole)
        try capitals.pin(whole, on: "UZ")
        _ = try await capitals.cosignElsewhere()

        let id = AgreementID("A-1")!
        func ledger(_ machine: String) async throws -> DraftLedger {
            try await DraftLedger.read(
                registry: capitals.registry(machine), keys: capitals.keys(machine), agreement: id, now: capitals.now)
        }
        var draft = try await ledger("UZ").draft(
            of: .agreementRegistered(ScratchRegistry.body()), agreement: id, expires: nil)
        for machine in TwoCapitals.parties {
            let report = try DraftReport(
                draft, ledger: try await ledger(machine), keys: capitals.keys(machine), now: capitals.now)
            let signing = DraftSigning(report, keys: capitals.keys(machine), now: capitals.now)
            try signing.requireSignable()
            let vault = capitals.vault(machine)
            draft = try signing.sign(for: try signing.party(nil, vault: vault), signer: nil, vault: vault)
        }
        try await Self.add(draft, on: "KZ", capitals)
        #expect(try await capitals.cosignElsewhere().isPublished)
        for machine in TwoCapitals.parties {
            let audit = try await capitals.audit(machine)
            #expect(audit.verdict == .passed && audit.agreements == 1, "\(audit.findings)")
        }
    }

    private static func add(_ draft: Draft, on machine: String, _ capitals: TwoCapitals) async throws {
        let registrar = try await capitals.registrar(machine, .adding)
        _ = try registrar.queue(leaf: draft.leaf(), documents: [:])
        #expect(try await !registrar.commit().isPublished)
    }

    @Test func `Whoever keeps the log needs no key of a party, and no witness`() async throws {
        let capitals = try TwoCapitals()
        for party in TwoCapitals.parties { try capitals.send("keys/\(party)", from: party, to: "LOG") }
        let whole = try capitals.signedByAll(capitals.draft(on: "LOG"))
        guard case .pending(_, let missing, _) = try await capitals.establish(whole, on: "LOG") else {
            Issue.record("published without a witness")
            return
        }
        #expect(missing == ["KZ", "UZ"])
        for party in TwoCapitals.parties {
            try capitals.pin(whole, on: party)
            let isLast = party == "UZ"
            #expect(try await capitals.cosignElsewhere(party, log: "LOG").isPublished == isLast)
        }
        #expect(try await capitals.audit("LOG").verdict == .passed)
        let names = try FileManager.default.contentsOfDirectory(atPath: capitals.keys("LOG").fullPath("private"))
        #expect(names.filter { $0.hasSuffix(".pem") } == ["log.pem"])
    }

    @Test func `With openssl on one side and the program on the other, from nothing to a published entry 0`() throws {
        let scratch = ScratchFolder()
        func sh(_ machine: String, _ command: String, status: Int32 = 0) throws -> String {
            let program = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
            let run = try CommandRun.run(
                "/bin/sh", ["-c", command], folder: scratch.file(machine),
                environment: ["PATH": "\(program):/usr/bin:/bin"])
            #expect(run.status == status, "\(command): \(run.standardError)")
            return run.standardOutput
        }
        try FileManager.default.createDirectory(atPath: scratch.file("kz"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: scratch.file("uz"), withIntermediateDirectories: true)
        _ = try sh("kz", "bitim keys new KZ --unencrypted -q")
        _ = try sh("uz", "bitim keys new UZ --unencrypted --algorithm p384 -q")
        _ = try sh("", "cp -r kz/keys/KZ uz/keys; cp -r uz/keys/UZ kz/keys")
        _ = try sh("kz", "bitim init --origin test.example/tools --draft zero.draft --unencrypted-log -q")
        _ = try sh("kz", "bitim sign zero.draft --yes -q")
        _ = try sh("", "cp kz/zero.draft uz")
        _ = try sh("uz", "bitim sign zero.draft --statement -o statement.json")
        _ = try sh(
            "uz",
            "openssl cms -sign -binary -cades -nosmimecap -outform DER -md sha384 "
                + "-signer keys/UZ/signer-1.pem -inkey keys/private/UZ-signer-1.pem -in statement.json -out uz.cms")
        let told = try sh("uz", "bitim sign zero.draft --import uz.cms")
        #expect(told.contains("ready: 'bitim init zero.draft' establishes it"))
        let pinned = try sh("uz", "bitim init zero.draft --keys-only --yes -q")
        #expect(told.contains("identity \(pinned)"))
        _ = try sh("", "cp uz/zero.draft kz")
        #expect(try sh("kz", "bitim init zero.draft --yes -q", status: 3) == pinned)
        _ = try sh("", "cp -a kz/registry uz")
        _ = try sh("uz", "bitim cosign UZ -q")
        _ = try sh("", "cp uz/registry/ledger/checkpoint kz/cosigned")
        _ = try sh("kz", "bitim publish cosigned -q")
        for machine in ["kz", "uz"] { #expect(try sh(machine, "bitim audit -q") == "passed\n") }
        #expect(try sh("kz", "bitim show zero.draft -q") == "registered\n")
    }

    @Test func `Who signs first does not matter: the identity is the same`() throws {
        let capitals = try TwoCapitals()
        let draft = try capitals.draft()
        let kz = try capitals.signed(draft, by: "KZ")
        let uz = try capitals.signed(draft, by: "UZ")
        func merged(_ one: Draft, _ other: Draft) throws -> Draft {
            let report = try capitals.report(one, on: "KZ")
            return try DraftSigning(report, keys: capitals.keys("KZ"), now: capitals.now)
                .merging(other, into: one, from: "other")
        }
        let identities = try [merged(kz, uz), merged(uz, kz)].map { try capitals.report($0, on: "UZ").identity }
        #expect(identities[0] != nil && identities[0] == identities[1])
    }

    @Test func `A draft of entry 0 is read as it was written, with the certificates that it names`() throws {
        let capitals = try TwoCapitals()
        let draft = try capitals.signed(capitals.draft(), by: "KZ")
        #expect(draft.offered.count == 6)
        #expect(try Draft(parsing: draft.bytes, name: "draft").bytes == draft.bytes)
        // Another party's keys, that nobody names, do not travel with it.
        let stranger = KeysFolder(path: capitals.scratch.file("stranger"))
        try TwoCapitals.makeKeys("XX", in: stranger)
        let foreign = try stranger.signers(PartyID("XX")!)
        #expect(Draft(draft.statement, required: Set(draft.required), offered: foreign).offered.isEmpty)
    }
}
