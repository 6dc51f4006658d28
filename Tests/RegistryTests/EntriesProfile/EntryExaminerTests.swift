import OpenSSLKit
import Registry
import Support
import Testing

/// Entries read in place, of signers that are known: the same is said of every fault as on the long way.
@Suite struct EntryExaminerTests {
    @Test(arguments: LeafFault.frame + LeafFault.encoding + LeafFault.signedAttributes + LeafFault.algorithms)
    func `A leaf with one fault is judged alike on both ways`(_ fault: LeafFault) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let store = CertificateStore([good.kz.certificate, good.uz.certificate])
        let comparison = EntryComparison(certificates: store, known: [good.tree.bytes])
        #expect(comparison.differences(good.tree.bytes).isEmpty)
        #expect(comparison.isShort)
        let differences = comparison.differences(try fault.make(good))
        #expect(differences.isEmpty, "\(differences)")
        #expect(!comparison.isShort)
    }

    /// Signed properly, so that nothing but the reading stands against it.
    @Test(arguments: ["270230000000Z", "261301000000Z", "260100000000Z", "260101240000Z", "260101006000Z"])
    func `A signing-time that is no time is judged alike`(_ text: String) async throws {
        try await expectAlike { try $0.resigningKZ(OID.signingTime, as: .primitive(0x17, Array(text.utf8))) }
    }

    @Test(arguments: ["2601010000Z", "260101000000", "2601010000000Z", "26010100000:Z", "260101000000+0000", ""])
    func `A signing-time in another form is judged alike`(_ text: String) async throws {
        try await expectAlike { try $0.resigningKZ(OID.signingTime, as: .primitive(0x17, Array(text.utf8))) }
    }

    @Test func `A leap second, and a time from 2050 on, go the long way`() async throws {
        try await expectAlike { try $0.resigningKZ(OID.signingTime, as: .primitive(0x17, Array("260630235960Z".utf8))) }
        try await expectAlike {
            try $0.resigningKZ(OID.signingTime, as: .primitive(0x18, Array("20500101000000Z".utf8)))
        }
    }

    @Test func `Years of two digits are those of RFC 5652`() async throws {
        for (text, isShort) in [("491231235959Z", true), ("500101000000Z", true), ("000229120000Z", true)] {
            try await expectAlike(isShort: isShort) {
                try $0.resigningKZ(OID.signingTime, as: .primitive(0x17, Array(text.utf8)))
            }
        }
    }

    /// The same certificate named in another way is a signer who is new, and then known.
    @Test func `A signing-certificate-v2 in another form is known by its second time`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let store = CertificateStore([good.kz.certificate, good.uz.certificate])
        let comparison = EntryComparison(certificates: store, known: [good.tree.bytes])
        var value = HandSigning.signingCertificate(good.kz.certificate, .sha256)
        value[0][0].children.removeLast()
        let leaf = try good.resigningKZ(OID.signingCertificateV2, as: value)
        for isShort in [false, true] {
            let before = comparison.examiner.longWayCount
            let (entry, outcomes) = comparison.examiner.examine(leaf[...], verifiesSignatures: true)
            #expect(entry.deviations.isEmpty)
            #expect(outcomes.count == 2)
            #expect((comparison.examiner.longWayCount == before) == isShort)
        }
        #expect(comparison.differences(leaf).isEmpty)
    }

    private func expectAlike(isShort: Bool = false, _ make: (GoodLeaf) throws -> [UInt8]) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let store = CertificateStore([good.kz.certificate, good.uz.certificate])
        let comparison = EntryComparison(certificates: store, known: [good.tree.bytes])
        let leaf = try make(good)
        #expect(leaf != good.tree.bytes)
        let differences = comparison.differences(leaf)
        #expect(differences.isEmpty, "\(differences)")
        #expect(comparison.isShort == isShort)
    }
}
