import Agreements
import OpenSSLKit
import Registry
import Support
import Testing

/// The way of a draft, from its writing to the ledger.
@Suite struct DraftWayTests {
    @Test func `Two capitals sign apart, and what they have signed is registered`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        #expect(draft.required == [ScratchRegistry.kz, ScratchRegistry.uz])
        #expect(try await desk.report(draft).state == .waiting)

        let kz = try await desk.signed(draft, by: "KZ")
        let uz = try await desk.signed(draft, by: "UZ", withLedger: false)
        #expect(try await desk.report(kz).missing == [ScratchRegistry.uz])
        let signing = try await desk.signing(kz)
        let whole = try signing.merging(uz, into: kz, from: "uz.draft")
        let report = try await desk.report(whole)
        #expect(report.state == .ready)
        #expect(report.signers.allSatisfy { $0.isVerified && $0.claimedTime == desk.now })

        let registered = try await desk.register(whole)
        #expect(registered.index == 1)
        #expect(try await desk.home.audit().verdict == .passed)
        #expect(try await desk.report(whole).state == .registered)
        #expect(try await desk.report(draft).index == 1, "of a draft without signatures too")
    }

    @Test func `Who signs first does not matter: the leaf is the same, and so is the draft`() async throws {
        let desk = try await DraftDesk.open()
        let draft = try await desk.draft("A-1")
        let kz = try await desk.signed(draft, by: "KZ")
        let uz = try await desk.signed(draft, by: "UZ")
        let one = try await desk.signing(kz).merging(uz, into: kz, from: "uz.draft")
        let other = try await desk.signing(uz).merging(kz, into: uz, from: "kz.draft")
        #expect(try one.leaf() == other.leaf())
        #expect(one.bytes == other.bytes)
        #expect(one.signatures.map(\.derBytes) != other.signatures.map(\.derBytes), "they came in another order")
    }

    @Test func `One machine after the other signs the same file`() async throws {
        let desk = try await DraftDesk.open()
        let kz = try await desk.signed(try await desk.draft("A-1"), by: "KZ")
        let sent = try Draft(parsing: kz.bytes, name: "sent")
        let both = try await desk.signed(sent, by: "UZ", number: 2, withLedger: false)
        let signers = try desk.home.keys.signers(ScratchRegistry.uz)
        #expect(
            try await desk.report(both).party(ScratchRegistry.uz)?.certificate == ContentDigest(signers[1].fingerprint))
        try await desk.register(both)
        #expect(try await desk.home.audit().verdict == .passed)
    }

    @Test func `A draft is read as it was written`() async throws {
        let desk = try await DraftDesk.open()
        let expires = UTCTime(posixSeconds: desk.now + 1000)
        var draft = try await desk.draft("A-1", title: "Келісім", expires: expires)
        for party in ["", "KZ", "UZ"] {
            if !party.isEmpty { draft = try await desk.signed(draft, by: party) }
            let read = try Draft(parsing: draft.bytes, name: "draft")
            #expect(read.bytes == draft.bytes)
            #expect(read.statementBytes == draft.statement.canonicalBytes)
            #expect(read.signatures.count == draft.signatures.count)
        }
        #expect(draft.statement.expires == expires)
    }

    @Test func `Every later event can be drafted, and signed by whom it needs`() async throws {
        let desk = try await DraftDesk.open()
        try await desk.home.add("A-1")
        let draft = try await desk.consent("A-1", of: "UZ")
        #expect(draft.required == [ScratchRegistry.uz])
        try await desk.register(desk.signed(draft, by: "UZ"))
        #expect(try await desk.home.audit().verdict == .passed)
    }

    @Test func `What is pending counts: a draft follows it`() async throws {
        let desk = try await DraftDesk.open()
        try await desk.home.add("A-1")
        let witness = desk.home.keys.fullPath(KeyVault.keyName(ScratchRegistry.uz, .witness))
        let away = desk.home.scratch.file("away.pem")
        let kz = try await desk.signed(desk.consent("A-1", of: "KZ"), by: "KZ")
        try move(witness, to: away)
        try await desk.register(kz)
        let uz = try await desk.signed(desk.consent("A-1", of: "UZ"), by: "UZ")
        try move(away, to: witness)
        #expect(try await desk.register(uz).index == 3)
        #expect(try await desk.home.audit().verdict == .passed)
    }

    private func move(_ path: String, to other: String) throws {
        let run = try CommandRun.run("/bin/mv", [path, other], folder: "/")
        #expect(run.status == 0)
    }
}
