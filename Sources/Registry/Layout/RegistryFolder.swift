package import Agreements
internal import OpenSSLKit
package import TiledLog

/// Where everything lies in `registry/`: what is checked, never believed. See docs/registry-layout.md.
package struct RegistryFolder: Sendable {
    package let path: String
    package let files: DurableFolder
    /// For what lies in `restricted/`: no copy of it leaves that folder, not for a moment.
    package let restrictedFiles: DurableFolder

    package init(path: String) {
        self.path = path
        files = DurableFolder(path: path, temporaryFolder: "\(path)/state/temporary")
        restrictedFiles = DurableFolder(path: path, temporaryFolder: "\(path)/\(Self.restrictedTemporary)")
    }

    package var ledger: LogReader { LogReader(path: "\(path)/ledger") }

    package static let checkpointName = "ledger/checkpoint"
    package static let pendingName = "state/pending"
    /// Of a witness's copy: the checkpoint that it cosigned last, with the cosignature that it gave away.
    static let cosignedName = "state/cosigned"
    package static let lockName = "state/lock"
    /// A cache: see docs/index.md.
    package static let indexName = "state/index.sqlite"
    package static let indexBuildingName = "state/index.building"
    package static let indexLockName = "state/index.lock"

    /// Public documents, by content: `documents/<ab>/<sha256>`.
    package static func documentName(_ digest: ContentDigest) -> String {
        "documents/\(digest.hex.prefix(2))/\(digest.hex)"
    }

    package static let restrictedFolder = "restricted"
    package static let restrictedTemporary = "restricted/temporary"

    /// Restricted documents, by what commits to them: `restricted/<ab>/<commitment>`.
    package static func restrictedName(_ commitment: DocumentCommitment) -> String {
        "\(restrictedFolder)/\(commitment.hex.prefix(2))/\(commitment.hex)"
    }

    /// The key of a restricted document, beside it.
    package static func restrictedKeyName(_ commitment: DocumentCommitment) -> String {
        restrictedName(commitment) + ".key"
    }

    /// Certificates, by content: `certificates/<sha256>.der`.
    package static func certificateName(_ digest: ContentDigest) -> String {
        "certificates/\(digest.hex).der"
    }

    package func fullPath(_ name: String) -> String { files.fullPath(name) }

    /// Not durable before a barrier.
    func placeCertificates(_ certificates: [Certificate]) throws {
        for certificate in certificates {
            try files.place(Self.certificateName(ContentDigest(certificate.fingerprint)), certificate.derBytes)
        }
    }

    /// Whether there is a ledger at all, published or not.
    package var hasLedger: Bool { hasCheckpoint || Files.kind(fullPath("ledger/tile")) != nil }

    /// Whether the log has signed it, published or not.
    package var hasCheckpoint: Bool { isPublished || Files.kind(fullPath(Self.pendingName)) != nil }

    package var isPublished: Bool { Files.kind(fullPath(Self.checkpointName)) != nil }
}
