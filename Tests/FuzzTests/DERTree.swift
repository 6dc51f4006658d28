/// A DER encoding taken apart, to be put together again as nobody would.
struct DERTree {
    let tag: UInt8
    /// Of a primitive node.
    var content: [UInt8] = []
    /// Of a constructed node.
    var children: [DERTree] = []

    /// One node that fills the bytes. Traps on anything else: tests only take good encodings apart.
    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        self.init(popping: &rest)
        precondition(rest.isEmpty && encoded() == bytes, "not DER")
    }

    private init(popping rest: inout ArraySlice<UInt8>) {
        tag = rest.removeFirst()
        var count = Int(rest.removeFirst())
        if count >= 0x80 {
            let octets = rest.prefix(count & 0x7F)
            rest = rest.dropFirst(octets.count)
            count = octets.reduce(0) { $0 << 8 | Int($1) }
        }
        var inside = rest.prefix(count)
        rest = rest.dropFirst(count)
        if tag & 0x20 == 0 { content = Array(inside) }
        while tag & 0x20 != 0, !inside.isEmpty { children.append(DERTree(popping: &inside)) }
    }

    /// This node and all that are in it.
    var nodeCount: Int { children.reduce(1) { $0 + $1.nodeCount } }

    /// - Parameter lie: the node, counted from the outermost one as 0, that has these octets in the place of its length;
    ///   all others have their own.
    func encoded(lie: (node: Int, length: [UInt8])? = nil) -> [UInt8] {
        var number = 0
        return encoded(&number, lie)
    }

    private func encoded(_ number: inout Int, _ lie: (node: Int, length: [UInt8])?) -> [UInt8] {
        let length = lie?.node == number ? lie?.length : nil
        number += 1
        let inside = content + children.flatMap { $0.encoded(&number, lie) }
        return [tag] + (length ?? Self.length(inside.count)) + inside
    }

    static func node(_ tag: UInt8, _ inside: [UInt8]) -> [UInt8] { [tag] + length(inside.count) + inside }

    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 0x80 else { return [UInt8(count)] }
        let octets = (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }.drop { $0 == 0 }
        return [0x80 | UInt8(octets.count)] + octets
    }
}
