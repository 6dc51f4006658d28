/// An array that grows at its end, and can keep what is appended apart: a copy and its original then share the rest.
struct LayeredArray<Element: Equatable & Sendable>: Sendable {
    private var settled: [Element] = []
    /// Without a layer there is nothing in it.
    private var appended: [Element] = []
    private var keepsChangesApart = false

    mutating func beginLayer() { keepsChangesApart = true }

    mutating func settle() {
        settled += appended
        appended = []
        keepsChangesApart = false
    }

    mutating func append(_ element: Element) {
        if keepsChangesApart {
            appended.append(element)
        } else {
            settled.append(element)
        }
    }

    subscript(position: Int) -> Element {
        position < settled.count ? settled[position] : appended[position - settled.count]
    }
}

extension LayeredArray: Equatable {
    static func == (left: Self, right: Self) -> Bool {
        left.settled + left.appended == right.settled + right.appended
    }
}
