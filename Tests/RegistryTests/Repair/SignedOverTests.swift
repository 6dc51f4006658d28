import Foundation
import Registry
import Support
import Testing
import TiledLog

/// Damage at rest is never signed over: a ledger of 1,000 entries, of whose right edge every byte is damaged.
@Suite(.hangLimit) struct SignedOverTests {
    @Test func `Nothing is signed over any damaged byte of the right edge, and after a repair it goes on`() async throws
    {
        let registry = try await ScratchRegistry.filled(batches: [400, 599])
        let copy = try RegistryCopy(of: registry)
        let states = try copy.signerStates()
        let edge = ["ledger/tile/0/003.p/232", "ledger/tile/1/000.p/3", "ledger/tile/entries/003.p/232"]
        var (damaged, repaired) = (0, 0)
        for name in edge {
            let bytes = try copy.bytes(name)
            let step = Campaign.isWhole ? 1 : max(1, bytes.count / 8)
            for position in stride(from: 0, to: bytes.count, by: step) {
                var wrong = bytes
                wrong[position] ^= 1 << UInt8(position % 8)
                try copy.put(name, wrong)
                let error = await #expect(throws: RegistryError.self, "byte \(position) of \(name)") {
                    try await copy.registrar()
                }
                #expect(error?.code == .refused)
                #expect(error?.findings.first?.path == name, "byte \(position) of \(name): \(error?.message ?? "")")
                #expect(try copy.signerStates() == states)
                damaged += 1
                try copy.put(name, bytes)
            }
            // Some of them to the end: each costs a whole audit.
            let repairs = Campaign.isWhole ? 40 : 1
            for number in 0..<repairs {
                var wrong = bytes
                wrong[bytes.count * (2 * number + 1) / (2 * repairs)] ^= 1 << UInt8(number % 8)
                try copy.put(name, wrong)
                #expect(try await copy.repair(from: registry.registry).verdict == .passed)
                #expect(try copy.bytes(name) == bytes)
                _ = try await copy.registrar()
                repaired += 1
            }
        }
        print("\(damaged) damages of the right edge: none was signed over; \(repaired) were repaired")
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed)
    }
}
