import Agreements
import Foundation
import Support
import Testing

@testable import Registry

/// An audit of bytes alone, and on some cores only.
@Suite struct SkippedSignaturesTests {
    private func audit(_ copy: RegistryCopy, checksSignatures: Bool, threads: Int? = nil) async throws -> AuditReport {
        try await Audit(
            registry: copy.registry, keys: copy.keys, now: copy.now,
            checksSignatures: checksSignatures, threads: threads
        ).run()
    }

    @Test func `Without signatures nothing passes, and damage is found all the same`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 1])
        let copy = try RegistryCopy(of: registry)
        let sound = try await audit(copy, checksSignatures: false)
        #expect(sound.verdict == .indeterminate)
        #expect(sound.findings.map(\.key) == ["signatures.skipped"])
        #expect(sound.signatures == 0 && sound.entries == 4 && sound.agreements == 3 && sound.documents.present == 3)

        let digest = ContentDigest.of(Array("The text of A-1.\n".utf8))
        let document = RegistryFolder.documentName(digest)
        let bytes = try copy.bytes(document)
        try copy.put(document, Array("The text of A-2.\n".utf8))
        #expect(try await audit(copy, checksSignatures: false).faults.map(\.key).contains("document.mismatch"))
        try copy.put(document, bytes)

        let bundle = "ledger/tile/entries/000.p/4"
        var damaged = try copy.bytes(bundle)
        damaged[damaged.count - 1] ^= 1
        try copy.put(bundle, damaged)
        let report = try await audit(copy, checksSignatures: false)
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.key).contains("entry.mismatch"))
    }

    @Test(arguments: [1, 2, 7])
    func `The report does not hang on how many cores there are`(threads: Int) async throws {
        let registry = try await ScratchRegistry.filled(batches: [20, 3])
        let copy = try RegistryCopy(of: registry)
        var expected = try await audit(copy, checksSignatures: true)
        var report = try await audit(copy, checksSignatures: true, threads: threads)
        #expect(report.verdict == .passed && report.signatures == 48)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        expected.seconds = 0
        report.seconds = 0
        #expect(try encoder.encode(report) == encoder.encode(expected))
    }
}
