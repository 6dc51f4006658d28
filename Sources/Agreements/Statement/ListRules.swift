/// Rules on the order of lists, which make two statements of the same facts the same bytes.
enum ListRules {
    static func requireAscending<Element, Key: Comparable & CustomStringConvertible>(
        _ elements: [Element], in list: String, by key: (Element) -> Key
    ) throws(StatementError) {
        for (index, pair) in zip(elements, elements.dropFirst()).enumerated() {
            let (first, second) = (key(pair.0), key(pair.1))
            if first == second {
                throw StatementError("\(second) is already in the list", at: "\(list)[\(index + 1)]")
            }
            if first > second {
                throw StatementError("\(second) must stand before \(first)", at: "\(list)[\(index + 1)]")
            }
        }
    }

    static func requireDistinct<Element, Key: Hashable & CustomStringConvertible>(
        _ elements: [Element], in list: String, by key: (Element) -> Key
    ) throws(StatementError) {
        var seen: Set<Key> = []
        for (index, element) in elements.enumerated() where !seen.insert(key(element)).inserted {
            throw StatementError(
                "\(key(element)) is already in the list", at: "\(list)[\(index)]", isRepetition: true)
        }
    }
}
