internal import Agreements
internal import FoundationEssentials
internal import OpenSSLKit
internal import TiledLog

/// Holds a trail against the ledger: every member of every row is made again, as of the checkpoint that the trail names,
/// and compared. docs/audit-trail.md.
struct TrailCheck {
    private static let members: Set = [
        "format", "schemaVersion", "registry", "filter", "counts", "checkpoint", "findings", "rows",
    ]

    private static let missingCertificate = "certificate.missing"

    let registry: RegistryFolder
    let keys: KeysFolder
    /// POSIX seconds.
    let now: Int64

    private(set) var findings: [Finding] = []

    init(registry: RegistryFolder, keys: KeysFolder, now: Int64) {
        self.registry = registry
        self.keys = keys
        self.now = now
    }

    /// - Returns: the ledger that it was held against; what was found is in `findings`.
    /// - Throws: `RegistryError` when the ledger itself does not hold.
    mutating func check(_ file: TrailFile) async throws -> OpenedLedger {
        let ledger = try RegistryReading.open(registry: registry, keys: keys)
        guard let members = file.members else {
            malformed(file.fault ?? "it is not an object")
            return ledger
        }
        guard members["schemaVersion"]?.isSame(as: .integer(1)) == true else {
            findings.append(
                Finding(
                    "trail.version.unknown", .indeterminate, expected: "1",
                    actual: members["schemaVersion"]?.excerpt, "a trail of a version that this program does not know"))
            return ledger
        }
        for key in members.keys.sorted() where !Self.members.contains(key) {
            malformed("a trail has no member '\(key)'", at: key)
        }
        guard let head = try checkpoint(members["checkpoint"], in: ledger),
            let agreement = filter(members["filter"])
        else { return ledger }
        let reading = try await RegistryReading.read(
            ledger, head: head, selection: agreement.map { .agreements([$0]) } ?? .all, now: now)
        let trail = Trail(reading, agreement: agreement)
        let made = try Self.json(trail)
        compare(members["registry"], with: made["registry"], at: "registry", key: "trail.registry.mismatch")
        let isBlind = trail.rows.contains { $0.findings.contains(Self.missingCertificate) }
        compare(members["counts"], with: made["counts"], at: "counts", key: "trail.counts.mismatch") { member in
            // How many passed depends on what is held; how many rows there are does not.
            isBlind && member != "rows" ? .indeterminate : .failed
        }
        compareRows(members["rows"], with: made["rows"])
        compareFindings(members["findings"], with: made["findings"])
        findings += reading.foundations
        tellVerdict(of: trail)
        return ledger
    }

