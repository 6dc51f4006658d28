/// One node of a DER tree that a test takes apart, alters and puts together again, well or on purpose badly.
struct DERNode: Equatable, Sendable {
    /// How the length is written: DER allows the first way only.
    enum LengthForm: Sendable {
        case minimal
        /// With one octet more than needed.
        case padded
        /// BER's 0x80 … 00 00, for constructed nodes.
        case indefinite
    }

    var tag: UInt8
    /// Of a primitive node.
    var octets: [UInt8]
    /// Of a constructed node.
    var children: [DERNode]
    var lengthForm = LengthForm.minimal

    var isConstructed: Bool { tag & 0x20 != 0 }

    static func primitive(_ tag: UInt8, _ octets: [UInt8]) -> DERNode {
        DERNode(tag: tag, octets: octets, children: [])
    }

    static func constructed(_ tag: UInt8, _ children: [DERNode]) -> DERNode {
        DERNode(tag: tag, octets: [], children: children)
    }

    static func sequence(_ children: [DERNode]) -> DERNode { constructed(0x30, children) }
    /// In the order given.
    static func set(_ children: [DERNode]) -> DERNode { constructed(0x31, children) }
    /// In DER's order.
    static func sortedSet(_ children: [DERNode]) -> DERNode { set(inDEROrder(children)) }
    static func context(_ number: UInt8, _ children: [DERNode]) -> DERNode { constructed(0xA0 | number, children) }
    static func octetString(_ octets: [UInt8]) -> DERNode { primitive(0x04, octets) }
    static func integer(_ octets: [UInt8]) -> DERNode { primitive(0x02, octets) }
    static let null = primitive(0x05, [])

    /// From the content octets in hexadecimal.
    static func objectIdentifier(_ hex: String) -> DERNode { primitive(0x06, bytes(hex: hex)) }

    static func inDEROrder(_ nodes: [DERNode]) -> [DERNode] {
        nodes.sorted { $0.encoded.lexicographicallyPrecedes($1.encoded) }
    }

    subscript(_ position: Int) -> DERNode {
        get { children[position] }
        set { children[position] = newValue }
    }

    // MARK: Bytes

    /// One node that fills the bytes. Traps on anything else: tests only take good trees apart.
    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        self.init(popping: &rest)
        precondition(rest.isEmpty, "bytes after the node")
    }

    private init(popping rest: inout ArraySlice<UInt8>) {
        let tag = rest.removeFirst()
        precondition(tag & 0x1F != 0x1F, "a tag of several octets")
        var length = Int(rest.removeFirst())
        if length >= 0x80 {
            let count = length & 0x7F
            precondition((1...3).contains(count), "a length that is not of DER")
            length = 0
            for _ in 0..<count { length = length << 8 | Int(rest.removeFirst()) }
        }
        var content = rest.prefix(length)
        rest = rest.dropFirst(length)
        self.init(tag: tag, octets: tag & 0x20 == 0 ? Array(content) : [], children: [])
        while isConstructed, !content.isEmpty { children.append(DERNode(popping: &content)) }
    }

    init(tag: UInt8, octets: [UInt8], children: [DERNode]) {
        self.tag = tag
        self.octets = octets
        self.children = children
    }

    var encoded: [UInt8] {
        let content = isConstructed ? children.flatMap(\.encoded) : octets
        return switch lengthForm {
        case .minimal: [tag] + Self.length(content.count) + content
        case .padded: [tag] + Self.paddedLength(content.count) + content
        case .indefinite: [tag, 0x80] + content + [0, 0]
        }
    }

    private static func bigEndian(_ count: Int) -> [UInt8] {
        let octets = [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
        return Array(octets.drop { $0 == 0 })
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 0x80 ? [UInt8(count)] : [0x80 | UInt8(bigEndian(count).count)] + bigEndian(count)
    }

    private static func paddedLength(_ count: Int) -> [UInt8] {
        let octets = count < 0x80 ? bigEndian(count) : [0] + bigEndian(count)
        return [0x80 | UInt8(octets.count)] + octets
    }

    static func bytes(hex: String) -> [UInt8] {
        var digits = hex.utf8.filter { $0 != UInt8(ascii: " ") }[...]
        var bytes: [UInt8] = []
        while let high = digits.popFirst(), let low = digits.popFirst() {
            bytes.append(UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)!)
        }
        return bytes
    }
}
