import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing

/// A draft that an earlier version of this program wrote, half signed, and the keys to judge it by.
@Suite struct DraftGoldenTests {
    private static let folder = PackageRoot.file("Tests/BitimCommandsTests/Golden/v1/drafts")

    @Test func `It is read as it was then, and says the same`() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/half-signed.draft")))
        let draft = try Draft(parsing: bytes, name: "half-signed.draft")
        #expect(draft.bytes == bytes)
        #expect(draft.required == [ScratchRegistry.kz, ScratchRegistry.uz])
        let keys = KeysFolder(path: "\(Self.folder)/keys")
        // While the certificates are valid, and the draft has not lapsed.
        let claimed = try #require(draft.signatures[0].signer.signedAttributes?.signingTime)
        let report = try DraftReport(draft, ledger: nil, keys: keys, now: claimed + 60)
        #expect(report.state == .waiting)
        #expect(report.missing == [ScratchRegistry.uz])
        let signer = try #require(report.party(ScratchRegistry.kz))
        #expect(signer.isVerified && signer.subject == "CN=KZ signer 1,O=KZ" && signer.findings.isEmpty)
        let expected = try String(contentsOfFile: "\(Self.folder)/statement.sha256", encoding: .utf8)
        #expect(draft.statementDigest.hex + "\n" == expected)
    }

    /// Of entry 0: the identity that follows from it is computed in one way for ever.
    @Test(arguments: [("half-signed", DraftReport.State.waiting), ("signed", .ready)])
    func `A draft of entry 0 gives the identity that it gave then`(name: String, state: DraftReport.State) throws {
        let folder = "\(Self.folder)/entry-0"
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).draft")))
        let draft = try Draft(parsing: bytes, name: name)
        #expect(draft.bytes == bytes)
        let expected = try String(contentsOfFile: "\(folder)/statement.sha256", encoding: .utf8)
        #expect(draft.statementDigest.hex + "\n" == expected)
        let claimed = try #require(draft.signatures[0].signer.signedAttributes?.signingTime)
        let report = try DraftReport(draft, ledger: nil, keys: KeysFolder(path: "\(folder)/keys"), now: claimed + 60)
        #expect(report.state == state, "\(report.allFindings)")
        let identity = try String(contentsOfFile: "\(folder)/identity.txt", encoding: .utf8)
        #expect(report.identity.map { "\($0)\n" } == (state == .ready ? identity : nil))
    }
}
