/// Encodings put together by hand, wrong ones too.
enum DERBytes {
    static func node(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }

    static func sequence(_ children: [[UInt8]]) -> [UInt8] { node(0x30, children.flatMap { $0 }) }

    /// Of a node with definite length.
    static func children(of node: [UInt8]) -> [[UInt8]] {
        var rest = node.dropFirst(header(node[...]).bytes)
        var children: [[UInt8]] = []
        while !rest.isEmpty {
            let (bytes, count) = header(rest)
            children.append(Array(rest.prefix(bytes + count)))
            rest = rest.dropFirst(bytes + count)
        }
        return children
    }

    private static func header(_ node: ArraySlice<UInt8>) -> (bytes: Int, count: Int) {
        let first = Int(node[node.startIndex + 1])
        guard first >= 0x80 else { return (2, first) }
        let octets = node.dropFirst(2).prefix(first - 0x80)
        return (2 + octets.count, octets.reduce(0) { $0 << 8 | Int($1) })
    }

    private static let data: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
    private static let signedDataType: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]

    /// A frame around SignerInfos, in the order given.
    static func signedData(content: [UInt8]?, signers: [[UInt8]], type: [UInt8] = data) -> [UInt8] {
        let encapsulated = [type] + (content.map { [node(0xA0, node(0x04, $0))] } ?? [])
        let digests = node(0x31, signers.first.map { children(of: $0)[2] } ?? [])
        let inner = sequence([[0x02, 0x01, 0x01], digests, sequence(encapsulated), node(0x31, signers.flatMap { $0 })])
        return sequence([signedDataType, node(0xA0, inner)])
    }

    /// BER as a stream writes it: indefinite lengths, and the content in pieces.
    static func streamed(content: [UInt8], certificates: [[UInt8]], signers: [[UInt8]]) -> [UInt8] {
        func open(_ tag: UInt8, _ inner: [[UInt8]]) -> [UInt8] { [tag, 0x80] + inner.flatMap { $0 } + [0x00, 0x00] }
        let pieces = stride(from: 0, to: content.count, by: 10).map { node(0x04, Array(content[$0...].prefix(10))) }
        let encapsulated = open(0x30, [data, open(0xA0, [open(0x24, pieces)])])
        let digests = node(0x31, signers.first.map { children(of: $0)[2] } ?? [])
        let held = certificates.isEmpty ? [] : node(0xA0, certificates.flatMap { $0 })
        let inner = open(0x30, [[0x02, 0x01, 0x01], digests, encapsulated, held, node(0x31, signers.flatMap { $0 })])
        return open(0x30, [signedDataType, open(0xA0, [inner])])
    }

    /// Where the lengths of all values stand, of those inside others too, and what they say.
    static func headers(in bytes: [UInt8]) -> [(length: Range<Int>, count: Int)] {
        var found: [(length: Range<Int>, count: Int)] = []
        func walk(_ range: Range<Int>) {
            var position = range.lowerBound
            while position < range.upperBound {
                let (header, count) = Self.header(bytes[position..<range.upperBound])
                found.append(((position + 1)..<(position + header), count))
                let inside = (position + header)..<(position + header + count)
                if bytes[position] & 0x20 != 0 { walk(inside) }
                position = inside.upperBound
            }
        }
        walk(0..<bytes.count)
        return found
    }

    /// Spellings of a length that are not the one of DER, and lengths that are wrong.
    static func otherLengths(_ count: Int) -> [[UInt8]] {
        let octets = [UInt8(count >> 8), UInt8(count & 0xFF)]
        var lengths: [[UInt8]] = [
            [0x80], [0x83, 0] + octets, [0x84, 0, 0] + octets, [0x88, 0, 0, 0, 0, 0, 0] + octets,
            [0x84, 0x80, 0, 0, 0], [0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x88] + [UInt8](repeating: 0xFF, count: 8),
            [0x88, 0x7F] + [UInt8](repeating: 0xFF, count: 7), [0x88, 0x80, 0, 0, 0, 0, 0, 0, 0], [0xFF], [0x85],
        ]
        if count < 0x100 { lengths += [[0x82] + octets] }
        if count < 0x80 { lengths += [[0x81, octets[1]], [UInt8(count) + 1]] }
        if count > 0, count < 0x80 { lengths += [[UInt8(count) - 1]] }
        return lengths
    }
}
