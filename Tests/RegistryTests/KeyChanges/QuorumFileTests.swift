import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Witnesses and the quorum as a registrar writes them down: `keys/policy`, edited.
@Suite struct QuorumFileTests {
    private static let kz = ScratchRegistry.kz

    private struct Desk {
        let registry: ScratchRegistry
        let second: VerifierKey
        let key: PrivateKey

        init() async throws {
            registry = try await ScratchRegistry.established()
            key = try PrivateKey.generateEd25519()
            second = try Cosigner(name: #require(KeyName("kz/second")), key: key).verifierKey
        }

        /// The present policy without its last lines, and these in their place.
        func policy(_ lines: [String], keeping kinds: [String] = ["log", "witness"]) throws -> [UInt8] {
            let text = String(decoding: try #require(try registry.keys.policy()), as: UTF8.self)
            let kept = text.split(separator: "\n").map(String.init)
                .filter { line in kinds.contains { line.hasPrefix("\($0) ") } }
            return Array((kept + lines).map { $0 + "\n" }.joined().utf8)
        }

        func change(_ lines: [String], of owner: String? = nil, keeping kinds: [String] = ["log", "witness"]) throws
            -> RegistryChanged
        {
            try QuorumFile.change(
                policy(lines, keeping: kinds), name: "new-policy", newWitnessesOf: owner.flatMap { PartyID($0) },
                in: OpenedLedger.open(registry: registry.registry, keys: registry.keys))
        }

        var withSecond: [String] {
            [
                "witness KZ-2 \(second.text)", "group KZ-any any KZ KZ-2", "group parties all KZ-any UZ",
                "quorum parties",
            ]
        }
    }

    @Test func `One more witness of a party comes into the quorum, and its threshold is raised later`() async throws {
        let desk = try await Desk()
        let registry = desk.registry
        try await registry.change(try desk.change(desk.withSecond, of: "KZ"))
        try registry.keys.files.create(
            KeyVault.witnessKeyName(Self.kz, desk.second), with: try desk.key.pem(passphrase: nil).revealed(),
            mode: 0o600)
        let first = try Files.read(registry.keys.fullPath("private/KZ-witness.pem"), maximumBytes: 1 << 16)
        registry.keys.files.remove("private/KZ-witness.pem")
        try await registry.add("KZ-UZ-1")
        func witnesses() throws -> [String]? {
            try OpenedLedger.open(registry: registry.registry, keys: registry.keys).published?.witnesses
        }
        #expect(try witnesses() == ["KZ-2", "UZ"])
        await DraftDesk.expectRefusal("KZ has 2 witnesses: KZ, KZ-2", .usage) {
            _ = try registry.rotation().witness(of: Self.kz)
        }
        // Nobody need say whose the witnesses are that are known.
        try registry.keys.files.create("private/KZ-witness.pem", with: first, mode: 0o600)
        // Only one of them is here: nobody asks for the other's key.
        registry.keys.files.remove(KeyVault.witnessKeyName(Self.kz, desk.second))
        try await registry.add("KZ-UZ-1-again")
        #expect(try witnesses() == ["KZ", "UZ"])
        try registry.keys.files.create(
            KeyVault.witnessKeyName(Self.kz, desk.second), with: try desk.key.pem(passphrase: nil).revealed(),
            mode: 0o600)
        try await registry.change(
            try desk.change(["group KZ-all 2 KZ KZ-2", "group parties all KZ-all UZ", "quorum parties"]))
        try await registry.add("KZ-UZ-2")
        #expect(try witnesses() == ["KZ", "KZ-2", "UZ"])
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
        // And goes again.
        try await registry.change(
            try desk.change(
                [
                    "witness KZ-2 \(desk.second.text)",
                    "witness UZ \(#require(try registry.keys.witnessKey(ScratchRegistry.uz)))",
                    "group both all KZ-2 UZ",
                    "quorum both",
                ], keeping: ["log"]))
        try await registry.add("KZ-UZ-3")
        #expect(try witnesses() == ["KZ-2", "UZ"])
        #expect(try await registry.audit().findings.isEmpty)
    }

    @Test func `The quorum implies every party's witness, whatever is written`() async throws {
        let desk = try await Desk()
        let cases: [(lines: [String], owner: String?, words: String, code: RegistryError.Code)] = [
            (["group any-one any KZ UZ", "quorum any-one"], nil, "without any witness of KZ", .refused),
            (["quorum KZ"], nil, "without any witness of UZ", .refused),
            (["quorum none"], nil, "has no quorum", .refused),
            (desk.withSecond, nil, "witness KZ-2 is new, and nobody says whose it is", .usage),
            (desk.withSecond, "TJ", "TJ is no party of the registry", .usage),
            (desk.withSecond, "UZ", "without any witness of KZ", .refused),
            (["group both all KZ", "quorum nobody"], nil, "is not a policy", .refused),
            (
                [
                    "group \(String(repeating: "g", count: 65)) all KZ UZ",
                    "quorum \(String(repeating: "g", count: 65))",
                ],
                nil, "cannot be a registry's", .refused
            ),
        ]
        for (lines, owner, words, code) in cases {
            await DraftDesk.expectRefusal(words, code) { _ = try desk.change(lines, of: owner) }
        }
        await DraftDesk.expectRefusal("these already") {
            _ = try desk.change([], keeping: ["log", "witness", "group", "quorum"])
        }
        // A party that loses its witness, and another log.
        await DraftDesk.expectRefusal("KZ has no witness") {
            let uz = try #require(try desk.registry.keys.witnessKey(ScratchRegistry.uz))
            _ = try desk.change(["witness UZ \(uz)", "quorum UZ"], keeping: ["log"])
        }
        let log = try NoteSigner(
            name: #require(KeyName("test.example/registry")), key: PrivateKey.generateEd25519()
        ).verifierKey
        await DraftDesk.expectRefusal("names another key for the log") {
            _ = try desk.change(
                ["log \(log.text)", "group parties all KZ UZ", "quorum parties"], keeping: ["witness"])
        }
    }

    @Test func `A key of the log that was made elsewhere comes into effect where both keys are`() async throws {
        let registry = try await ScratchRegistry.established()
        let key = try PrivateKey.generateEd25519()
        let verifierKey = try NoteSigner(name: #require(KeyName("test.example/registry")), key: key).verifierKey
        await DraftDesk.expectRefusal("the private half is not in", .unavailable) {
            _ = try registry.rotation().log(madeElsewhere: verifierKey.text, mustBeHere: true)
        }
        let other = try NoteSigner(name: #require(KeyName("other.example/log")), key: key).verifierKey
        for text in [other.text, "no key", try #require(try registry.keys.witnessKey(Self.kz))] {
            await DraftDesk.expectRefusal("it is not a key for the log test.example/registry") {
                _ = try registry.rotation().log(madeElsewhere: text, mustBeHere: false)
            }
        }
        let made = try registry.rotation().log(madeElsewhere: verifierKey.text, mustBeHere: false)
        // Registered where it is not, nothing is signed.
        await #expect(throws: RegistryError.self) { try await registry.change(made) }
        #expect(try await registry.audit().entries == 1)
        try registry.keys.files.create(
            KeyVault.logKeyName(verifierKey), with: try key.pem(passphrase: nil).revealed(), mode: 0o600)
        #expect(try registry.rotation().log(madeElsewhere: verifierKey.text, mustBeHere: true) == made)
        try await registry.change(made)
        try await registry.add("KZ-UZ-1")
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.entries == 3)
    }
}
