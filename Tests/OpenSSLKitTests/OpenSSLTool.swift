import Foundation
import OpenSSLKit
import Support

/// The `openssl` program: another reader of what is made here.
struct OpenSSLTool {
    let scratch = ScratchFolder()

    @discardableResult
    func run(_ arguments: [String], input: String? = nil) throws -> CommandRun {
        try CommandRun.run("/usr/bin/openssl", arguments, folder: scratch.path, input: input)
    }

    func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))))
    }

    /// A key that OpenSSLKit does not generate.
    func key(_ algorithm: String, _ option: String) throws -> PrivateKey {
        let run = try run(["genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", "generated.pem"])
        guard run.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["openssl": run.standardError]) }
        return try PrivateKey(pem: bytes(of: "generated.pem"), passphrase: nil)
    }
}

/// Of a text of ASCII.
func secret(_ text: String) -> SecretBytes {
    var bytes = Array(text.utf8)
    return SecretBytes(consuming: &bytes)
}
