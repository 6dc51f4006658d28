import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// Drafts of entry 0 that no honest machine signs, establishes or pins.
@Suite struct FirstDraftRefusalTests {
    /// What entry 0 says, to be changed.
    struct Parts {
        var parties: [RegistryParty]
        var witnesses: [Witness]
        var groups: [WitnessGroup]

        mutating func change(_ party: String, authorities: [ContentDigest]? = nil, signers: [RegistrySigner]? = nil) {
            parties = parties.map { old in
                guard old.party.text == party else { return old }
                return RegistryParty(
                    party: old.party, name: old.name, authorities: (authorities ?? old.authorities).sorted(),
                    signers: (signers ?? old.signers).sorted { $0.certificate < $1.certificate })
            }
        }

        func signers(_ party: String) -> [RegistrySigner] { parties.first { $0.party.text == party }!.signers }
        func authorities(_ party: String) -> [ContentDigest] { parties.first { $0.party.text == party }!.authorities }
    }

    /// The draft with other parts, and whatever certificates it needs.
    private static func changed(
        _ draft: Draft, offered: [Certificate] = [], _ change: (inout Parts) throws -> Void
    ) throws -> Draft {
        guard case .registryEstablished(let body) = draft.statement.event else { throw CocoaError(.coderInvalidValue) }
        let old = body.constitution
        var parts = Parts(parties: old.parties, witnesses: old.quorum.witnesses, groups: old.quorum.groups)
        try change(&parts)
        let new = RegistryEstablished(
            demonstration: old.demonstration, log: old.log, name: old.name, parties: parts.parties,
            quorum: try Quorum(witnesses: parts.witnesses, groups: parts.groups, name: old.quorum.name))
        let statement = try Statement.checked(
            agreement: nil, event: .registryEstablished(new), ledger: draft.statement.ledger, previous: nil, tree: nil)
        return Draft(statement, required: Set(draft.required), offered: draft.offered + offered)
    }

    private static func listed(_ certificate: Certificate) throws -> RegistrySigner {
        RegistrySigner(
            certificate: ContentDigest(certificate.fingerprint),
            publicKey: SubjectPublicKeyInfo(derBytes: try certificate.publicKey.subjectPublicKeyInfo()))
    }

    enum Tampering: String, CaseIterable, Sendable {
        case authority = "names another authority for KZ"
        case moreAuthorities = "names another authority for KZ, beside its own"
        case signer = "names another signer for KZ"
        case ownAuthoritysSigner = "names another signer for KZ, of its own authority"
        case fewerSigners = "leaves out a signer"
        case witness = "names another witness key for KZ"
        case swappedWitnesses = "names another witness key for KZ, that of UZ"
        case moreWitnesses = "names another witness key for KZ, either of which is enough"

        /// With keys that somebody else has made under the name of KZ.
        func tamper(_ draft: Draft, impostor: KeysFolder, _ capitals: TwoCapitals) throws -> Draft {
            let kz = ScratchRegistry.kz
            let authority = try impostor.authorities(kz)[0]
            let signer = try impostor.signers(kz)[0]
            let witness = try #require(try impostor.witnessKey(kz))
            let offered = [authority, signer]
            return try FirstDraftRefusalTests.changed(draft, offered: offered) { parts in
                switch self {
                case .authority:
                    parts.change(
                        "KZ", authorities: [ContentDigest(authority.fingerprint)],
                        signers: [try FirstDraftRefusalTests.listed(signer)])
                case .moreAuthorities:
                    parts.change(
                        "KZ", authorities: parts.authorities("KZ") + [ContentDigest(authority.fingerprint)])
                case .signer, .ownAuthoritysSigner:
                    parts.change(
                        "KZ", signers: parts.signers("KZ") + [try FirstDraftRefusalTests.listed(signer)])
                case .fewerSigners: parts.change("KZ", signers: Array(parts.signers("KZ").prefix(1)))
                case .witness:
                    parts.witnesses[0] = Witness(name: "KZ", party: kz, key: witness)
                case .swappedWitnesses:
                    let keys = parts.witnesses.map(\.key)
                    parts.witnesses = [
                        Witness(name: "KZ", party: kz, key: keys[1]),
                        Witness(name: "UZ", party: ScratchRegistry.uz, key: keys[0]),
                    ]
                case .moreWitnesses:
                    parts.witnesses.insert(Witness(name: "KZ-2", party: kz, key: witness), at: 1)
                    parts.groups = [
                        WitnessGroup(name: "either", threshold: 1, members: ["KZ", "KZ-2"]),
                        WitnessGroup(name: "parties", threshold: 2, members: ["UZ", "either"]),
                    ]
                }
            }
        }

