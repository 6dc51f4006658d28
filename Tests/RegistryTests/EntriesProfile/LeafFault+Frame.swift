import OpenSSLKit

extension LeafFault {
    /// Faults around the signatures, which stay as they are.
    static let frame: [LeafFault] = [
        LeafFault("version 3", "its version is 3, not 1") { $0.altering { $0.version = .integer([3]) } },
        LeafFault("version 0", "its version is 0, not 1") { $0.altering { $0.version = .integer([0]) } },
        LeafFault("a version of two octets", Refusal("entry.profile", "the version is not a small integer")) {
            $0.altering { $0.version = .integer([0, 1]) }
        },
        LeafFault("another content type", "its content type is not id-data") {
            $0.altering { $0.encapsulated[0] = OID.digestedData }
        },
        LeafFault("a content info of another type", Refusal("entry.profile", "the entry is no CMS SignedData")) {
            $0.altering { $0.root[0] = OID.data }
        },
        LeafFault("detached", Refusal("entry.profile", "its content is detached")) {
            $0.altering { $0.encapsulated.children.removeLast() }
        },
        LeafFault("certificates inside", "it has certificates inside") { good in
            good.altering { $0.insertField(.context(0, [DERNode(good.kz.certificate.derBytes)])) }
        },
        LeafFault("an empty field of certificates", "it has certificates inside") {
            $0.altering { $0.insertField(.context(0, [])) }
        },
        LeafFault("certificates inside, put there by OpenSSL", "it has certificates inside") {
            try SignedData.embed([$0.uz.certificate, $0.kz.certificate], in: $0.tree.bytes)
        },
        LeafFault("an attribute certificate inside", "it has certificates inside") {
            $0.altering { $0.insertField(.context(0, [.context(3, [])])) }
        },
        LeafFault("a revocation list inside", "it has revocation lists inside") {
            $0.altering { $0.insertField(.context(1, [.sequence([])])) }
        },
        LeafFault("an empty field of revocation lists", "it has revocation lists inside") {
            $0.altering { $0.insertField(.context(1, [])) }
        },
        LeafFault("no signer", Refusal("entry.profile", "it has no signer")) { $0.altering { $0.signers = [] } },
        LeafFault("one digest algorithm too many", "its digest algorithms are not those of the signers") {
            $0.altering { $0.digestAlgorithms.append(.sequence([OID.sha384])) }
        },
        LeafFault("no digest algorithm", "its digest algorithms are not those of the signers") {
            $0.altering { $0.digestAlgorithms = [] }
        },
        LeafFault("another digest algorithm", "its digest algorithms are not those of the signers") {
            $0.altering { $0.digestAlgorithms = [.sequence([OID.sha512])] }
        },
        LeafFault("a digest algorithm twice", "a set is not in DER order, or has something twice") {
            $0.altering { $0.digestAlgorithms += $0.digestAlgorithms }
        },
        LeafFault("the digest algorithm with NULL, the signers' without", "its digest algorithms are not those") {
            $0.altering { $0.digestAlgorithms = [.sequence([OID.sha256, .null])] }
        },
        LeafFault("signers not in DER's order", "a set is not in DER order, or has something twice") {
            $0.altering { $0.signers = $0.signers.reversed() }
        },
        LeafFault("a signer info twice", Refusal("entry.profile", "a set is not in DER order, or has something twice"))
        {
            $0.altering { $0.signers = [$0.signers[0], $0.signers[0], $0.signers[1]] }
        },
        LeafFault("a signer's version 3", "signer 1: its version is not 1") {
            $0.altering { $0.signers[0].version = .integer([3]) }
        },
        LeafFault("unsigned attributes", "it has unsigned attributes") {
            try $0.alteringKZ {
                $0.node.children.append(.context(1, [HandSigning.attribute(OID.timeStampToken, .sequence([]))]))
            }
        },
        LeafFault("an empty field of unsigned attributes", "it has unsigned attributes") {
            try $0.alteringKZ { $0.node.children.append(.context(1, [])) }
        },
        LeafFault("a field that does not exist", Refusal("entry.profile", "has fields that it must not have")) {
            try $0.alteringKZ { $0.node.children.append(.context(2, [])) }
        },
        LeafFault("no signed attributes", Refusal("entry.profile", "it has no signed attributes")) { good in
            try good.alteringKZ {
                $0.node.children.remove(at: 3)
                $0.node.children[4] = .octetString(try good.kz.key.sign(good.content, scheme: .ecdsa(.sha256)))
            }
        },
    ]

