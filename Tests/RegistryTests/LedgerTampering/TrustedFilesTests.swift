import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// `keys/` is what is trusted, and must agree with the ledger.
@Suite struct TrustedFilesTests {
    private func copy() async throws -> RegistryCopy {
        try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
    }

    private func put(_ copy: RegistryCopy, _ name: String, _ bytes: [UInt8]) throws {
        try copy.scratch.write(bytes, to: "keys/\(name)")
    }

    @Test func `Another identity fails`() async throws {
        let copy = try await copy()
        let identity = try copy.scratchBytes("keys/identity")
        try put(copy, "identity", Array("sha256:\(String(repeating: "0", count: 64))\n".utf8))
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.key) == ["identity.mismatch"])
        #expect(report.faults.first?.actual == String(decoding: identity.dropLast(), as: UTF8.self))
        await #expect(throws: RegistryError.self) { try await copy.registrar() }
    }

    @Test func `Another registry of the same origin and parties fails`() async throws {
        let copy = try await copy()
        let other = try await ScratchRegistry.filled(batches: [2])
        try put(copy, "identity", Array("\(other.identity)\n".utf8))
        #expect(try await copy.audit().verdict == .failed)
    }

    @Test func `A removed identity leaves the verdict indeterminate, and nothing is added`() async throws {
        let copy = try await copy()
        try FileManager.default.removeItem(atPath: copy.scratch.file("keys/identity"))
        let report = try await copy.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.faults.map(\.key) == ["identity.unpinned"])
        let error = await #expect(throws: RegistryError.self) { try await copy.registrar() }
        #expect(error?.code == .refused)
        #expect(error?.hint != nil)
    }

    @Test(arguments: [
        "", "\n", "sha256:\n", "nothing\n", "without newline", "upper case", "space", "twice", "carriage return", "nul",
    ])
    func `An identity in any other spelling is never believed`(spelling: String) async throws {
        let copy = try await copy()
        let line = String(decoding: try copy.scratchBytes("keys/identity").dropLast(), as: UTF8.self)
        let text =
            switch spelling {
            case "without newline": line
            case "upper case": "sha256:" + line.dropFirst(7).uppercased() + "\n"
            case "space": line + " \n"
            case "twice": line + "\n" + line + "\n"
            case "carriage return": line + "\r\n"
            case "nul": line + "\0\n"
            default: spelling
            }
        try put(copy, "identity", Array(text.utf8))
        // No registry is meant, so there is nothing to report on.
        let error = await #expect(throws: RegistryError.self) { try await copy.audit() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("keys/identity") == true)
    }

    @Test func `Every changed byte of the identity is refused or fails`() async throws {
        let copy = try await copy()
        let bytes = try copy.scratchBytes("keys/identity")
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            try put(copy, "identity", changed)
            let verdict = try? await copy.audit().verdict
            #expect(verdict != .passed && verdict != .indeterminate, "byte \(position)")
        }
    }

    @Test(arguments: [
        "policy", "KZ/authority.pem", "UZ/authority.pem", "KZ/signer-1.pem", "UZ/signer-2.pem", "KZ/witness.vkey",
    ])
    func `An altered file for foreign tools is a finding that names it`(name: String) async throws {
        let copy = try await copy()
        let bytes = try copy.scratchBytes("keys/\(name)")
        let isPEM = name.hasSuffix(".pem")
        // Of a PEM file, the lines between the marks; text around them means nothing.
        let inside = isPEM ? Array(bytes.indices.dropFirst(30).dropLast(30)) : Array(bytes.indices)
        for position in stride(from: 0, to: inside.count, by: 13).map({ inside[$0] }) where bytes[position] != 0x0A {
            var changed = bytes
            changed[position] ^= 2
            try put(copy, name, changed)
            let report = try await copy.audit()
            #expect(report.verdict != .passed, "byte \(position) of \(name)")
            #expect(
                report.faults.contains { $0.path.map { "keys/\(name)".hasPrefix($0) } ?? false }, "\(report.faults)")
        }
        var others = [[], Array(bytes.prefix(bytes.count / 2)), [0xFF], [0]] as [[UInt8]]
        // A signer's certificate twice says nothing else than once.
        if !name.contains("signer") { others.append(bytes + bytes) }
        for other in others {
            try put(copy, name, other)
            let report = try await copy.audit()
            #expect(report.verdict != .passed, "\(other.count) bytes in \(name)")
            #expect(
                report.faults.contains { $0.path.map { "keys/\(name)".hasPrefix($0) } ?? false }, "\(report.faults)")
        }
        try put(copy, name, bytes)
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test func `The other party's files are findings`() async throws {
        let copy = try await copy()
        for name in ["authority.pem", "signer-1.pem", "witness.vkey"] {
            let own = try copy.scratchBytes("keys/KZ/\(name)")
            try put(copy, "KZ/\(name)", copy.scratchBytes("keys/UZ/\(name)"))
            let report = try await copy.audit()
            #expect(report.verdict == .failed)
            #expect(report.faults.contains { $0.path == "keys/KZ/\(name)" })
            try put(copy, "KZ/\(name)", own)
        }
    }

    @Test(arguments: ["any", "none", "one", "swapped"])
    func `A weaker policy than the ledger's is a finding`(change: String) async throws {
        let copy = try await copy()
        var policy = String(decoding: try copy.scratchBytes("keys/policy"), as: UTF8.self)
        switch change {
        case "any": policy = policy.replacingOccurrences(of: "parties all", with: "parties any")
        case "none": policy = policy.replacingOccurrences(of: "quorum parties", with: "quorum none")
        case "one": policy = policy.replacingOccurrences(of: "quorum parties", with: "quorum KZ")
        default:
            policy = policy.replacingOccurrences(of: "witness KZ", with: "witness X")
                .replacingOccurrences(of: "witness UZ", with: "witness KZ").replacingOccurrences(
                    of: "witness X", with: "witness UZ")
        }
        #expect(policy != String(decoding: try copy.scratchBytes("keys/policy"), as: UTF8.self))
        try put(copy, "policy", Array(policy.utf8))
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.path) == ["keys/policy"])
    }
}
