/// Several things fetched at a time, and taken one after the other in the order of their names.
enum Fetching {
    static let atATime = 8

    static func inOrder<Item: Sendable, Fetched: Sendable>(
        _ items: some Sequence<Item>, fetch: @escaping @Sendable (Item) async throws -> Fetched,
        take: (Item, Fetched) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Fetched).self) { group in
            var rest = items.makeIterator()
            var begun: [Int: Item] = [:]
            var waiting: [Int: Fetched] = [:]
            var count = 0
            var next = 0
            func begin() {
                while count - next < 2 * atATime, begun.count - waiting.count < atATime, let item = rest.next() {
                    let number = count
                    begun[number] = item
                    group.addTask { (number, try await fetch(item)) }
                    count += 1
                }
            }
            begin()
            while let (number, fetched) = try await group.next() {
                waiting[number] = fetched
                while let ready = waiting.removeValue(forKey: next), let item = begun.removeValue(forKey: next) {
                    next += 1
                    try await take(item, ready)
                }
                begin()
            }
        }
    }
}
