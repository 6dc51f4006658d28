import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// What an audit says of restricted documents that are held, kept elsewhere, damaged or left lying about.
@Suite struct RestrictedAuditTests {
    private static let text = "The towers of Samarkand shall be nine.\n"

    private func restricted() async throws -> (registry: ScratchRegistry, document: Document) {
        let registry = try await ScratchRegistry.established()
        return (registry, try await registry.addRestricted("R-1", text: Self.text))
    }

    @Test func `A restricted document is kept apart with its key, and an audit checks it`() async throws {
        let (registry, document) = try await restricted()
        let place = try RestrictedPlace(document)
        #expect(document.name == "document-1" && document.mediaType == "application/octet-stream")
        #expect(document.digest == nil)
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.findings.isEmpty)
        #expect(report.documents.present == 1 && report.documents.restricted == 0)
        let copy = try RegistryCopy(of: registry)
        #expect(try copy.bytes(place.document) == Array(Self.text.utf8))
        for name in [place.document, place.key] {
            #expect(Files.permissions(registry.registry.fullPath(name)) == 0o600)
        }
        for name in ["restricted", "restricted/\(document.commitment!.hex.prefix(2))", "restricted/temporary"] {
            #expect(Files.permissions(registry.registry.fullPath(name)) == 0o700, "\(name)")
        }
        #expect(try Files.names(in: registry.registry.fullPath("restricted/temporary")).isEmpty)
        #expect(Files.kind(registry.registry.fullPath("documents")) == nil)
    }

    @Test func `The openssl program computes the commitment from the document and its key`() async throws {
        let (registry, document) = try await restricted()
        let place = try RestrictedPlace(document)
        let script = "openssl mac -digest SHA256 -macopt hexkey:$(cut -d: -f2 \(place.key)) -in \(place.document) HMAC"
        let run = try CommandRun.run("/bin/sh", ["-c", script], folder: registry.registry.path)
        #expect(run.standardOutput.lowercased().trimmingCharacters(in: .newlines) == document.commitment?.hex)
    }

    @Test func `A copy without the restricted documents passes, and says what was not checked`() async throws {
        let (registry, document) = try await restricted()
        try await registry.add("P-1")
        let copy = try RegistryCopy(of: registry)
        try copy.remove("restricted")
        let report = try await copy.audit()
        #expect(report.verdict == .passed)
        #expect(report.findings.map(\.key) == ["document.restricted"])
        #expect(report.findings.first?.severity == .warning)
        #expect(report.findings.first?.expected == document.commitment?.text)
        #expect(report.documents.present == 1 && report.documents.restricted == 1 && report.documents.missing == 0)
        // A public document that is gone stays what it was: undecided.
        try copy.remove("documents")
        #expect(try await copy.audit().verdict == .indeterminate)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: String
        let verdict: Verdict
        let damage: @Sendable (RegistryCopy, RestrictedPlace) throws -> Void

        init(
            _ description: String, _ key: String, _ verdict: Verdict,
            _ damage: @escaping @Sendable (RegistryCopy, RestrictedPlace) throws -> Void
        ) {
            testDescription = description
            self.key = key
            self.verdict = verdict
            self.damage = damage
        }
    }

    static let damages: [Damage] = [
        Damage("a changed byte", "document.mismatch", .failed) { copy, place in
            var bytes = try copy.bytes(place.document)
            bytes[4] ^= 1
            try copy.put(place.document, bytes)
        },
        Damage("a byte more", "document.mismatch", .failed) { copy, place in
            try copy.put(place.document, try copy.bytes(place.document) + [0x0A])
        },
        Damage("eight terabytes", "document.mismatch", .failed) { copy, place in
            try CommandRun.makeSparse(copy.path(place.document))
        },
        Damage("another key", "document.mismatch", .failed) { copy, place in
            try copy.put(place.key, try DocumentKey.random().fileBytes)
        },
        Damage("a key without its newline", "document.key.malformed", .failed) { copy, place in
            try copy.put(place.key, try copy.bytes(place.key).dropLast())
        },
        Damage("a key in capitals", "document.key.malformed", .failed) { copy, place in
            let key = String(decoding: try copy.bytes(place.key), as: UTF8.self)
            let digits = key.dropFirst(16).uppercased()
            try copy.put(place.key, Array("\(key.prefix(16))\(digits)".utf8))
        },
        Damage("a key of 31 bytes", "document.key.malformed", .failed) { copy, place in
            try copy.put(place.key, try copy.bytes(place.key).dropLast(3) + [0x0A])
        },
        Damage("no key", "document.key.missing", .indeterminate) { copy, place in try copy.remove(place.key) },
        Damage("no document", "document.missing", .indeterminate) { copy, place in try copy.remove(place.document) },
        Damage("a folder", "document.unreadable", .failed) { copy, place in
            try copy.remove(place.document)
            try FileManager.default.createDirectory(
                atPath: copy.path(place.document), withIntermediateDirectories: true)
        },
    ]

    @Test(.hangLimit, arguments: damages)
    func `What is held and does not fit is found`(damage: Damage) async throws {
        let (registry, document) = try await restricted()
        let copy = try RegistryCopy(of: registry)
        try damage.damage(copy, RestrictedPlace(document))
        let report = try await copy.audit()
        #expect(report.verdict == damage.verdict)
        let faults = report.findings.filter { $0.severity != .warning }
        #expect(faults.map(\.key) == [damage.key], "\(faults)")
        #expect(faults.first?.entry == 1 && faults.first?.agreement == "R-1")
        let verified = try await Verification(registry: copy.registry, keys: copy.keys, now: copy.now).verify(["R-1"])
        #expect(verified.verdict == damage.verdict)
        #expect(verified.targets[0].findings.contains { $0.key == damage.key })
    }

    @Test(arguments: [
        "restricted/stranger", "restricted/00/stranger", "restricted/00/\(String(repeating: "0", count: 64))",
        "restricted/00/\(String(repeating: "0", count: 64)).key", "restricted/ab/stranger.key",
    ])
    func `A file in the restricted folder that no entry commits to is found`(_ path: String) async throws {
        let (registry, _) = try await restricted()
        let copy = try RegistryCopy(of: registry)
        try copy.put(path, [1, 2, 3])
        let report = try await copy.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.findings.contains { $0.key == "registry.file.unexpected" && $0.path == path })
    }

    @Test func `A document that is committed to lies under no other name`() async throws {
        let (registry, document) = try await restricted()
        let place = try RestrictedPlace(document)
        let other = "restricted/zz/\(document.commitment!.hex)"
        for path in [other, "\(place.document).key.key", "\(place.document)x"] {
            let copy = try RegistryCopy(of: registry)
            try copy.put(path, try copy.bytes(place.document))
            let found = try await copy.audit().faults
            #expect(found.contains { $0.key == "registry.file.unexpected" && $0.path == path }, "\(path)")
        }
    }

    @Test func `What others can reach is warned of`() async throws {
        let (registry, document) = try await restricted()
        let place = try RestrictedPlace(document)
        for (path, mode) in [(place.document, 0o644), (place.key, 0o640), ("restricted", 0o755)] {
            let copy = try RegistryCopy(of: registry)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: copy.path(path))
            let report = try await copy.audit()
            #expect(report.verdict == .passed)
            #expect(report.findings.map(\.key) == ["registry.file.open"])
            #expect(report.findings.first?.path == path && report.findings.first?.severity == .warning)
        }
    }

    @Test func `A size that the statement gives wrongly is found`() async throws {
        let registry = try await ScratchRegistry.established()
        let (honest, restricted) = try registry.restrictedDocument(Self.text, name: "a.txt")
        let document = Document(
            name: "a", role: .text, languages: [], mediaType: "text/plain", sizeBytes: honest.sizeBytes + 1,
            access: .restricted, commitment: honest.commitment)
        let statement: Statement
        do {
            let registrar = try await registry.registrar()
            statement = try registrar.statement(
                of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("R-1")!)
            let error = #expect(throws: RegistryError.self) {
                try registrar.sign(statement, documents: [:], restricted: restricted)
            }
            #expect(error?.code == .refused)
        }
        try await registry.putByHand([
            registry.leaf(content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        ])
        let place = try RestrictedPlace(document)
        let copy = try RegistryCopy(of: registry)
        try copy.put(place.document, Array(Self.text.utf8))
        try copy.put(place.key, restricted.values.first!.key.fileBytes)
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.contains { $0.key == "document.size" })
    }
}
