internal import Agreements
internal import TiledLog
internal import TransparencyLog

/// The files beside the ledger that entries speak of: a copy without them could not be audited.
struct NeededFiles {
    /// Public documents, each with its size as its entry gives it.
    private(set) var documents: [ContentDigest: Int64] = [:]
    /// Restricted ones likewise.
    private(set) var restricted: [DocumentCommitment: Int64] = [:]
    private(set) var certificates: Set<ContentDigest> = []
    /// Of the checkpoints that the signers saw.
    private(set) var treeSizes: Set<Int64> = []

    mutating func take(leaf: ArraySlice<UInt8>) {
        guard let statement = Entry(leaf: Array(leaf), checksProfile: false).statement else { return }
        for document in statement.event.documents {
            // Two entries that give different sizes cannot both be right: the audit tells which.
            if let digest = document.digest {
                documents[digest] = max(documents[digest] ?? 0, document.sizeBytes)
            } else if let commitment = document.commitment {
                restricted[commitment] = max(restricted[commitment] ?? 0, document.sizeBytes)
            }
        }
        if let size = statement.tree?.size { treeSizes.insert(size) }
        switch statement.event {
        case .registryEstablished(let body):
            for party in body.constitution.parties {
                certificates.formUnion(party.authorities)
                certificates.formUnion(party.signers.map(\.certificate))
            }
        case .registryChanged(let change):
            certificates.formUnion(change.listChanges.filter { $0.action == .add }.map(\.certificate))
        default: break
        }
    }
}
