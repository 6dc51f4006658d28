/// Rules on the order of lists, which make two statements of the same facts the same bytes.
enum ListRules {
    /// Up to here, comparing all with all costs less than a set.
    private static let shortCount = 8

    private static func isDistinct<Element, Key: Equatable>(_ elements: [Element], by key: (Element) -> Key) -> Bool {
        for (index, element) in elements.enumerated() {
            let own = key(element)
            for other in elements[..<index] where key(other) == own { return false }
        }
        return true
    }

    static func requireAscending<Element, Key: Comparable & CustomStringConvertible>(
        _ elements: [Element], in list: String, by key: (Element) -> Key
    ) throws(StatementError) {
        for index in elements.indices.dropFirst() {
            let (first, second) = (key(elements[index - 1]), key(elements[index]))
            if first == second {
                throw StatementError("\(second) is already in the list", at: "\(list)[\(index)]")
            }
            if first > second {
                throw StatementError("\(second) must stand before \(first)", at: "\(list)[\(index)]")
            }
        }
    }

    static func requireDistinct<Element, Key: Hashable & CustomStringConvertible>(
        _ elements: [Element], in list: String, by key: (Element) -> Key
    ) throws(StatementError) {
        if elements.count <= shortCount, isDistinct(elements, by: key) { return }
        var seen: Set<Key> = []
        for (index, element) in elements.enumerated() where !seen.insert(key(element)).inserted {
            throw StatementError(
                "\(key(element)) is already in the list", at: "\(list)[\(index)]", isRepetition: true)
        }
    }
}
