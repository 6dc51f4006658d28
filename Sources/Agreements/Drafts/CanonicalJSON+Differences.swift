/// Where two values differ, and what stands there: nil where there is nothing.
package struct JSONDifference: Hashable, Sendable {
    /// Such as `body.documents[1].size`.
    package let path: String
    package let old: CanonicalJSON?
    package let new: CanonicalJSON?
}

extension CanonicalJSON {
    /// The innermost differences, in the order of the members; none when the values are the same bytes.
    package func differences(from old: CanonicalJSON, at path: String = "") -> [JSONDifference] {
        switch (old, self) {
        case (.object(let olds), .object(let news)):
            let keys = Set(olds.map(\.key)).union(news.map(\.key)).sorted()
            return keys.flatMap { key in
                Self.differences(
                    olds.first { $0.key == key }?.value, news.first { $0.key == key }?.value,
                    at: path.isEmpty ? key : "\(path).\(key)")
            }
        case (.array(let olds), .array(let news)):
            return (0..<max(olds.count, news.count)).flatMap { index in
                Self.differences(
                    index < olds.count ? olds[index] : nil, index < news.count ? news[index] : nil,
                    at: "\(path)[\(index)]")
            }
        default:
            // Bytes, not values: Swift holds strings to be equal that are not the same characters.
            return old.bytes == bytes ? [] : [JSONDifference(path: path, old: old, new: self)]
        }
    }

    private static func differences(
        _ old: CanonicalJSON?, _ new: CanonicalJSON?, at path: String
    ) -> [JSONDifference] {
        guard let old, let new else {
            return old == nil && new == nil ? [] : [JSONDifference(path: path, old: old, new: new)]
        }
        return new.differences(from: old, at: path)
    }
}