        var makesOwnAuthority: Bool { self == .ownAuthoritysSigner }
    }

    /// Whoever keeps the log writes what it likes; KZ finds it in its own files, and UZ in what it got from KZ.
    @Test(arguments: Tampering.allCases)
    func `Nobody writes another authority, signer or witness into entry 0 for a party`(_ tampering: Tampering)
        async throws
    {
        let capitals = try TwoCapitals()
        let impostor = KeysFolder(path: capitals.scratch.file("impostor"))
        try TwoCapitals.makeKeys("KZ", in: impostor)
        if tampering.makesOwnAuthority { try Self.issue(capitals, into: impostor) }
        let honest = try capitals.draft()
        let tampered = try tampering.tamper(honest, impostor: impostor, capitals)
        for machine in TwoCapitals.parties {
            let report = try capitals.report(tampered, on: machine)
            #expect(report.state == .refused)
            #expect(report.findings.contains { $0.key == "draft.keys.mismatch" }, "\(report.findings)")
            await DraftDesk.expectRefusal("the draft \(tampering.rawValue.prefix { $0 != "," })") {
                _ = try capitals.signed(tampered, by: machine)
            }
        }

        // Signed by all the same, it is neither established nor pinned where one of them looks.
        let forced = try Self.forced(tampered, capitals, impostor)
        for machine in TwoCapitals.parties {
            await DraftDesk.expectRefusal("the draft ") { _ = try await capitals.establish(forced, on: machine) }
            await DraftDesk.expectRefusal("the draft ") { try capitals.pin(forced, on: machine) }
            #expect(try capitals.keys(machine).identity() == nil)
            #expect(!capitals.registry(machine).hasLedger)
        }
        #expect(try capitals.report(capitals.signedByAll(honest), on: "KZ").state == .ready, "the honest one holds")
    }

    /// A signer that the party's own authority has issued, and the party has not chosen.
    private static func issue(_ capitals: TwoCapitals, into impostor: KeysFolder) throws {
        let keys = capitals.keys("KZ")
        let authority = try keys.authorities(ScratchRegistry.kz)[0]
        let key = try #require(try capitals.vault("KZ").authorityKey(of: ScratchRegistry.kz, for: authority))
        let certificate = try Certificate.issued(
            CertificateRequest(
                subject: [("CN", "KZ signer 3")], notBefore: ScratchRegistry.start, notAfter: capitals.now + 100_000,
                isAuthority: false), publicKey: PrivateKey.generateP256().publicKey, issuer: authority, issuerKey: key)
        try impostor.files.replace("KZ/signer-1.pem", with: certificate.pem())
    }

    /// With the keys that the draft names, whoever has them.
    private static func forced(_ draft: Draft, _ capitals: TwoCapitals, _ impostor: KeysFolder) throws -> Draft {
        guard case .registryEstablished(let body) = draft.statement.event else { throw CocoaError(.coderInvalidValue) }
        let folders = [capitals.keys("KZ"), capitals.keys("UZ"), impostor]
        var forced = draft
        for party in body.constitution.parties {
            let listed = Set(party.signers.map(\.certificate))
            let found = folders.compactMap { folder in
                try? KeyVault(folder) { _ in throw CocoaError(.userCancelled) }.signer(
                    for: party.party, listed: listed)
            }
            let signer = try #require(found.first)
            let signed = try SignedData.sign(
                draft.statementBytes, certificate: signer.certificate, key: signer.key, signingTime: capitals.now)
            forced = forced.adding(
                try DraftSignature(SignedData(derBytes: signed), candidates: [signer.certificate]))
        }
        return forced
    }

