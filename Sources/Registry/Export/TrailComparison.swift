internal import Agreements

/// A trail's members held against those that were made again from the ledger. docs/audit-trail.md.
struct TrailComparison {
    static let missingCertificate = "certificate.missing"

    private(set) var findings: [Finding] = []

    /// Objects of a fixed shape, member by member.
    mutating func compare(
        _ given: CanonicalJSON?, with made: CanonicalJSON?, at path: String, key: String,
        _ message: String = "the ledger says something else",
        severity: (String) -> Finding.Severity = { _ in .failed }
    ) {
        guard let given = given?.membersByKey, let made = made?.membersByKey else {
            return findings.append(.malformedTrail("it is missing, or no object", at: path))
        }
        for member in Set(given.keys).union(made.keys).sorted() {
            guard made[member]?.isSame(as: given[member]) != true else { continue }
            findings.append(
                Finding(
                    key, severity(member), path: "\(path).\(member)", expected: made[member]?.excerpt,
                    actual: given[member]?.excerpt,
                    message))
        }
    }

    mutating func compareRows(_ given: CanonicalJSON?, with made: CanonicalJSON?) {
        guard case .array(let rows)? = given, case .array(let madeRows)? = made else {
            return findings.append(.malformedTrail("the rows are missing, or no list", at: "rows"))
        }
        let expected = Dictionary(
            uniqueKeysWithValues: madeRows.compactMap { row in Self.index(row).map { ($0, row) } })
        var seen: Set<Int64> = []
        var last = Int64.min
        for (position, row) in rows.enumerated() {
            let path = "rows[\(position)]"
            guard let index = Self.index(row) else {
                findings.append(.malformedTrail("a row is no object with an index", at: path))
                continue
            }
            guard let made = expected[index] else {
                findings.append(
                    Finding(
                        "trail.row.unexpected", entry: index, path: path,
                        "the ledger has no such entry for this trail, up to its checkpoint"))
                continue
            }
            guard seen.insert(index).inserted else {
                findings.append(Finding("trail.row.repeated", entry: index, path: path, "the row is there twice"))
                continue
            }
            if index < last {
                findings.append(
                    Finding(
                        "trail.row.order", entry: index, path: path, expected: "after entry \(last)",
                        "the rows are not in the order of the ledger"))
            }
            last = max(last, index)
            compareRow(row, with: made, entry: index, at: path)
        }
        for (position, row) in madeRows.enumerated() {
            guard let index = Self.index(row), !seen.contains(index) else { continue }
            let event = row.membersByKey?["event"]?.excerpt
            findings.append(
                Finding(
                    "trail.row.missing", entry: index, agreement: Self.agreement(row), path: "rows[\(position)]",
                    expected: event, "the trail leaves an entry out"))
        }
        if madeRows.isEmpty {
            findings.append(Finding("trail.empty", path: "rows", "the ledger has nothing for this trail"))
        }
    }

    private mutating func compareRow(
        _ given: CanonicalJSON, with made: CanonicalJSON, entry: Int64, at path: String
    ) {
        guard let given = given.membersByKey, let expected = made.membersByKey else { return }
        for member in Set(given.keys).union(expected.keys).sorted()
        where expected[member]?.isSame(as: given[member]) != true {
            let isBlind = Self.isBlind(member, given: given[member], made: expected)
            findings.append(
                Finding(
                    "trail.row.changed", isBlind ? .indeterminate : .failed, entry: entry,
                    agreement: Self.agreement(made), path: "\(path).\(member)", expected: expected[member]?.excerpt,
                    actual: given[member]?.excerpt,
                    isBlind
                        ? "a certificate that the row was made with is not held any more"
                        : "the ledger says something else"))
        }
    }

    /// Whether a difference may come from a certificate that was held when the trail was made, and is not now: it may
    /// have had to be erased.
    private static func isBlind(_ member: String, given: CanonicalJSON?, made: [String: CanonicalJSON]) -> Bool {
        guard case .array(let keys)? = made["findings"], keys.contains(.string(missingCertificate)) else {
            return false
        }
        switch member {
        case "verdict", "findings": return true
        case "signers":
            guard case .array(let given)? = given, case .array(let made)? = made["signers"], given.count == made.count
            else { return false }
            // What is known of the signers without their certificates still has to agree.
            return zip(given, made).allSatisfy { given, made in
                guard case .object(let members) = given, made.membersByKey?["subject"] == .null else {
                    return made.isSame(as: given)
                }
                let blank = members.map {
                    CanonicalJSON.Member(key: $0.key, value: $0.key == "subject" ? .null : $0.value)
                }
                return made.isSame(as: .object(blank))
            }
        default: return false
        }
    }

    /// Those that name an entry are of the ledger. What was found on files and on the pin is of its day and its machine.
    mutating func compareFindings(_ given: CanonicalJSON?, with made: CanonicalJSON?) {
        guard case .array(let given)? = given, case .array(let made)? = made else {
            return findings.append(.malformedTrail("the findings are missing, or no list", at: "findings"))
        }
        func ofEntries(_ values: [CanonicalJSON]) -> [CanonicalJSON] {
            values.filter { if case .integer? = $0.membersByKey?["entry"] { true } else { false } }
        }
        func held(_ values: [CanonicalJSON]) -> [CanonicalJSON] {
            values.filter { $0.membersByKey?["key"]?.isSame(as: .string(Self.missingCertificate)) != true }
        }
        guard !CanonicalJSON.array(given).isSame(as: .array(made)) else { return }
        let (severity, message): (Finding.Severity, String) =
            if CanonicalJSON.array(ofEntries(given)).isSame(as: .array(ofEntries(made))) {
                (.warning, "what was found on the files then is not what is found on those here")
            } else if CanonicalJSON.array(ofEntries(given)).isSame(as: .array(held(ofEntries(made)))) {
                (.indeterminate, "a certificate that the trail was made with is not held any more")
            } else {
                (.failed, "the ledger says something else")
            }
        findings.append(
            Finding(
                "trail.findings.changed", severity, path: "findings", expected: CanonicalJSON.array(made).excerpt,
                actual: CanonicalJSON.array(given).excerpt, message))
    }

    private static func index(_ row: CanonicalJSON) -> Int64? {
        if case .integer(let index)? = row.membersByKey?["index"] { index } else { nil }
    }

    private static func agreement(_ row: CanonicalJSON) -> String? {
        if case .string(let agreement)? = row.membersByKey?["agreement"] { agreement } else { nil }
    }
}
