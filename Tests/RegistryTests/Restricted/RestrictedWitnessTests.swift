import Agreements
import Foundation
import Registry
import Support
import Testing

/// A witness vouches for the documents too: it cosigns nothing restricted that it has not seen.
@Suite struct RestrictedWitnessTests {
    private static let key = "keys/private/UZ-witness.pem"
    private static let text = "The towers of Samarkand shall be nine.\n"

    private func withoutKey(_ registry: ScratchRegistry) throws -> [UInt8] {
        let path = registry.scratch.file(Self.key)
        let key = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try FileManager.default.removeItem(atPath: path)
        return key
    }

    /// A copy as the witness of UZ has it: its own key, and not the log's.
    private func witness(of registry: ScratchRegistry, key: [UInt8]) throws -> RegistryCopy {
        let copy = try RegistryCopy(of: registry)
        try copy.scratch.write(key, to: Self.key)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy.scratch.file(Self.key))
        for name in ["log.pem", "KZ-witness.pem"] {
            try FileManager.default.removeItem(atPath: copy.scratch.file("keys/private/\(name)"))
        }
        return copy
    }

    private func cosign(_ copy: RegistryCopy) async throws -> Registrar.Publishing {
        let now = copy.now
        return try await Registrar.open(
            registry: copy.registry, keys: copy.keys, vault: copy.vault(), now: { now }, purpose: .completing
        ).cosign(parties: [ScratchRegistry.uz])
    }

    @Test func `A witness cosigns a restricted document that it holds, and no other`() async throws {
        let registry = try await ScratchRegistry.established()
        let key = try withoutKey(registry)
        try await registry.addRestricted("R-1", text: Self.text)
        let blind = try witness(of: registry, key: key)
        try blind.remove("restricted")
        // A reader of the same copy is only told.
        #expect(try await blind.audit().faults.map(\.key) == ["ledger.pending"])
        let states = try blind.signerStates()
        let error = await #expect(throws: RegistryError.self) { try await cosign(blind) }
        #expect(error?.code == .refused)
        #expect(error?.findings.map(\.key) == ["document.restricted"])
        #expect(error?.findings.first?.severity == .indeterminate)
        #expect(try blind.signerStates() == states)

        let seeing = try witness(of: registry, key: key)
        #expect(try await cosign(seeing).missing == nil)
        #expect(try await seeing.audit().verdict == .passed)
    }

    @Test func `What a witness has seen once it need not hold for ever`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.addRestricted("R-1", text: Self.text)
        let key = try withoutKey(registry)
        try await registry.add("P-1")
        let copy = try witness(of: registry, key: key)
        try copy.remove("restricted")
        #expect(try await cosign(copy).missing == nil)
    }
}