    @Test func `Without the public files of the other party nothing is signed`() throws {
        let capitals = try TwoCapitals()
        let draft = try capitals.draft()
        try FileManager.default.removeItem(atPath: capitals.keys("UZ").fullPath("KZ/witness.vkey"))
        #expect(try capitals.report(draft, on: "UZ").findings.map(\.key) == ["draft.keys.absent"])
        let error = #expect(throws: RegistryError.self) { try capitals.signed(draft, by: "UZ") }
        #expect(error?.message.contains("the public files of KZ are not whole here") == true)
        #expect(error?.hint.contains("ask the party itself") == true)
    }

    struct BadForm: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let old: String
        let new: String
        let saying: String
    }

    static let badForms: [BadForm] = [
        BadForm(
            testDescription: "one of two witnesses is enough", old: "\"threshold\":2", new: "\"threshold\":1",
            saying: "can be met without any witness of KZ"),
        BadForm(
            testDescription: "only the witness of KZ is asked", old: "\"quorum\":\"parties\"", new: "\"quorum\":\"KZ\"",
            saying: "can be met without any witness of UZ"),
        BadForm(
            testDescription: "both witnesses under KZ", old: "\"name\":\"UZ\",\"party\":\"UZ\"}]",
            new: "\"name\":\"UZ\",\"party\":\"KZ\"}]", saying: "UZ has no witness"),
        BadForm(
            testDescription: "the same party twice", old: "\"name\":{\"en\":\"UZ\"},\"party\":\"UZ\"",
            new: "\"name\":{\"en\":\"UZ\"},\"party\":\"KZ\"", saying: "KZ is already in the list"),
    ]

    @Test(arguments: badForms)
    func `A constitution that does not hold is no draft`(_ bad: BadForm) throws {
        let draft = try TwoCapitals().draft()
        let bytes = try draft.bytes.replacing(bad.old, with: bad.new)
        #expect(bytes != draft.bytes)
        let error = #expect(throws: RegistryError.self) { try Draft(parsing: bytes, name: "zero.draft") }
        #expect(error?.message.contains(bad.saying) == true, "\(error?.message ?? "")")
        #expect(error?.code == .unavailable)
    }

    @Test func `A draft that was changed after one has signed is no draft`() throws {
        let capitals = try TwoCapitals()
        let draft = try capitals.signed(capitals.draft(), by: "KZ")
        let bytes = try draft.bytes.replacing("A registry of two", with: "A registry of me!")
        let error = #expect(throws: RegistryError.self) { try Draft(parsing: bytes, name: "zero.draft") }
        #expect(error?.message.contains("signatures[0]") == true, "\(error?.message ?? "")")
    }

    @Test func `One signature is not enough, and neither are two of one party`() async throws {
        let capitals = try TwoCapitals()
        let draft = try capitals.draft()
        let kz = try capitals.signed(draft, by: "KZ")
        #expect(try capitals.report(kz, on: "KZ").identity == nil)
        await DraftDesk.expectRefusal("UZ has not signed") { _ = try await capitals.establish(kz) }
        await DraftDesk.expectRefusal("UZ has not signed") { try capitals.pin(kz, on: "UZ") }

        let second = try capitals.keys("KZ").signers(ScratchRegistry.kz)[1]
        let key = try capitals.vault("KZ").key(
            KeyVault.keyName(ScratchRegistry.kz, .signer(2)), owner: .party(ScratchRegistry.kz))
        let signed = try SignedData.sign(
            draft.statementBytes, certificate: second, key: key, signingTime: capitals.now)
        let twice = kz.adding(try DraftSignature(SignedData(derBytes: signed), candidates: [second]))
        #expect(try capitals.report(twice, on: "UZ").identity == nil)
        await DraftDesk.expectRefusal("KZ has signed twice") { _ = try await capitals.establish(twice) }
        await DraftDesk.expectRefusal("KZ has signed twice") { try capitals.pin(twice, on: "UZ") }
        await DraftDesk.expectRefusal("KZ has signed twice") { _ = try capitals.signed(twice, by: "UZ") }
        for machine in TwoCapitals.parties { #expect(try capitals.keys(machine).identity() == nil) }
    }

    @Test func `A draft that has lapsed is neither signed nor established`() async throws {
        let capitals = try TwoCapitals()
        let whole = try capitals.signedByAll(capitals.draft(expires: UTCTime(posixSeconds: capitals.now + 10)))
        let late = capitals.now + 11
        #expect(try capitals.report(whole, on: "KZ", at: late).state == .void)
        await DraftDesk.expectRefusal("lapsed") { _ = try await capitals.establish(whole, at: late) }
        #expect(!capitals.registry("KZ").hasLedger)
    }

    @Test func `Only where the log's key is a registry is established`() async throws {
        let capitals = try TwoCapitals()
        let whole = try capitals.signedByAll(capitals.draft())
        await DraftDesk.expectRefusal("the log's key is not in", .unavailable) {
            _ = try await capitals.establish(whole, on: "UZ")
        }
        _ = try capitals.draft(on: "UZ")
        await DraftDesk.expectRefusal("is not the log's key that the draft names") {
            _ = try await capitals.establish(whole, on: "UZ")
        }
        #expect(!capitals.registry("UZ").hasLedger)
    }

    @Test func `What is pinned is not pinned again: neither another identity, nor an older policy`() async throws {
        let capitals = try TwoCapitals()
        let kz = try capitals.signed(capitals.draft(), by: "KZ")
        let first = try capitals.signed(kz, by: "UZ")
        let second = try capitals.signed(kz, by: "UZ", at: capitals.now + 1)
        // Judged before the other was pinned.
        let late = try capitals.report(second, on: "UZ")
        try capitals.pin(first, on: "UZ")
        let keys = capitals.keys("UZ")
        await DraftDesk.expectRefusal("belong to a registry already", .conflict) {
            _ = try Establishing.pin(late, keys: keys)
        }
        // The policy follows the changes of keys in the ledger.
        try keys.files.replace(KeysFolder.policyName, with: Array("a later policy\n".utf8))
        #expect(try capitals.pin(first, on: "UZ").isEmpty)
        #expect(try keys.policy() == Array("a later policy\n".utf8))
        #expect(try keys.identity() == capitals.report(first, on: "UZ").identity)
    }

    /// The same statement, signed once more, makes another entry, and so another identity.
    @Test func `One log and one witness serve one entry 0`() async throws {
        let capitals = try TwoCapitals()
        let kz = try capitals.signed(capitals.draft(), by: "KZ")
        let first = try capitals.signed(kz, by: "UZ")
        let second = try capitals.signed(kz, by: "UZ", at: capitals.now + 1)
        _ = try await capitals.establish(first)
        try capitals.pin(first, on: "UZ")
        for machine in TwoCapitals.parties {
            await DraftDesk.expectRefusal("the keys here belong to a registry already") {
                try capitals.pin(second, on: machine)
            }
        }
        #expect(try capitals.keys("UZ").identity() == capitals.report(first, on: "UZ").identity)
        // Even where somebody takes the pin and the registry away.
        try FileManager.default.removeItem(atPath: capitals.keys("KZ").fullPath("identity"))
        await DraftDesk.expectRefusal("there is a registry in", .conflict) { _ = try await capitals.establish(second) }
        try FileManager.default.removeItem(atPath: capitals.registry("KZ").path)
        await DraftDesk.expectRefusal("the log has signed 1 entries of this origin already", .conflict) {
            _ = try await capitals.establish(second)
        }
        #expect(!capitals.registry("KZ").hasLedger)
        // What was signed may be brought back.
        #expect(try await !capitals.establish(first).isPublished)
        #expect(try await capitals.cosignElsewhere().isPublished)
    }
}
