internal import Agreements
internal import OpenSSLKit

/// Why a draft is not signed, not taken over or not registered, each in its own words.
enum DraftRefusal {
    /// What helps where a signature does not hold, also one that held before its signer went off the list.
    static let anotherSignature =
        "write the draft anew, or sign it again with a listed key, in a copy without that signature"

    static func error(_ finding: Finding, _ report: DraftReport) -> RegistryError {
        let code: RegistryError.Code = DraftReport.isOvertaken(finding.key) ? .conflict : .refused
        let hint: String
        switch finding.key {
        case "statement.expired":
            hint = "write a new draft; signatures under this one are of no use any more"
        case "statement.ledger.mismatch":
            hint = "check with the other parties which registry is meant: its identity is in keys/identity"
        case "identity.unpinned":
            hint = "write the registry's identity, known from elsewhere, to keys/identity"
        case "statement.previous.mismatch", "agreement.id.used":
            hint = "the first in wins: write a new draft, which follows what is in the ledger now, and have it signed"
        case "certificate.missing":
            hint =
                "ask for the draft as it was written, with its certificates: without them nobody could use the change"
        case "identity.mismatch":
            hint = "a keys folder serves one registry: choose another one with --keys, with the keys that are to sign"
        case "draft.keys.mismatch":
            hint =
                "'bitim show DRAFT' names all that differs: ask the party itself what is its own; nothing was signed"
        case "draft.keys.absent":
            hint = "ask the party itself for its public files, and put them into keys/: nothing is signed on hearsay"
        case "statement.tree.unknown":
            hint = "the registry here may be an older copy: bring it up to date"
        default:
            hint = "finding \(finding.key); write a new draft"
        }
        return RegistryError(code, "the draft is refused: \(finding.message)", hint: hint, findings: [finding])
    }

    /// A signature that is over something else is told by what it is over, when that can be seen.
    static func error(_ error: ImportError, _ bytes: [UInt8], _ draft: Draft, _ source: String) -> RegistryError {
        if error == .otherContent, let signedData = try? SignedData(derBytes: bytes), let content = signedData.content,
            let other = try? Statement(canonicalBytes: content)
        {
            let what = "\(other.event.name)\(other.agreement.map { " of \($0)" } ?? "")"
            return RegistryError(
                .refused, "\(source) signs another statement: \(what), \(ContentDigest.of(content))",
                hint: "this draft's statement is \(draft.statementDigest)")
        }
        return RegistryError(
            .refused, "\(source): \(error)", hint: error.hint ?? "see 'bitim sign --help' for a way to sign that works")
    }
}

extension DraftReport {
    /// Judges a signature as those of the draft are judged.
    func judge(_ signature: DraftSignature, keys: KeysFolder, now: Int64) throws -> DraftSigner {
        if let ledger { return try ledger.judge(signature, asOf: index) }
        if let constitution { return try constitution.judge(signature, now: now) }
        return try KeysTrust(keys, required: draft.required).judge(signature, now: now)
    }

    /// Throws unless the draft can be registered now.
    package func requireRegistrable() throws {
        if let wrong = findings.first(where: { $0.severity != .warning }) { throw DraftRefusal.error(wrong, self) }
        for signer in signers where signer.verdict != .passed {
            throw RegistryError(
                .refused, "the draft is refused: \(signer.subject): \(signer.fault ?? "")",
                hint: "finding \(signer.findings.first?.key ?? signer.verdict.rawValue); nothing was added: "
                    + DraftRefusal.anotherSignature,
                findings: signer.findings)
        }
        guard missing.isEmpty else {
            let names = missing.map(\.text)
            let verb = names.count == 1 ? "has" : "have"
            throw RegistryError(
                .refused, "\(names.joined(separator: ", ")) \(verb) not signed",
                hint:
                    "each signs with 'bitim sign DRAFT'; bring the signatures together with 'bitim sign DRAFT --import FILE'"
            )
        }
    }
}
