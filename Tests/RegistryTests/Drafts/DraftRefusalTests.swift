import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// What is not signed, not taken over and not registered, each in its own words.
@Suite struct DraftRefusalTests {
    // MARK: Writing

    @Test func `No draft is written of what the rules forbid`() async throws {
        let desk = try await DraftDesk.open()
        try await desk.home.add("A-1")
        await DraftDesk.expectRefusal("A-1 was registered as entry 1") { _ = try await desk.draft("A-1") }
        await DraftDesk.expectRefusal("A-2 is not registered before") { _ = try await desk.consent("A-2", of: "KZ") }
        let past = UTCTime(posixSeconds: desk.now - 1)
        await DraftDesk.expectRefusal("is past", .usage) { _ = try await desk.draft("A-2", expires: past) }
    }

    // MARK: Signing

    @Test func `A draft of another registry is not signed`() async throws {
        let desk = try await DraftDesk.open()
        let other = try await DraftDesk.open()
        let draft = try await other.draft("A-1")
        for withLedger in [true, false] {
            await DraftDesk.expectRefusal("the draft is of another registry") {
                _ = try await desk.signed(draft, by: "KZ", withLedger: withLedger)
            }
        }
        await DraftDesk.expectRefusal("the draft is of another registry") { try await desk.register(draft) }
    }

