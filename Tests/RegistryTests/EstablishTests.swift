import Agreements
import Registry
import Support
import Testing

@Suite struct EstablishTests {
    @Test func `A new registry audits clean with one entry`() async throws {
        let scratch = try await ScratchRegistry.established()
        let report = try await scratch.audit()
        #expect(report.verdict == .passed)
        #expect(report.entries == 1)
        #expect(report.signatures == 2)
        #expect(report.findings.isEmpty)
    }

    @Test func `What was added is found by an audit`() async throws {
        let scratch = try await ScratchRegistry.established()
        try await scratch.add("A-1")
        try await scratch.add("A-2")
        let report = try await scratch.audit()
        #expect(report.verdict == .passed)
        #expect(report.entries == 3)
        #expect(report.agreements == 2)
        #expect(report.documents.present == 2)
    }
}
