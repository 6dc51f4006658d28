import Foundation
import OpenSSLKit
import Support
import Testing

/// A signer who uses the `openssl` program, and never Bitim.
struct ForeignSigner: Sendable, CustomTestStringConvertible {
    enum Form: String, CaseIterable, Sendable {
        case attached, detached, stream
    }

    let name: String
    let digest: String
    /// Options of `openssl cms -sign` for the signature scheme.
    let scheme: [String]
    let certificate: Certificate
    let keyPEM: [UInt8]
    let authority: TestAuthority

    var testDescription: String { name }

    init(_ name: String, digest: String = "sha256", scheme: [String] = [], key: PrivateKey) throws {
        self.name = name
        self.digest = digest
        self.scheme = scheme
        authority = try TestAuthority("Authority of \(name)")
        certificate = try authority.signer(name, key: key).certificate
        keyPEM = try key.pem(passphrase: nil).revealed()
    }

    /// Signers of all kinds that the profile allows; their keys are made once.
    static let all: [ForeignSigner] = {
        let pss = ["-keyopt", "rsa_padding_mode:pss"]
        do {
            let rsa = try OpenSSLTool().key("RSA", "rsa_keygen_bits:2048")
            let rsa3072 = try OpenSSLTool().key("RSA", "rsa_keygen_bits:3072")
            let restricted = try OpenSSLTool().key("RSA-PSS", "rsa_keygen_bits:3072")
            return [
                try ForeignSigner("P-256", key: .generateP256()),
                try ForeignSigner("P-384", digest: "sha384", key: .generateP384()),
                try ForeignSigner("RSA-2048", key: rsa),
                try ForeignSigner("RSA-3072 SHA-256", key: rsa3072),
                try ForeignSigner("RSA-3072 SHA-384", digest: "sha384", key: rsa3072),
                try ForeignSigner("RSA-3072 SHA-512", digest: "sha512", key: rsa3072),
                try ForeignSigner("PSS SHA-256", scheme: pss, key: rsa3072),
                try ForeignSigner(
                    "PSS SHA-512, salt of 64", digest: "sha512", scheme: pss + ["-keyopt", "rsa_pss_saltlen:64"],
                    key: rsa3072),
                try ForeignSigner("RSA-PSS key", scheme: pss, key: restricted),
            ]
        } catch {
            fatalError("no signers: \(error)")
        }
    }()

    func sign(
        _ content: [UInt8], form: Form = .attached, certificates: Bool = false, encoding: String = "DER",
        leavingOut: Set<String> = [], adding: [String] = []
    ) throws -> [UInt8] {
        if form == .stream, scheme.contains("rsa_padding_mode:pss") {
            // OpenSSL 3.0 cannot write these itself ("illegal zero content"): other tools can.
            let signed = try SignedData(derBytes: sign(content, certificates: certificates))
            let streamed = DERBytes.streamed(
                content: content, certificates: signed.certificatesDER, signers: signed.signerInfos.map(\.derBytes))
            return encoding == "DER" ? streamed : Array(Data(streamed).base64EncodedString().utf8)
        }
        let tool = OpenSSLTool()
        try tool.scratch.write(content, to: "statement")
        return try sign(in: tool, "-sign", ["-in", "statement"], form, certificates, encoding, leavingOut, adding)
    }

    /// Signs beside another signature: `-resign` takes the message-digest from there.
    func resign(_ other: [UInt8], adding: [String] = []) throws -> [UInt8] {
        let tool = OpenSSLTool()
        try tool.scratch.write(other, to: "other")
        return try sign(in: tool, "-resign", ["-inform", "DER", "-in", "other"], .attached, false, "DER", [], adding)
    }

    private func sign(
        in tool: OpenSSLTool, _ verb: String, _ input: [String], _ form: Form, _ certificates: Bool,
        _ encoding: String, _ leavingOut: Set<String>, _ adding: [String]
    ) throws -> [UInt8] {
        try tool.scratch.write(certificate.pem(), to: "signer.pem")
        try tool.scratch.write(keyPEM, to: "key.pem")
        var options = ["-binary", "-cades", "-nosmimecap"].filter { !leavingOut.contains($0) }
        if form != .detached { options.append("-nodetach") }
        if form == .stream { options.append("-stream") }
        if !certificates { options.append("-nocerts") }
        let arguments =
            ["cms", verb] + input + options + ["-md", digest, "-signer", "signer.pem", "-inkey", "key.pem"] + scheme
            + adding + ["-outform", encoding, "-out", "signed"]
        let run = try tool.run(arguments)
        guard run.status == 0 else { throw ToolFailure(description: run.standardError) }
        return try tool.bytes(of: "signed")
    }
}

struct ToolFailure: Error, CustomStringConvertible {
    let description: String
}
