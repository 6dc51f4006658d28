import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Verify before signing, at the level of a registry: 300 entries, each file of the right edge damaged in turn.
@Suite struct DamagedEdgeTests {
    @Test func `Nothing is signed over a damaged right edge, and the file is named`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [299])
        let copy = try RegistryCopy(of: registry)
        let states = try copy.signerStates()
        for name in ["ledger/tile/0/001.p/44", "ledger/tile/1/000.p/1", "ledger/tile/entries/001.p/44"] {
            let bytes = try copy.bytes(name)
            var damages: [[UInt8]?] = [nil, [], Array(bytes.dropLast()), bytes + [0]]
            let step = max(1, bytes.count / 40)
            for position in [0, 1, bytes.count - 1] + Array(stride(from: 2, to: bytes.count, by: step)) {
                var damaged = bytes
                damaged[position] ^= 1 << UInt8(position % 8)
                damages.append(damaged)
            }
            for damage in damages {
                if let damage { try copy.put(name, damage) } else { try copy.remove(name) }
                let error = await #expect(throws: RegistryError.self) { try await copy.registrar() }
                #expect(error?.code == .refused)
                #expect(error?.findings.first?.path == name)
                #expect(error?.message.contains(name) == true)
                #expect(try copy.signerStates() == states)
            }
            try copy.put(name, bytes)
        }
        // Damage elsewhere in the entries is found when they are folded.
        let bundle = "ledger/tile/entries/000"
        let bytes = try copy.bytes(bundle)
        for position in stride(from: 1000, to: bytes.count, by: bytes.count / 3) {
            var damaged = bytes
            damaged[position] ^= 1
            try copy.put(bundle, damaged)
            await #expect(throws: RegistryError.self) { try await copy.registrar() }
            #expect(try copy.signerStates() == states)
        }
        try copy.put(bundle, bytes)
        // Well again, it goes on.
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test(arguments: ["ledger/tile/0/000.p/3", "ledger/tile/entries/000.p/3"])
    func `Damage that comes while a registrar is open is not signed over`(name: String) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
        let states = try copy.signerStates()
        let bytes = try copy.bytes(name)
        for damaged in [nil, [], bytes.dropLast() + [bytes.last! ^ 1]] as [[UInt8]?] {
            let registrar = try await copy.registrar()
            _ = try registrar.sign("B-1", copy.scratch)
            if let damaged { try copy.put(name, damaged) } else { try copy.remove(name) }
            // The old bundle is not read again: its entries are in memory, and what is written is read back.
            if !name.contains("entries") {
                await #expect(throws: RegistryError.self) { try await registrar.commit() }
                #expect(try copy.signerStates() == states)
            }
            try copy.put(name, bytes)
        }
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed)
    }
}