    /// Spellings that BER allows, and bytes that are no spelling at all.
    static let encoding: [LeafFault] = [
        LeafFault("indefinite length of the whole", Refusal("entry.profile", "not DER")) {
            $0.altering { $0.root.lengthForm = .indefinite }
        },
        LeafFault("indefinite length of the signers", Refusal("entry.profile", "not DER")) {
            $0.altering { $0.signedData[3].lengthForm = .indefinite }
        },
        LeafFault("a length with a superfluous octet", Refusal("entry.profile", "not DER")) {
            $0.altering { $0.root.lengthForm = .padded }
        },
        LeafFault("a short length in the long form", Refusal("entry.profile", "not DER")) {
            $0.altering { $0.version.lengthForm = .padded }
        },
        LeafFault("a superfluous octet in an attribute's length", Refusal("entry.profile", "not DER")) {
            try $0.resigningKZ { $0[0].lengthForm = .padded }
        },
        LeafFault("a superfluous octet in an attribute's value", Refusal("entry.profile", "not DER")) {
            try $0.resigningKZ { $0[3][1][0].lengthForm = .padded }
        },
        LeafFault("content in pieces", Refusal("entry.profile", "the content is not an octet string")) { good in
            good.altering {
                let half = good.content.count / 2
                $0.encapsulated[1][0] = .constructed(
                    0x24,
                    [.octetString(Array(good.content.prefix(half))), .octetString(Array(good.content.dropFirst(half)))])
            }
        },
        LeafFault("one byte after the end", Refusal("entry.profile", "not DER")) { $0.tree.bytes + [0] },
        LeafFault("the leaf twice", Refusal("entry.profile", "not DER")) { $0.tree.bytes + $0.tree.bytes },
        LeafFault("a byte before the beginning", Refusal("entry.profile", "")) { [0] + $0.tree.bytes },
        LeafFault("truncated by a byte", Refusal("entry.profile", "not DER")) { $0.tree.bytes.dropLast() },
        LeafFault("truncated to a half", Refusal("entry.profile", "not DER")) {
            Array($0.tree.bytes.prefix($0.tree.bytes.count / 2))
        },
        LeafFault("empty", Refusal("entry.profile", "not DER"), alone: true) { _ in [] },
        LeafFault("a single zero", Refusal("entry.profile", "not DER"), alone: true) { _ in [0] },
        LeafFault("the statement without its signatures", Refusal("entry.profile", "not DER")) { $0.content },
        LeafFault("random bytes", Refusal("entry.profile", ""), alone: true) { _ in
            var generator = SystemRandomNumberGenerator()
            return (0..<1500).map { _ in UInt8.random(in: 0...255, using: &generator) }
        },
        LeafFault("65,535 bytes of zero", Refusal("entry.profile", ""), alone: true) { _ in
            [UInt8](repeating: 0, count: 65_535)
        },
        LeafFault("nested without end", Refusal("entry.profile", "not DER"), alone: true) { _ in
            var node = DERNode.sequence([])
            for _ in 0..<2000 { node = .sequence([node]) }
            return node.encoded
        },
        LeafFault("PEM", Refusal("entry.profile", "not DER"), alone: true) { _ in
            Array("-----BEGIN CMS-----\n".utf8)
        },
    ]
}
