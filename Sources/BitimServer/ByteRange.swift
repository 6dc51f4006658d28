internal import TransparencyLog

/// One range of bytes that a client asks for (RFC 9110, 14.1.2). Several at once are not served: such a request gets the
/// whole, as the specification allows.
struct ByteRange: Equatable {
    private enum Form: Equatable {
        case from(Int64, to: Int64?)
        case last(Int64)
    }

    private let form: Form

    /// Nil for what is no single range of bytes.
    init?(_ text: String) {
        let prefix = "bytes="
        guard text.hasPrefix(prefix) else { return nil }
        let parts = text.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        func number(_ text: Substring) -> Int64? {
            // With leading zeros too, which HTTP allows.
            guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return Int64(text)
        }
        switch (number(parts[0]), number(parts[1])) {
        case (let first?, let last?) where last >= first: form = .from(first, to: last)
        case (let first?, nil) where parts[1].isEmpty: form = .from(first, to: nil)
        case (nil, let count?) where parts[0].isEmpty: form = .last(count)
        default: return nil
        }
    }

    /// Of a file of that size; nil where it has nothing of it.
    func within(_ size: Int) -> Range<Int>? {
        switch form {
        case .from(let first, let last):
            guard first < size else { return nil }
            let end = last.map { min(Int(clamping: $0 &+ 1), size) } ?? size
            return Int(first)..<end
        case .last(let count):
            guard count > 0, size > 0 else { return nil }
            return max(0, size - Int(clamping: count))..<size
        }
    }
}
