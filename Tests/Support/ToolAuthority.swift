package import OpenSSLKit

/// Certificates as a CA makes them with the `openssl` program: each a file `<name>.pem`, with its key in `<name>.key`.
package struct ToolAuthority {
    package let scratch: ScratchFolder

    package init(in scratch: ScratchFolder = ScratchFolder()) { self.scratch = scratch }

    package static let ca = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
    package static let signer = [
        "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,nonRepudiation",
    ]
    package static let p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]

    package static func rsa(_ bits: Int) -> [String] { ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)"] }

    package func file(_ name: String) -> String { scratch.file(name) }

    /// - Parameters:
    ///   - issuer: nil for a self-signed one.
    ///   - key: options of `openssl genpkey`.
    package func issue(
        _ name: String, by issuer: String? = nil, _ extensions: [String], key: [String] = p256, days: Int = 365
    ) throws {
        try openssl(["genpkey"] + key + ["-out", "\(name).key"])
        try openssl(["req", "-new", "-key", "\(name).key", "-subj", "/O=A state/CN=\(name)", "-out", "\(name).csr"])
        try scratch.write(extensions.map { $0 + "\n" }.joined(), to: "\(name).extensions")
        let signing =
            issuer.map { ["-CA", "\($0).pem", "-CAkey", "\($0).key", "-CAcreateserial"] }
            ?? ["-signkey", "\(name).key"]
        try openssl(
            ["x509", "-req", "-in", "\(name).csr", "-days", String(days), "-extfile", "\(name).extensions"] + signing
                + ["-out", "\(name).pem"])
    }

    /// A file of several certificates.
    package func bundle(_ names: [String], as name: String) throws {
        try scratch.write(names.flatMap { try certificate($0).pem() }, to: name)
    }

    package func certificate(_ name: String) throws -> Certificate {
        let text = try CommandRun.run("/bin/cat", ["\(name).pem"], folder: scratch.path).standardOutput
        return try Certificate.all(inPEM: Array(text.utf8))[0]
    }

    @discardableResult
    package func openssl(_ arguments: [String]) throws -> CommandRun {
        let run = try CommandRun.run("/usr/bin/openssl", arguments, folder: scratch.path)
        guard run.status == 0 else { throw OpenSSLError("openssl \(arguments[0])", reason: run.standardError) }
        return run
    }
}
