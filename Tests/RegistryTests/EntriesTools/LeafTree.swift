/// A leaf as a tree, with names for its places.
///
///     ContentInfo { id-signedData, [0] SignedData {
///         version, digestAlgorithms SET, encapContentInfo { id-data, [0] content }, signerInfos SET } }
struct LeafTree: Sendable {
    var root: DERNode

    init(_ leaf: [UInt8]) { root = DERNode(leaf) }

    var bytes: [UInt8] { root.encoded }

    var signedData: DERNode {
        get { root[1][0] }
        set { root[1][0] = newValue }
    }
    var version: DERNode {
        get { signedData[0] }
        set { signedData[0] = newValue }
    }
    var digestAlgorithms: [DERNode] {
        get { signedData[1].children }
        set { signedData[1].children = newValue }
    }
    var encapsulated: DERNode {
        get { signedData[2] }
        set { signedData[2] = newValue }
    }
    /// Always the last field, whatever a test has put before it.
    var signers: [SignerTree] {
        get { signedData.children.last!.children.map(SignerTree.init) }
        set { signedData[signedData.children.count - 1].children = newValue.map(\.node) }
    }

    /// Puts a field between the content and the signers: certificates or revocation lists.
    mutating func insertField(_ field: DERNode) {
        signedData.children.insert(field, at: signedData.children.count - 1)
    }

    /// DER's order again after an alteration.
    mutating func sortSigners() {
        signers = DERNode.inDEROrder(signers.map(\.node)).map(SignerTree.init)
    }
}

/// A SignerInfo as a tree.
///
///     SignerInfo { version, sid, digestAlgorithm, [0] signedAttrs, signatureAlgorithm, signature, [1] unsignedAttrs }
struct SignerTree: Sendable {
    var node: DERNode

    init(_ node: DERNode) { self.node = node }

    var version: DERNode {
        get { node[0] }
        set { node[0] = newValue }
    }
    var identifier: DERNode {
        get { node[1] }
        set { node[1] = newValue }
    }
    var digestAlgorithm: DERNode {
        get { node[2] }
        set { node[2] = newValue }
    }
    var attributes: [DERNode] {
        get { node[3].children }
        set { node[3].children = newValue }
    }
    var signatureAlgorithm: DERNode {
        get { node[4] }
        set { node[4] = newValue }
    }
    var signature: [UInt8] {
        get { node[5].octets }
        set { node[5].octets = newValue }
    }

    /// What the signature covers (RFC 5652, 5.4).
    var signedBytes: [UInt8] { DERNode.set(attributes).encoded }

    func attribute(_ type: DERNode) -> DERNode? { attributes.first { $0[0] == type } }
}
