internal import TiledLog
internal import TransparencyLog

/// A proof as somebody hands it over: nothing in it is believed.
struct ProofFile {
    /// That of any version.
    private static let proofStart = Array("c2sp.org/tlog-proof@".utf8)
    private static let pendingStart = Array("bitim-pending-proof@".utf8)

    let isPending: Bool
    /// Nil when it cannot be read.
    let proof: TLogProof?
    let fault: String?

    /// Nil when the file is something else, by its first line.
    ///
    /// - Throws: `FileError`.
    init?(path: String) throws {
        let start = try Files.start(of: path, count: Self.pendingStart.count, followingLinks: true)
        isPending = start.starts(with: Self.pendingStart)
        guard isPending || start.starts(with: Self.proofStart) else { return nil }
        // What is beyond the limit is read as far as it takes to refuse it.
        let whole = try Files.start(of: path, count: TLogProof.maximumByteCount + 1, followingLinks: true)
        do throws(TLogProofError) {
            proof = isPending ? try PendingProof(parsing: whole).proof : try TLogProof(parsing: whole)
            fault = nil
        } catch {
            proof = nil
            fault = "\(error)"
        }
    }
}
