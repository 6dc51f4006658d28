/// Edits of bytes, read from an input: five bytes each, and what they insert.
struct EditScript {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    private mutating func byte() -> Int? { rest.popFirst().map { Int($0) } }

    mutating func number(below count: Int) -> Int { (byte() ?? 0) % count }

    mutating func applied(to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        // Beyond what an entry may have, there is nothing to look for, and the tools here end at two octets of length.
        while bytes.count < 32_768, let kind = byte(), let high = byte(), let low = byte(), let length = byte() {
            let start = bytes.isEmpty ? 0 : (high << 8 | low) % (bytes.count + 1)
            let range = start..<min(start + length, bytes.count)
            switch kind % 6 {
            case 0:
                if start < bytes.count { bytes[start] = UInt8(length) }
            case 1:
                let inserted = rest.prefix(length % 32)
                rest = rest.dropFirst(inserted.count)
                bytes.insert(contentsOf: inserted, at: start)
            case 2: bytes.removeSubrange(range)
            case 3: bytes.insert(contentsOf: Array(bytes[range]), at: start)
            case 4:
                if start < bytes.count { bytes[start] ^= 1 << UInt8(length % 8) }
            default:
                let moved = Array(bytes[range])
                bytes.removeSubrange(range)
                bytes.insert(contentsOf: moved, at: (byte() ?? 0) * 4 % (bytes.count + 1))
            }
        }
        return bytes
    }

    /// Edits one value of several: all of it, or the inside, with its length right.
    mutating func edit(_ values: inout [[UInt8]], field: Int, inside: Bool) {
        guard values.indices.contains(field) else { return }
        guard inside, let tag = values[field].first, tag & 0x20 != 0 else {
            values[field] = applied(to: values[field])
            return
        }
        let children = DERBytes.children(of: values[field])
        guard number(below: 2) == 1, children.count > 1 else {
            values[field] = DERBytes.node(tag, applied(to: children.flatMap { $0 }))
            return
        }
        // One child edited inside, and all lengths around it right.
        var edited = children
        let position = number(below: edited.count)
        guard let childTag = edited[position].first else { return }
        let isConstructed = childTag & 0x20 != 0
        let inner =
            isConstructed
            ? DERBytes.children(of: edited[position]).flatMap { $0 } : Array(edited[position].dropFirst(2))
        edited[position] = DERBytes.node(childTag, applied(to: inner))
        values[field] = DERBytes.node(tag, edited.flatMap { $0 })
    }
}
