package import TransparencyLog

/// What a witness answers to a checkpoint that was submitted (tlog-witness, add-checkpoint).
package enum WitnessAnswer: Sendable {
    /// Its cosignatures, remembered before they are given away.
    case cosigned([NoteSignature])
    /// Another tree was cosigned last, of so many entries; with an alarm where what was sent is of another history.
    case conflict(size: Int64, alarm: WitnessRefusal?)
    case refused(WitnessRefusal)

    /// The HTTP status that says it.
    package var status: Int {
        switch self {
        case .cosigned: 200
        case .conflict: 409
        case .refused(let refusal): refusal.reason.status
        }
    }
}

/// Why a witness does not cosign.
package struct WitnessRefusal: Error, Sendable {
    package enum Reason: String, Sendable {
        /// The request is not of its form, or its old size is larger than the checkpoint's.
        case malformed
        /// No key that is trusted for the origin has signed, or one of them wrongly.
        case unsigned
        case unknownOrigin = "unknown-origin"
        /// The checkpoint is not shown to continue the one that was cosigned last.
        case inconsistent
        /// It does continue it, and an entry breaks the rules.
        case unsound
        /// It does continue it, and something that is needed to judge its entries cannot be had.
        case undecided
        /// The witness itself cannot sign now.
        case unable
        /// Too many wait.
        case busy

        package var status: Int {
            switch self {
            case .malformed: 400
            case .unsigned: 403
            case .unknownOrigin: 404
            case .inconsistent: 422
            case .unsound: 412
            case .undecided: 424
            case .unable: 500
            case .busy: 503
            }
        }
    }

    package let reason: Reason
    package let message: String
    package let findings: [Finding]
    /// Of a file in which proof was kept that the log has signed two histories.
    package let evidence: String?

    package init(_ reason: Reason, _ message: String, findings: [Finding] = []) {
        self.reason = reason
        self.message = message
        self.findings = findings
        evidence = EvidenceFile.path(toldBy: findings)
    }

    /// Of an audit, or a transfer, that has failed.
    init(_ error: RegistryError) {
        switch error.code {
        case .refused where EvidenceFile.isFork(error.findings):
            self.init(.inconsistent, error.message, findings: error.findings)
        case .refused where !error.findings.isEmpty:
            self.init(
                error.findings.verdict == .indeterminate ? .undecided : .unsound, error.message,
                findings: error.findings)
        case .unavailable: self.init(.undecided, error.message, findings: error.findings)
        case .conflict: self.init(.busy, error.message, findings: error.findings)
        case .refused, .usage, .pending: self.init(.unable, error.message, findings: error.findings)
        }
    }
}
