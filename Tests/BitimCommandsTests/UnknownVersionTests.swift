import Agreements
import Foundation
import Registry
import Support
import Testing

/// What the commands say of a registry with an event of its own that a newer release has written.
@Suite struct UnknownVersionTests {
    @Test func `Listings say from where on nothing can be judged, and nothing is made for a change of keys`()
        async throws
    {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let retiring = try registry.enrolment("KZ").withdraw("signer-2", .retire)
        let statement = try await registry.registrar().statement(of: .registryChanged(retiring), agreement: nil)
        let content = String(decoding: statement.canonicalBytes, as: UTF8.self)
            .replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        try await registry.putByHand([
            registry.leaf(content: Array(content.utf8), signers: [registry.signer("KZ"), registry.signer("UZ")])
        ])
        func bitim(_ arguments: String...) throws -> CommandRun {
            try CommandRun.bitim(arguments, folder: registry.scratch.path)
        }
        // What was registered before may have been voided: only listings, which judge nothing, end with 0.
        for (command, status) in [(["list"], Int32(0)), (["status"], 0), (["show", "KZ-UZ-1"], 3)] {
            let run = try CommandRun.bitim(command, folder: registry.scratch.path)
            #expect(run.status == status, "\(run.standardError)")
            #expect(
                run.standardError.contains(
                    "bitim: note: entry 2 changed the registry in a version that is not known to this program"))
        }
        let audit = try bitim("audit", "--quiet")
        #expect(audit.status == 3 && audit.standardOutput == "indeterminate\n")
        let before = try FileManager.default.subpathsOfDirectory(atPath: registry.keys.path)
        let rotation = try bitim("keys", "rotate", "KZ", "signer", "--sign", "KZ,UZ", "--unencrypted", "--yes")
        #expect(rotation.status == 1)
        #expect(rotation.standardError.contains("use a newer release"))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: registry.keys.path) == before)
        let update = try bitim("keys", "update")
        #expect(update.status == 1 && update.standardError.contains("use a newer release"))
    }

    /// What a newer release has written last.
    enum Unknown: CaseIterable, Sendable {
        case eventOfAgreement, eventOfRegistry

        var words: String {
            switch self {
            case .eventOfAgreement: "entry 3 is of a version that is not known"
            case .eventOfRegistry: "entry 3 changed the registry in a version"
            }
        }
    }

    /// By the clock of the registry, whose keys are not valid today.
    private static func bitim(_ arguments: [String], _ registry: ScratchRegistry) throws -> CommandRun {
        let ahead = registry.now - Int64(Date().timeIntervalSince1970)
        return try CommandRun.bitim(
            arguments, folder: registry.scratch.path, environment: Fault.environment(clockAhead: ahead))
    }

    /// Two agreements, a draft of what comes next, and then the unknown event as entry 3.
    private static func folder(_ unknown: Unknown, pending: Bool) async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        for id in ["A-1", "A-2"] { try await registry.add(id) }
        for arguments in [consent + ["--draft", "next.draft"], ["sign", "next.draft", "--yes"]] {
            let run = try bitim(arguments, registry)
            try #require(run.status == 0, "\(arguments): \(run.standardError)")
        }
        let registrar = try await registry.registrar()
        let statement =
            switch unknown {
            case .eventOfAgreement:
                try registrar.statement(
                    of: .agreementConsented(AgreementConsented(party: ScratchRegistry.kz, means: .ratification)),
                    agreement: AgreementID("A-1"))
            case .eventOfRegistry:
                try registrar.statement(
                    of: .registryChanged(try registry.enrolment("KZ").withdraw("signer-2", .retire)), agreement: nil)
            }
        let content = String(decoding: statement.canonicalBytes, as: UTF8.self)
            .replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        let parties = unknown == .eventOfAgreement ? ["KZ"] : ["KZ", "UZ"]
        let leaf = try registry.leaf(content: Array(content.utf8), signers: parties.map { try registry.signer($0) })
        if pending { try registry.putPending([leaf]) } else { try await registry.putByHand([leaf]) }
        try registry.scratch.write("a text\n", to: "text.txt")
        try registry.scratch.write(
            """
            {"agreements":[{"id":"B-2","title":{"en":"B"},"titleStatus":"original","kind":"agreement",\
            "parties":[{"party":"KZ"},{"party":"UZ"}],"concluded":{}}]}
            """, to: "catalogue.json")
        return registry
    }

    private static let consent = ["record", "consented", "A-2", "--party", "KZ", "--means", "ratification", "--yes"]
    private static let adding = [
        ["add", "text.txt", "--id", "B-1", "--title", "en=B", "--kind", "plan", "--sign", "KZ,UZ", "--yes"],
        ["add", "--from", "catalogue.json", "--sign", "KZ,UZ", "--yes"], ["add", "next.draft", "--yes"], consent,
        ["keys", "rotate", "KZ", "signer", "--sign", "KZ,UZ", "--unencrypted", "--yes"],
        ["keys", "revoke", "UZ", "signer-2", "--sign", "KZ,UZ", "--yes"],
    ]

    /// What is registered, and what signers remember.
    private static func kept(_ registry: ScratchRegistry) throws -> [String: Data] {
        var kept: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: registry.scratch.path)
        where name.hasPrefix("registry/") && !name.hasPrefix("registry/state/index") || name.hasSuffix(".state") {
            kept[name] = FileManager.default.contents(atPath: registry.scratch.file(name))
        }
        return kept
    }

    @Test(.hangLimit, arguments: Unknown.allCases, [false, true])
    func `Whatever command would add something after it, or publish it, says why not, and nothing is registered`(
        unknown: Unknown, isPending: Bool
    ) async throws {
        let registry = try await Self.folder(unknown, pending: isPending)
        let before = try Self.kept(registry)
        #expect(before.keys.contains("keys/private/log.state"))
        for arguments in Self.adding + (isPending ? [["publish"], ["cosign"]] : []) {
            let run = try Self.bitim(arguments, registry)
            // The local witnesses do not cosign it: then it stays pending.
            let isWaiting = unknown == .eventOfAgreement && arguments.count == 1
            #expect(run.status == (isWaiting ? 3 : 1), "\(arguments): \(run.standardError)")
            let words = isWaiting ? "agreement.consented of version 2 is not known to this program" : unknown.words
            #expect(run.standardError.contains(words), "\(arguments): \(run.standardError)")
            let after = try Self.kept(registry)
            let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
            #expect(changed.isEmpty, "\(arguments): \(changed.sorted())")
        }
    }
}
