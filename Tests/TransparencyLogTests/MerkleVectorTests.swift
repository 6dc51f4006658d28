import Foundation
import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Published Merkle proofs", .enabled(if: MerkleVectors.arePresent, "shared/vectors is not here"))
struct MerkleVectorTests {
    @Test("All published cases are read")
    func count() {
        #expect(MerkleVectors.inclusion.count == 98)
        #expect(MerkleVectors.consistency.count == 98)
    }

    @Test("An inclusion proof is judged as published", arguments: MerkleVectors.inclusion)
    func inclusion(_ path: String) throws {
        let vector: MerkleVectors.Inclusion = try MerkleVectors.read(path)
        #expect(isAccepted(vector) == !vector.wantErr)
    }

    @Test("A consistency proof is judged as published", arguments: MerkleVectors.consistency)
    func consistency(_ path: String) throws {
        let vector: MerkleVectors.Consistency = try MerkleVectors.read(path)
        #expect(isAccepted(vector) == !vector.wantErr)
    }

    // What cannot even be said in our types is refused.
    private func isAccepted(_ vector: MerkleVectors.Inclusion) -> Bool {
        guard let index = Int64(exactly: vector.leafIdx), let size = Int64(exactly: vector.treeSize),
            let root = SHA256Digest(vector.root), let leafHash = SHA256Digest(vector.leafHash),
            let hashes = digests(vector.proof)
        else { return false }
        let proof = InclusionProof(index: index, size: size, hashes: hashes)
        return (try? proof.verify(leafHash: leafHash, root: root)) != nil
    }

    private func isAccepted(_ vector: MerkleVectors.Consistency) -> Bool {
        guard let oldSize = Int64(exactly: vector.size1), let newSize = Int64(exactly: vector.size2),
            let hashes = digests(vector.proof)
        else { return false }
        let proof = ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
        return (try? proof.verify(oldRoot: root(vector.root1), newRoot: root(vector.root2))) != nil
    }

    private func digests(_ proof: [Data]?) -> [SHA256Digest]? {
        let hashes = (proof ?? []).map { SHA256Digest($0) }
        return hashes.contains(nil) ? nil : hashes.compactMap(\.self)
    }

    // Some roots are placeholders ("don't care 1"): any digest does that keeps equal ones equal.
    private func root(_ data: Data) -> SHA256Digest {
        SHA256Digest(data) ?? SHA256Hasher.hash(data)
    }
}
