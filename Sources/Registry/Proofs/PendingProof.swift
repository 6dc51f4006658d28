package import TransparencyLog

/// That the log has signed over an entry, and nothing more: what a tlog-proof is after the quorum has cosigned.
///
///     bitim-pending-proof@v1
///     index 7
///     gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
///
///     registry.example/kz-uz
///     8
///     sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
///
///     — registry.example/kz-uz …
///     — kz.example/witness …
///
/// Line for line a tlog-proof under another first line, so that no foreign verifier takes it for one. docs/proofs.md.
package struct PendingProof {
    static let header = Array("bitim-pending-proof@v1\n".utf8)
    private static let proofHeader = Array("c2sp.org/tlog-proof@v1\n".utf8)

    /// Its quorum is not met.
    let proof: TLogProof

    init(_ proof: TLogProof) { self.proof = proof }

    package init(parsing bytes: [UInt8]) throws(TLogProofError) {
        guard bytes.starts(with: Self.header) else { throw .badHeader }
        proof = try TLogProof(parsing: Self.proofHeader + bytes.dropFirst(Self.header.count))
    }

    package var bytes: [UInt8] { Self.header + proof.bytes.dropFirst(Self.proofHeader.count) }
}
