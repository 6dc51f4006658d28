import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// Signatures that `openssl cms -sign` makes over the statement.
@Suite struct DraftImportTests {
    /// A folder with the statement, and openssl to sign it with a party's key.
    private struct Bench {
        let desk: DraftDesk
        let draft: Draft
        let scratch = ScratchFolder()

        init(_ desk: DraftDesk, _ draft: Draft) throws {
            self.desk = desk
            self.draft = draft
            try scratch.write(draft.statementBytes, to: "statement.json")
        }

        static let usual = ["-binary", "-cades", "-nosmimecap", "-outform", "DER", "-md", "sha256"]

        func sign(
            _ party: String, _ number: Int = 1, _ options: [String] = usual, more: [String] = [],
            content: String = "statement.json"
        ) throws -> [UInt8] {
            let id = PartyID(party)!
            let run = try CommandRun.run(
                "/usr/bin/openssl",
                ["cms", "-sign"] + options + more + [
                    "-signer", desk.home.keys.fullPath(KeysFolder.signerName(id, number)),
                    "-inkey", desk.home.keys.fullPath(KeyVault.keyName(id, .signer(number))),
                    "-in", content, "-out", "out.cms",
                ], folder: scratch.path)
            #expect(run.status == 0, "\(run.standardError)")
            return try bytes("out.cms")
        }

