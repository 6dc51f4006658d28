extension Trail {
    private static let columns = [
        "index", "leaf_hash", "event", "agreement", "title", "title_status", "signers", "proved_not_before",
        "proved_not_after", "verdict", "findings", "checkpoint_size", "checkpoint_root", "registry", "demonstration",
        "filter", "rows",
    ]

    /// RFC 4180: a header, CRLF, fields quoted where they must be. What holds for the whole trail stands in every row.
    ///
    /// - Parameter escaping: applied to every field, so that hidden characters of certificates' subjects are seen.
    package func csv(escaping: (String) -> String) -> String {
        let lines = [Self.columns] + rows.map(fields)
        return lines.map { $0.map { Self.quoted(escaping($0)) }.joined(separator: ",") + "\r\n" }.joined()
    }

    private func fields(_ row: TrailRow) -> [String] {
        let signers = row.signers.map { signer in
            "\(signer.party ?? "nobody"): \(signer.subject ?? "certificate not held") at \(signer.claimedTime ?? "unknown")"
        }
        let title = row.title.map { titles in
            titles["en"] ?? titles.sorted { $0.key < $1.key }.first?.value ?? ""
        }
        return [
            String(row.index), row.leafHash, row.event ?? "", row.agreement ?? "", title ?? "", row.titleStatus ?? "",
            signers.joined(separator: "; "), row.provedNotBefore ?? "", row.provedNotAfter ?? "", row.verdict.rawValue,
            row.findings.joined(separator: " "), String(checkpoint.size), checkpoint.root, registry.identity,
            registry.demonstration ? "yes" : "no", filter.agreement ?? "all", String(counts.rows),
        ]
    }

    private static func quoted(_ field: String) -> String {
        // A spreadsheet would run a cell that begins like a formula.
        let isFormula = field.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let defused = isFormula ? "'" + field : field
        guard defused.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return defused }
        var quoted = "\""
        for character in defused.unicodeScalars {
            if character == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
