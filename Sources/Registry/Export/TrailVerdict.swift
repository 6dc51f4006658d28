/// What is to be said of a trail for what its entries are worth.
enum TrailVerdict {
    struct Row {
        let index: Int64
        let agreement: String?
        let verdict: Verdict
        let isVoided: Bool
    }

    /// A trail that tells truly of a bad entry is no reason to rely on the entry. What the parties have voided is dealt
    /// with, as in an audit, and no reason to rely on anything either.
    static func findings(_ all: [Row]) -> [Finding] {
        var findings = all.filter(\.isVoided).map { row in
            Finding(
                TrailRow.voidedKey, .warning, entry: row.index, agreement: row.agreement,
                "the entry is of no effect: the parties have voided it")
        }
        let rows = all.filter { !$0.isVoided }
        guard !rows.isEmpty || all.isEmpty else {
            return findings + [Finding("trail.verdict", "all entries of the trail are voided")]
        }
        let worst = rows.map(\.verdict).max() ?? .passed
        guard worst != .passed else { return findings }
        let count = rows.count { $0.verdict == worst }
        findings.append(
            Finding(
                "trail.verdict", worst == .failed ? .failed : .indeterminate, actual: worst.rawValue,
                "\(count) of the entries are \(worst.rawValue) themselves, whatever the trail says of them"))
        return findings
    }
}
