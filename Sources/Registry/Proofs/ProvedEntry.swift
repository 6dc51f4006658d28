internal import Agreements
package import TiledLog

/// An entry with the proof of it, in bytes that leave the registry together.
package struct ProvedEntry: Sendable {
    package let judged: JudgedEntry
    /// The tree that the proof leads to.
    package let head: TreeHead
    /// A tlog-proof; of a pending entry, a pending proof.
    package let proof: [UInt8]
    /// The entry with its certificates.
    package let exported: [UInt8]
    /// Names of the witnesses under the checkpoint.
    package let cosigned: [String]
    /// Of a pending entry, the witnesses that have not cosigned; nil of a published one.
    package let missing: [String]?
    package let demonstration: Bool
    package let findings: [Finding]

    init(
        judged: JudgedEntry, head: TreeHead, proof: [UInt8], exported: [UInt8], cosigned: [String],
        missing: [String]?, foundations: [Finding], demonstration: Bool
    ) {
        self.judged = judged
        self.head = head
        self.proof = proof
        self.exported = exported
        self.cosigned = cosigned
        self.missing = missing
        self.demonstration = demonstration
        let pending = missing.map { [Finding(pendingEntry: judged.index, cosigned: cosigned, missing: $0)] } ?? []
        findings = (judged.findings + pending + foundations).withoutRepetition()
    }

    package var isPending: Bool { missing != nil }

    /// What the entry is worth; never passed while it is pending.
    package var verdict: Verdict { findings.verdict }

    /// What both files are called, without what follows the point.
    package var fileName: String {
        "\(judged.entry.statement?.agreement?.text ?? "registry")-\(judged.index)"
    }

    package var proofExtension: String { isPending ? "pending-proof" : "tlog-proof" }
}

extension Finding {
    /// That an entry is signed by the log, and not registered.
    init(pendingEntry index: Int64, cosigned: [String], missing: [String]) {
        let signed = cosigned.isEmpty ? "nobody" : cosigned.joined(separator: ", ")
        self.init(
            "ledger.pending", .indeterminate, entry: index, expected: (cosigned + missing).joined(separator: ", "),
            actual: signed,
            "the entry is signed by the log and not registered: cosigned by \(signed), "
                + "missing \(missing.isEmpty ? "nobody" : missing.joined(separator: ", "))")
    }
}
