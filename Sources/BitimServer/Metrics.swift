internal import Synchronization

/// Counters and gauges in the text form of Prometheus.
final class Metrics: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private struct Values {
        var counters: [Series: Int64] = [:]
        var gauges: [Series: Int64] = [:]
    }

    private static let help = [
        "bitim_http_requests_total": "Requests answered, by what was asked for and by status.",
        "bitim_http_response_bytes_total": "Bytes of the bodies of answers.",
        "bitim_tree_size": "Entries of the latest published tree.",
        "bitim_witness_requests_total": "Checkpoints submitted, by origin and by what became of them.",
        "bitim_witness_cosigned_size": "Entries of the tree that was cosigned last.",
        "bitim_witness_cosigned_seconds": "When a tree was cosigned last, in seconds since 1970.",
        "bitim_evidence_total": "Times that a log was seen to have signed two histories.",
    ]

    private let values = Mutex(Values())

    /// - Parameter labels: their values are of the program's own making, or origins.
    func count(_ name: String, _ labels: KeyValuePairs<String, String> = [:], by amount: Int64 = 1) {
        values.withLock { $0.counters[Series(name: name, labels: Self.text(labels)), default: 0] += amount }
    }

    func set(_ name: String, _ labels: KeyValuePairs<String, String> = [:], to value: Int64) {
        values.withLock { $0.gauges[Series(name: name, labels: Self.text(labels))] = value }
    }

    var text: String {
        let (counters, gauges) = values.withLock { ($0.counters, $0.gauges) }
        return Self.text(counters, type: "counter") + Self.text(gauges, type: "gauge")
    }

    private static func text(_ values: [Series: Int64], type: String) -> String {
        var text = ""
        for (name, series) in Dictionary(grouping: values, by: \.key.name).sorted(by: { $0.key < $1.key }) {
            if let help = help[name] { text += "# HELP \(name) \(help)\n" }
            text += "# TYPE \(name) \(type)\n"
            for (key, value) in series.sorted(by: { $0.key.labels < $1.key.labels }) {
                text += "\(name)\(key.labels) \(value)\n"
            }
        }
        return text
    }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { name, value in
            let escaped = value.reduce(into: "") { text, character in
                switch character {
                case "\\": text += "\\\\"
                case "\"": text += "\\\""
                case "\n": text += "\\n"
                default: text.append(character)
                }
            }
            return "\(name)=\"\(escaped)\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }
}