        func bytes(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))))
        }
    }

    /// OpenSSL's clock is today's, and the registry's is not behind it.
    private static func desk() async throws -> DraftDesk {
        let desk = try await DraftDesk.open()
        desk.home.advance(by: max(0, Int64(Date().timeIntervalSince1970) - desk.now))
        return desk
    }

    @Test(arguments: [[], ["-nodetach"], ["-nocerts"], ["-nodetach", "-nocerts"], ["-stream", "-nodetach"]])
    func `Signatures of openssl in every form are taken over and registered`(more: [String]) async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        var draft = bench.draft
        for party in ["UZ", "KZ"] { draft = try await desk.taking(bench.sign(party, more: more), into: draft) }
        #expect(try await desk.report(draft).state == .ready)
        // What was taken over can be checked where there is no registry: the certificates are inside.
        #expect(try await desk.report(draft, withLedger: false).missing.isEmpty)
        try await desk.register(draft)
        #expect(try await desk.home.audit().verdict == .passed)
    }

    @Test func `openssl and this program sign side by side`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        let kz = try await desk.signed(bench.draft, by: "KZ")
        try await desk.register(desk.taking(bench.sign("UZ"), into: kz))
        #expect(try await desk.home.audit().verdict == .passed)
    }

    @Test func `Two signatures in one file, one after the other, are two`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        _ = try bench.sign("KZ", more: ["-nodetach"])
        let uz = PartyID("UZ")!
        let run = try CommandRun.run(
            "/usr/bin/openssl",
            [
                "cms", "-resign", "-inform", "DER", "-in", "out.cms", "-binary", "-cades", "-nosmimecap", "-outform",
                "DER",
                "-nodetach", "-signer", desk.home.keys.fullPath(KeysFolder.signerName(uz, 1)),
                "-inkey", desk.home.keys.fullPath(KeyVault.keyName(uz, .signer(1))), "-out", "both.cms",
            ], folder: bench.scratch.path)
        #expect(run.status == 0, "\(run.standardError)")
        let draft = try await desk.taking(bench.bytes("both.cms"), into: bench.draft)
        #expect(draft.signatures.count == 2)
        try await desk.register(draft)
        #expect(try await desk.home.audit().verdict == .passed)
    }

    @Test func `A signature of openssl that is in the draft already is not there twice`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        let signature = try bench.sign("KZ")
        let once = try await desk.taking(signature, into: bench.draft)
        #expect(try await desk.taking(signature, into: once).bytes == once.bytes)
        let second = try bench.sign("KZ", 2)
        await DraftDesk.expectRefusal("KZ has signed already", .conflict) {
            _ = try await desk.taking(second, into: once)
        }
    }

    @Test func `A statement of another draft is told by what it is`() async throws {
        let desk = try await Self.desk()
        let draft = try await desk.draft("A-1")
        let other = try Bench(desk, try await desk.draft("A-2"))
        let attached = try other.sign("KZ", more: ["-nodetach"])
        await DraftDesk.expectRefusal("a.cms signs another statement: agreement.registered of A-2") {
            _ = try await desk.taking(attached, into: draft)
        }
        let detached = try other.sign("KZ")
        await DraftDesk.expectRefusal("over other content than this statement") {
            _ = try await desk.taking(detached, into: draft)
        }
        let signed = try await desk.signed(other.draft, by: "KZ")
        let signing = try await desk.signing(draft)
        await DraftDesk.expectRefusal("kz.draft is a draft of another statement") {
            _ = try signing.merging(signed, into: draft, from: "kz.draft")
        }
    }

    @Test func `Content that was altered, and signed over blindly, is refused`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1", title: "An agreement"))
        let altered = try bench.sign("KZ", more: ["-nodetach"]).replacing("An agreement", with: "No agreement")
        await DraftDesk.expectRefusal("a.cms signs another statement") {
            _ = try await desk.taking(altered, into: bench.draft)
        }
        // Seen from the altered statement, the message-digest is the old one's.
        let text = String(decoding: bench.draft.bytes, as: UTF8.self)
        let other = try Draft(
            parsing: Array(text.replacing("An agreement", with: "No agreement").utf8), name: "altered")
        await DraftDesk.expectRefusal("over other content than this statement") {
            _ = try await desk.taking(altered, into: other)
        }
    }

    @Test func `A statement that got a newline, or was taken for text, is told so`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        try bench.scratch.write(bench.draft.statementBytes + [0x0A], to: "edited.json")
        for (content, options) in [
            ("edited.json", Bench.usual), ("edited.json", Bench.usual.filter { $0 != "-binary" }),
        ] {
            let signature = try bench.sign("KZ", 1, options, content: content)
            await DraftDesk.expectRefusal("changed line ends") {
                _ = try await desk.taking(signature, into: bench.draft)
            }
        }
    }

    @Test func `A signature without the signer's certificate in its attributes is refused`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        let signature = try bench.sign("KZ", 1, Bench.usual.filter { $0 != "-cades" })
        await DraftDesk.expectRefusal("signing-certificate-v2 is missing") {
            _ = try await desk.taking(signature, into: bench.draft)
        }
    }

    @Test func `A certificate that is nowhere can be given`() async throws {
        let desk = try await Self.desk()
        let bench = try Bench(desk, try await desk.draft("A-1"))
        let signature = try bench.sign("UZ", more: ["-nocerts"])
        // On the machine of KZ, without the registry and without UZ's signers.
        let keys = try desk.keys(of: "KZ")
        for number in 1...2 { keys.files.remove(KeysFolder.signerName(ScratchRegistry.uz, number)) }
        let signing = try await desk.signing(bench.draft, on: "KZ", withLedger: false)
        await DraftDesk.expectRefusal("the signer's certificate is not inside", .unavailable) {
            _ = try signing.importing(signature, into: bench.draft, certificates: [], from: "uz.cms")
        }
        let given = try desk.home.keys.signers(ScratchRegistry.uz)
        let draft = try signing.importing(signature, into: bench.draft, certificates: given, from: "uz.cms")
        #expect(draft.signatures[0].certificates.map(\.fingerprint) == [given[0].fingerprint])
    }

    @Test func `A party that need not sign is refused`() async throws {
        let desk = try await Self.desk()
        try await desk.home.add("A-1")
        let bench = try Bench(desk, try await desk.consent("A-1", of: "KZ"))
        let signature = try bench.sign("UZ")
        await DraftDesk.expectRefusal("UZ has signed, who need not sign this draft") {
            _ = try await desk.taking(signature, into: bench.draft)
        }
    }

    @Test func `What the draft holds, openssl verifies`() async throws {
        let desk = try await Self.desk()
        let draft = try await desk.signed(desk.draft("A-1"), by: "KZ")
        let bench = try Bench(desk, draft)
        try bench.scratch.write(draft.signatures[0].derBytes, to: "kz.cms")
        let run = try CommandRun.run(
            "/usr/bin/openssl",
            [
                "cms", "-verify", "-inform", "DER", "-purpose", "any", "-cades", "-attime", "\(desk.now)", "-in",
                "kz.cms", "-out", "said.json",
                "-CAfile", desk.home.keys.fullPath(KeysFolder.authorityName(ScratchRegistry.kz)),
            ], folder: bench.scratch.path)
        #expect(run.status == 0, "\(run.standardError)")
        #expect(try bench.bytes("said.json") == draft.statementBytes)
    }
}
