internal import Agreements
internal import OpenSSLKit

/// The rows of a trail by themselves: whether each has the form of one, and whether together they are as many and in the
/// order that the trail says. What they say of the entries, nobody has looked at here.
struct TrailRows {
    private(set) var findings: [Finding] = []
    /// Of the rows that have the form, in their order.
    private(set) var rows: [TrailVerdict.Row] = []
    private(set) var leafHashes: [SHA256Digest] = []

    /// Whether there is one row for each index from 0 on, in order.
    var isWhole: Bool { findings.isEmpty }

    init(_ claim: TrailClaim) {
        guard case .array(let values)? = claim.members["rows"] else {
            findings.append(.malformedTrail("the rows are missing, or no list", at: "rows"))
            return
        }
        var seen: Set<Int64> = []
        var last = Int64.min
        for (position, value) in values.enumerated() {
            let path = "rows[\(position)]"
            guard let members = value.membersByKey, case .integer(let index)? = members["index"] else {
                findings.append(.malformedTrail("a row is no object with an index", at: path))
                continue
            }
            if let fault = Self.fault(members) {
                findings.append(
                    Finding(
                        "trail.malformed", entry: index, path: "\(path).\(fault)",
                        "it is missing, unknown or no such value"))
                continue
            }
            if !(0..<claim.size).contains(index) || !Self.isChosen(members, by: claim.agreement) {
                findings.append(
                    Finding(
                        "trail.row.unexpected", entry: index, path: path,
                        "the trail itself says that it has no such row"))
            } else if !seen.insert(index).inserted {
                findings.append(Finding("trail.row.repeated", entry: index, path: path, "the row is there twice"))
            } else if index < last {
                findings.append(
                    Finding(
                        "trail.row.order", entry: index, path: path, expected: "after entry \(last)",
                        "the rows are not in the order of the ledger"))
            }
            last = max(last, index)
            take(members, index: index)
        }
        if values.isEmpty { findings.append(Finding("trail.empty", path: "rows", "the trail has no rows")) }
        if claim.agreement == nil, Int64(seen.count) < claim.size {
            findings.append(
                Finding(
                    "trail.row.missing", path: "rows", expected: "\(claim.size) rows", actual: "\(seen.count) rows",
                    "a trail of all agreements has a row for each entry of its checkpoint"))
        }
    }

    private mutating func take(_ members: [String: CanonicalJSON], index: Int64) {
        guard let hash = Self.text(members["leafHash"]).flatMap({ ContentDigest(text: $0) }),
            let leafHash = SHA256Digest(hash.bytes),
            let verdict = Self.text(members["verdict"]).flatMap({ Verdict(rawValue: $0) })
        else { return }
        leafHashes.append(leafHash)
        var isVoided = false
        if case .array(let keys)? = members["findings"] { isVoided = keys.contains(.string(TrailRow.voidedKey)) }
        rows.append(
            .init(index: index, agreement: Self.text(members["agreement"]), verdict: verdict, isVoided: isVoided))
    }

    private static func isChosen(_ members: [String: CanonicalJSON], by agreement: AgreementID?) -> Bool {
        agreement == nil || text(members["agreement"]) == agreement?.text
    }

    private static func text(_ value: CanonicalJSON?) -> String? {
        if case .string(let text)? = value { text } else { nil }
    }

    // MARK: The form of a row, as docs/audit-trail.md has it

    /// The first member, by name, that is not as it should be.
    private static func fault(_ members: [String: CanonicalJSON]) -> String? {
        Set(members.keys).union(form.keys).sorted().first { name in
            guard let value = members[name], let isRight = form[name] else { return true }
            return !isRight(value)
        }
    }

    private static let form: [String: @Sendable (CanonicalJSON) -> Bool] = [
        "index": { if case .integer = $0 { true } else { false } },
        "leafHash": { text($0).flatMap { ContentDigest(text: $0) } != nil },
        "statementDigest": { $0 == .null || text($0).flatMap { ContentDigest(text: $0) } != nil },
        "event": isTextOrNull,
        "agreement": { $0 == .null || text($0).flatMap { AgreementID($0) } != nil },
        "title": { $0 == .null || $0.membersByKey?.values.allSatisfy { text($0) != nil } == true },
        "titleStatus": isTextOrNull,
        "signers": { value in
            guard case .array(let signers) = value else { return false }
            return signers.allSatisfy { signer in
                guard let members = signer.membersByKey, members.count == 3 else { return false }
                return ["party", "subject", "claimedTime"].allSatisfy { members[$0].map(isTextOrNull) ?? false }
            }
        },
        "provedNotBefore": isTimeOrNull,
        "provedNotAfter": isTimeOrNull,
        "verdict": { text($0).flatMap { Verdict(rawValue: $0) } != nil },
        "findings": { value in
            if case .array(let keys) = value { keys.allSatisfy { text($0) != nil } } else { false }
        },
    ]

    @Sendable private static func isTextOrNull(_ value: CanonicalJSON) -> Bool { value == .null || text(value) != nil }

    @Sendable private static func isTimeOrNull(_ value: CanonicalJSON) -> Bool {
        value == .null || text(value).flatMap { UTCTime(text: $0) } != nil
    }
}