    private static func json(_ trail: Trail) throws -> [String: CanonicalJSON] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return try JSONReader.read(Array(encoder.encode(trail))).membersByKey ?? [:]
    }

    private mutating func malformed(_ message: String, at path: String? = nil) {
        findings.append(Finding("trail.malformed", path: path, message))
    }

    // MARK: What the trail was made from

    /// The published tree that the trail names; nil, and a finding, when there was none such.
    private mutating func checkpoint(_ value: CanonicalJSON?, in ledger: OpenedLedger) throws -> TreeHead? {
        guard let members = value?.membersByKey, members.count == 2, case .integer(let size)? = members["size"],
            case .string(let root)? = members["root"]
        else {
            malformed("the checkpoint is not a size and a root", at: "checkpoint")
            return nil
        }
        guard size <= ledger.publishedHead.size else {
            findings.append(
                Finding(
                    "trail.checkpoint.ahead", path: "checkpoint.size", expected: "at most \(ledger.publishedHead.size)",
                    actual: String(size), "the trail is of a larger tree than the ledger at hand"))
            return nil
        }
        let stored: StoredCheckpoint
        do {
            stored = try StoredCheckpoint(ledger, size: size)
        } catch let error as RegistryError {
            findings.append(
                Finding("trail.checkpoint.unknown", path: "checkpoint.size", actual: String(size), error.message))
            return nil
        }
        if root != stored.head.root.hex {
            findings.append(
                Finding(
                    "trail.checkpoint.mismatch", path: "checkpoint.root", expected: stored.head.root.hex,
                    actual: CanonicalJSON.string(root).excerpt,
                    "the published checkpoint of \(size) entries has another root"))
        }
        return stored.head
    }

    /// Nil, and a finding, when there is no such filter; nil within for all agreements.
    private mutating func filter(_ value: CanonicalJSON?) -> AgreementID?? {
        if let members = value?.membersByKey, members.count == 1 {
            switch members["agreement"] {
            case .null?: return .some(nil)
            case .string(let text)?: if let id = AgreementID(text) { return id }
            default: break
            }
        }
        malformed("the filter is not an agreement's id or null", at: "filter")
        return nil
    }

    // MARK: Comparing

    /// Objects of a fixed shape, member by member.
    private mutating func compare(
        _ given: CanonicalJSON?, with made: CanonicalJSON?, at path: String, key: String,
        severity: (String) -> Finding.Severity = { _ in .failed }
    ) {
        guard let given = given?.membersByKey, let made = made?.membersByKey else {
            return malformed("it is missing, or no object", at: path)
        }
        for member in Set(given.keys).union(made.keys).sorted() {
            guard made[member]?.isSame(as: given[member]) != true else { continue }
            findings.append(
                Finding(
                    key, severity(member), path: "\(path).\(member)", expected: made[member]?.excerpt,
                    actual: given[member]?.excerpt,
                    "the ledger says something else"))
        }
    }

    private mutating func compareRows(_ given: CanonicalJSON?, with made: CanonicalJSON?) {
        guard case .array(let rows)? = given, case .array(let madeRows)? = made else {
            return malformed("the rows are missing, or no list", at: "rows")
        }
        let expected = Dictionary(
            uniqueKeysWithValues: madeRows.compactMap { row in Self.index(row).map { ($0, row) } })
        var seen: Set<Int64> = []
        var last = Int64.min
        for (position, row) in rows.enumerated() {
            let path = "rows[\(position)]"
            guard let index = Self.index(row) else {
                malformed("a row is no object with an index", at: path)
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
    private mutating func compareFindings(_ given: CanonicalJSON?, with made: CanonicalJSON?) {
        guard case .array(let given)? = given, case .array(let made)? = made else {
            return malformed("the findings are missing, or no list", at: "findings")
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

    /// A trail that tells truly of a bad entry is no reason to rely on the entry. What the parties have voided is dealt
    /// with, as in an audit, and no reason to rely on anything either.
    private mutating func tellVerdict(of trail: Trail) {
        for row in trail.rows where row.isVoided {
            findings.append(
                Finding(
                    TrailRow.voidedKey, .warning, entry: row.index, agreement: row.agreement,
                    "the entry is of no effect: the parties have voided it"))
        }
        let rows = trail.rows.filter { !$0.isVoided }
        guard !rows.isEmpty || trail.rows.isEmpty else {
            findings.append(Finding("trail.verdict", "all entries of the trail are voided"))
            return
        }
        let worst = rows.map(\.verdict).max() ?? .passed
        guard worst != .passed else { return }
        let count = rows.count { $0.verdict == worst }
        findings.append(
            Finding(
                "trail.verdict", worst == .failed ? .failed : .indeterminate, actual: worst.rawValue,
                "\(count) of the entries are \(worst.rawValue) themselves, whatever the trail says of them"))
    }

    private static func index(_ row: CanonicalJSON) -> Int64? {
        if case .integer(let index)? = row.membersByKey?["index"] { index } else { nil }
    }

    private static func agreement(_ row: CanonicalJSON) -> String? {
        if case .string(let agreement)? = row.membersByKey?["agreement"] { agreement } else { nil }
    }
}
