/// A dictionary that can keep what changes apart from what was there: a copy and its original then share all of that,
/// and changing one of them costs no more than the change.
struct LayeredDictionary<Key: Hashable & Sendable, Value: Equatable & Sendable>: Sendable {
    private var settled: [Key: Value] = [:]
    /// Nil for what was taken away; without a layer there is nothing in it.
    private var changed: [Key: Value?] = [:]
    private var keepsChangesApart = false

    /// From now on changes are kept apart.
    mutating func beginLayer() { keepsChangesApart = true }

    /// Makes the changes part of the rest: at their own cost where no copy is held any more.
    mutating func settle() {
        for (key, value) in changed { settled[key] = value }
        changed = [:]
        keepsChangesApart = false
    }

    subscript(key: Key) -> Value? {
        get {
            if !changed.isEmpty, let value = changed[key] { return value }
            return settled[key]
        }
        set {
            if keepsChangesApart {
                changed[key] = .some(newValue)
            } else {
                settled[key] = newValue
            }
        }
    }

    subscript(key: Key, default fallback: @autoclosure () -> Value) -> Value {
        get { self[key] ?? fallback() }
        _modify {
            guard keepsChangesApart else {
                yield &settled[key, default: fallback()]
                return
            }
            // Taken out, so that it is held once only, and its lists grow in place.
            var value = (changed.removeValue(forKey: key) ?? settled[key]) ?? fallback()
            defer { changed[key] = .some(value) }
            yield &value
        }
    }

    /// As one dictionary.
    var whole: [Key: Value] {
        var copy = self
        copy.settle()
        return copy.settled
    }
}

extension LayeredDictionary: Equatable {
    static func == (left: Self, right: Self) -> Bool { left.whole == right.whole }
}
