/// Rows for a person on a terminal, or tab-separated lines for a program at the other end of a pipe.
struct Table {
    let header: [String]
    private(set) var rows: [[String]] = []

    init(_ header: [String]) {
        self.header = header
    }

    mutating func add(_ row: [String]) { rows.append(row.map(VisibleText.escaped)) }

    /// - Parameter width: of the terminal; nil for a pipe, which gets no header.
    func text(width: Int?) -> String {
        guard !rows.isEmpty else { return "" }
        guard let width else { return rows.map { $0.joined(separator: "\t") + "\n" }.joined() }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line.count <= width ? line : String(line.prefix(width - 1)) + "…"
        }.joined(separator: "\n") + "\n"
    }
}
