internal import Agreements
internal import OpenSSLKit
package import TiledLog
package import TransparencyLog

/// Proof that a log has signed two histories, kept where it is not lost: two checkpoints, and why no tree has both.
package enum EvidenceFile {
    static let folder = "evidence"

    /// Keeps it under a name that follows from its bytes, so that nothing is written twice.
    ///
    /// - Returns: the file's whole path.
    @discardableResult
    package static func keep(_ evidence: MisbehaviourEvidence, in files: DurableFolder) throws -> String {
        let bytes = evidence.bytes
        let name = "\(folder)/\(ContentDigest.of(bytes).hex.prefix(16)).\(MisbehaviourEvidence.fileExtension)"
        if (try? Files.read(files.fullPath(name), maximumBytes: bytes.count)) != bytes {
            try files.replace(name, with: bytes)
        }
        return files.fullPath(name)
    }

    /// Those that a registry keeps.
    package static func names(_ registry: RegistryFolder) -> [String] {
        ((try? Files.names(in: registry.fullPath(folder))) ?? [])
            .filter { $0.hasSuffix(".\(MisbehaviourEvidence.fileExtension)") }.map { "\(folder)/\($0)" }
    }

    /// Where the evidence lies that findings tell of; nil where there is none.
    static func path(toldBy findings: [Finding]) -> String? {
        findings.first { $0.key == forkedKey }.flatMap { finding in
            finding.path.flatMap { $0.hasSuffix(".\(MisbehaviourEvidence.fileExtension)") ? $0 : nil }
        }
    }

    /// Whether findings tell of two histories, with evidence or without.
    package static func isFork(_ findings: [Finding]) -> Bool { findings.contains { $0.key == forkedKey } }

    static let forkedKey = "ledger.forked"

    /// What is said of it wherever it turns up.
    package static func finding(_ evidence: MisbehaviourEvidence, path: String?) -> Finding {
        let (first, second) = (evidence.firstCheckpoint, evidence.secondCheckpoint)
        return Finding(
            forkedKey, path: path, expected: "\(first.size):\(first.root.hex)",
            actual: "\(second.size):\(second.root.hex)",
            "the log has signed two histories, which no honest log does: the evidence is kept")
    }
}
