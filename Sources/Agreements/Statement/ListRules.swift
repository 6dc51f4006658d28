/// Rules on the order of lists, which make two statements of the same facts the same bytes.
enum ListRules {
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
        guard elements.count > 1 else { return }
        var seen: Set<Key> = []
        for (index, element) in elements.enumerated() where !seen.insert(key(element)).inserted {
            throw StatementError(
                "\(key(element)) is already in the list", at: "\(list)[\(index)]", isRepetition: true)
        }
    }
}
