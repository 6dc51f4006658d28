import OpenSSLKit
import Testing
import TransparencyLog

/// A log, two witnesses, and the policy that wants both.
struct Fixture {
    static let origin = "example.com/registry"

    let log: NoteSigner
    let a: Cosigner
    let b: Cosigner
    let policy: WitnessPolicy

    init() throws {
        log = try NoteSigner(name: #require(KeyName(Self.origin)), key: .generateEd25519())
        a = try Cosigner(name: #require(KeyName("example.com/a")), key: .generateEd25519())
        b = try Cosigner(name: #require(KeyName("example.com/b")), key: .generateEd25519())
        policy = try WitnessPolicy(parsing: Array(Self.policyText(log: log, a: a, b: b).utf8))
    }

    static func policyText(log: NoteSigner, a: Cosigner, b: Cosigner) -> String {
        """
        log \(log.verifierKey)
        witness A \(a.verifierKey)
        witness B \(b.verifierKey)
        group both all A B
        quorum both

        """
    }

    func checkpoint(size: Int64, root: SHA256Digest) throws -> Checkpoint {
        try Checkpoint(origin: ByteString(Self.origin), size: size, root: root)
    }

    /// Signed by the log, cosigned by A at 1,700,000,000 and by B ten seconds later.
    func note(_ checkpoint: Checkpoint) throws -> SignedNote {
        try SignedNote(
            text: checkpoint.bytes,
            signatures: [
                log.sign(checkpoint.bytes),
                a.sign(checkpoint, time: 1_700_000_000),
                b.sign(checkpoint, time: 1_700_000_010),
            ]
        )
    }

    func note() throws -> SignedNote {
        try note(checkpoint(size: 3, root: MerkleTree.leafHash([1])))
    }
}

/// The lines with a newline after each.
func lines(_ lines: String...) -> [UInt8] {
    lines.flatMap { Array($0.utf8) + [0x0A] }
}

func leaf(_ number: Int) -> [UInt8] {
    Array("leaf \(number)".utf8)
}
