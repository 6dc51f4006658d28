import OpenSSLKit
import Testing

@testable import TransparencyLog

@Suite struct AddCheckpointRequestTests {
    /// The example of tlog-witness, with a whole first signature line.
    private static let example = """
        old 20852014
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

        example.com/behind-the-sofa
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
        — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=

        """

    @Test func `The specification's example is read, and printed as it was`() throws {
        let bytes = Array(Self.example.utf8)
        let request = try AddCheckpointRequest(parsing: bytes)
        #expect(request.oldSize == 20_852_014)
        #expect(request.proof.count == 4)
        #expect(request.checkpoint.size == 20_852_163)
        #expect(request.checkpoint.origin == "example.com/behind-the-sofa")
        #expect(request.note.signatures.count == 2)
        #expect(request.bytes == bytes)
    }

    @Test(arguments: ["007", "-1", "+1", "18446744073709551616", "9223372036854775808", "", " 1", "1 ", "0x1", "١"])
    func `A number that is not its own decimal spelling is refused`(number: String) {
        let text = Self.example.replacing("old 20852014", with: "old \(number)")
        #expect(throws: AddCheckpointRequest.Fault.badOldSize) { try AddCheckpointRequest(parsing: Array(text.utf8)) }
        #expect(LatestSize.parse(Array("\(number)\n".utf8)) == nil)
    }

    @Test func `At most 63 proof lines are read`() throws {
        let line = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
        func request(_ lines: Int) -> [UInt8] {
            let rest = Self.example.split(separator: "\n\n", maxSplits: 1).last ?? ""
            return Array(("old 5\n" + String(repeating: line, count: lines) + "\n" + rest).utf8)
        }
        #expect(try AddCheckpointRequest(parsing: request(63)).proof.count == 63)
        #expect(throws: AddCheckpointRequest.Fault.tooManyProofLines) {
            try AddCheckpointRequest(parsing: request(64))
        }
    }

    @Test func `The size in an answer is one line`() {
        #expect(LatestSize.print(20_852_014) == Array("20852014\n".utf8))
        #expect(LatestSize.parse(Array("20852014\n".utf8)) == 20_852_014)
        #expect(LatestSize.parse(Array("20852014".utf8)) == nil)
        #expect(LatestSize.parse(Array("1\n2\n".utf8)) == nil)
    }
}