    @Test func `Without a pinned identity nothing is signed`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        let keys = try desk.keys(of: "KZ")
        keys.files.remove(KeysFolder.identityName)
        await DraftDesk.expectRefusal("no identity is pinned") {
            _ = try await desk.signed(draft, by: "KZ", withLedger: false)
        }
    }

    @Test func `A lapsed draft is void: not signed, not taken over, not registered`() async throws {
        let desk = try await DraftDesk.open()
        let expires = UTCTime(posixSeconds: desk.now + 100)!
        let draft = try await desk.draft("A-1", expires: expires)
        let signed = try await desk.signed(try await desk.signed(draft, by: "KZ"), by: "UZ")
        let last = expires.posixSeconds
        #expect(try await desk.report(signed, at: last).state == .ready, "until that very second it is good")
        #expect(try await desk.report(signed, at: last + 1).state == .void)
        let words = "the draft lapsed at \(expires), and is void"
        await DraftDesk.expectRefusal(words) { _ = try await desk.signed(draft, by: "KZ", at: last + 1) }
        await DraftDesk.expectRefusal(words) {
            _ = try await desk.signed(draft, by: "KZ", withLedger: false, at: last + 1)
        }
        await DraftDesk.expectRefusal(words) { try await desk.register(signed, at: last + 1) }
        // The gate of every entry says the same, whatever was looked at before.
        desk.home.advance(by: 101)
        let registrar = try await desk.home.registrar()
        await DraftDesk.expectRefusal("the draft had lapsed") {
            _ = try registrar.queue(leaf: signed.leaf(), documents: [:])
        }
    }

    @Test func `What is registered in time stays registered`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1", expires: UTCTime(posixSeconds: desk.now + 100)!)
        let signed = try await desk.signed(try await desk.signed(draft, by: "KZ"), by: "UZ")
        try await desk.register(signed)
        desk.home.advance(by: 1000)
        #expect(try await desk.report(signed).state == .registered)
        #expect(try await desk.home.audit().verdict == .passed)
        await DraftDesk.expectRefusal("the ledger has this statement already, as entry 1", .conflict) {
            _ = try await desk.signed(draft, by: "KZ")
        }
    }

    @Test func `A party signs once, and only what it must sign`() async throws {
        let desk = try await DraftDesk.open()
        try await desk.home.add("A-1")
        let draft = try await desk.consent("A-1", of: "KZ")
        await DraftDesk.expectRefusal("no key of a signer of KZ", .unavailable) {
            _ = try await desk.signed(draft, by: "UZ")
        }
        let signing = try await desk.signing(draft, on: "UZ")
        await DraftDesk.expectRefusal("UZ need not sign this draft: it is signed by KZ") {
            _ = try signing.party(ScratchRegistry.uz, vault: DraftDesk.vault(desk.keys(of: "UZ")))
        }
        let signed = try await desk.signed(draft, by: "KZ")
        await DraftDesk.expectRefusal("KZ has signed already", .conflict) {
            _ = try await desk.signed(signed, by: "KZ")
        }
        let again = try await desk.signed(draft, by: "KZ", number: 2)
        let merging = try await desk.signing(signed)
        await DraftDesk.expectRefusal("KZ has signed already", .conflict) {
            _ = try merging.merging(again, into: signed, from: "again.draft")
        }
        #expect(try merging.merging(signed, into: signed, from: "same.draft").bytes == signed.bytes)
    }

    @Test func `Where all keys are on one desk, it is said for whom`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        let signing = try await desk.signing(draft)
        await DraftDesk.expectRefusal("the keys of KZ, UZ are here", .usage) {
            _ = try signing.party(nil, vault: desk.home.vault())
        }
        let kz = try await desk.signed(draft, by: "KZ")
        #expect(try await desk.signing(kz).party(nil, vault: desk.home.vault()) == ScratchRegistry.uz)
    }

    @Test func `Who need not sign is told who does, and a document that is there twice so`() async throws {
        let desk = try await DraftDesk.open()
        let signing = try await desk.signing(desk.draft("A-1"))
        let refusal = #expect(throws: RegistryError.self) {
            _ = try signing.party(PartyID("XX"), vault: desk.home.vault())
        }
        #expect(refusal?.message == "XX need not sign this draft: it is signed by KZ, UZ")
        #expect(refusal?.hint == "name one of these with --party")

        let (document, _) = try desk.home.document("a text", name: "text.txt")
        let registrar = try await desk.home.registrar()
        func statement(_ body: AgreementRegistered) throws {
            _ = try registrar.statement(of: .agreementRegistered(body), agreement: AgreementID("A-2"))
        }
        let repeated = #expect(throws: RegistryError.self) {
            try statement(ScratchRegistry.body(documents: [document, document]))
        }
        #expect(repeated?.message.hasSuffix("text.txt is already in the list") == true)
        #expect(repeated?.hint == "name it once")
        let broken = #expect(throws: RegistryError.self) { try statement(ScratchRegistry.body(title: "two\nlines")) }
        #expect(broken?.hint.contains("no line breaks") == true)
    }

    @Test func `Nobody signs beside a signature that does not hold`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        let kz = try desk.home.signer("KZ")
        var bytes = try SignedData.sign(
            draft.statementBytes, certificate: kz.certificate, key: kz.key, signingTime: desk.now)
        // The last byte is of the signature's second number.
        bytes[bytes.count - 1] ^= 1
        let forged = try draft.adding(
            DraftSignature(try SignedData(derBytes: bytes), candidates: [kz.certificate]))
        for withLedger in [true, false] {
            let report = try await desk.report(forged, withLedger: withLedger)
            #expect(report.state == .refused)
            #expect(report.signers.map(\.isVerified) == [false])
            await DraftDesk.expectRefusal("a signature in the draft does not hold") {
                _ = try await desk.signed(forged, by: "UZ", withLedger: withLedger)
            }
        }
        await DraftDesk.expectRefusal("a signature does not verify") { try await desk.register(forged) }
    }

    @Test func `A signer who is not listed does not sign, and is not taken over`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        let authority = try desk.home.authority("KZ")
        let key = try PrivateKey.generateP256()
        let certificate = try CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
            .ordinary("unlisted", key.publicKey)
        // It chains to the party's authority, so that its keys folder alone cannot tell.
        let keys = try desk.keys(of: "KZ")
        try keys.files.replace(KeysFolder.signerName(ScratchRegistry.kz, 3), with: certificate.pem())
        let pem = try key.pem(passphrase: nil).revealed()
        try keys.files.create(KeyVault.keyName(ScratchRegistry.kz, .signer(3)), with: pem, mode: 0o600)
        await DraftDesk.expectRefusal("signer 3 of KZ is on no party's list of signers") {
            _ = try await desk.signed(draft, by: "KZ", number: 3)
        }
        let signed = try await desk.signed(draft, by: "KZ", number: 3, withLedger: false)
        #expect(try await desk.report(signed).state == .refused)
        let merging = try await desk.signing(draft)
        await DraftDesk.expectRefusal("the signer is on no party's list of signers") {
            _ = try merging.merging(signed, into: draft, from: "kz.draft")
        }
        await DraftDesk.expectRefusal("the signer is on no party's list of signers") { try await desk.register(signed) }
    }

    @Test func `A signer of nobody's is told as such without the registry too`() async throws {
        let desk = try await DraftDesk.open()
        let stranger = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        let signer = try stranger.home.signer("KZ")
        let bytes = try SignedData.sign(
            draft.statementBytes, certificate: signer.certificate, key: signer.key, signingTime: desk.now)
        let foreign = try draft.adding(DraftSignature(SignedData(derBytes: bytes), candidates: [signer.certificate]))
        let report = try await desk.report(foreign, withLedger: false)
        #expect(report.signers.map(\.party) == [nil])
        #expect(report.missing == draft.required)
        #expect(report.state == .refused)
    }

    @Test func `A draft that names other signers than the rules is refused`() async throws {
        let desk = try await DraftDesk.open(parties: ["KZ", "TM", "UZ"])
        let draft = try await desk.draft("A-1")
        for required in [["KZ"], ["KZ", "TM"], ["KZ", "TM", "UZ"]] {
            let other = Draft(draft.statement, required: Set(required.map { PartyID($0)! }))
            for withLedger in [true, false] {
                await DraftDesk.expectRefusal("the draft names other parties than those who must sign it") {
                    _ = try await desk.signed(other, by: "KZ", withLedger: withLedger)
                }
            }
        }
    }

    // MARK: Registering

    @Test func `What is missing is told by name`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        await DraftDesk.expectRefusal("KZ, UZ have not signed") { try await desk.register(draft) }
        let kz = try await desk.signed(draft, by: "KZ")
        await DraftDesk.expectRefusal("UZ has not signed") { try await desk.register(kz) }
    }

    @Test func `Of two rival next steps the first in wins, and the other is told why`() async throws {
        let desk = try await DraftDesk.open()
        try await desk.home.add("A-1")
        let kz = try await desk.signed(desk.consent("A-1", of: "KZ"), by: "KZ")
        let uz = try await desk.signed(desk.consent("A-1", of: "UZ"), by: "UZ")
        #expect(try await desk.report(uz).state == .ready)
        #expect(try await desk.register(kz).index == 2)
        #expect(try await desk.report(uz).state == .refused)
        let words = "entry 2, agreement.consented, came in first"
        await DraftDesk.expectRefusal(words, .conflict) { try await desk.register(uz) }
        await DraftDesk.expectRefusal(words, .conflict) { _ = try await desk.signed(uz, by: "UZ") }
        #expect(try await desk.home.audit().verdict == .passed)
        // The new draft follows what is there.
        try await desk.register(desk.signed(desk.consent("A-1", of: "UZ"), by: "UZ"))
        #expect(try await desk.home.audit().verdict == .passed)
    }

    @Test func `Of two rival registrations under one id likewise`() async throws {
        let desk = try await DraftDesk.open()
        let drafts = [try await desk.draft("A-1", title: "One"), try await desk.draft("A-1", title: "Other")]
        var signed: [Draft] = []
        for draft in drafts { signed.append(try await desk.signed(try await desk.signed(draft, by: "KZ"), by: "UZ")) }
        try await desk.register(signed[1])
        await DraftDesk.expectRefusal("entry 1, agreement.registered, came in first", .conflict) {
            try await desk.register(signed[0])
        }
    }

    @Test func `A registry that is older than the draft does not judge it`() async throws {
        let desk = try await DraftDesk.open()
        let old = ScratchFolder()
        _ = try CommandRun.run("/bin/cp", ["-r", desk.home.registry.path, old.file("registry")], folder: "/")
        try await desk.home.add("A-1")
        let draft = try await desk.draft("A-2")
        let ledger = try await DraftLedger.read(
            registry: RegistryFolder(path: old.file("registry")), keys: desk.home.keys,
            agreement: draft.statement.agreement, now: desk.now)
        let report = try DraftReport(draft, ledger: ledger, keys: desk.home.keys, now: desk.now)
        await DraftDesk.expectRefusal("the statement names a tree of 2 entries") {
            try DraftSigning(report, keys: desk.home.keys, now: desk.now).requireSignable()
        }
    }
}
