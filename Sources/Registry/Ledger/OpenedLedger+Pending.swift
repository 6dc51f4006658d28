internal import TiledLog

extension OpenedLedger {
    /// The same without a pending tree that nothing here leads to. Else what is published would be held against a tree
    /// that the log's key has signed, and nobody has.
    func followingPendingIfHere() throws -> OpenedLedger {
        guard let pending, let published, try !isHere(pending.head) else { return self }
        return OpenedLedger(
            registry: registry, keys: keys, pinnedIdentity: pinnedIdentity, identity: identity, history: history,
            published: published, pending: nil,
            pendingFault: Finding(
                "ledger.pending.mismatch", path: RegistryFolder.pendingName,
                "the log has signed a tree of \(pending.head.size) entries, and what is here does not lead to it"),
            index: index)
    }

    private func isHere(_ head: TreeHead) throws -> Bool {
        if (try? ProvedTiles(registry.ledger, head: head)) != nil { return true }
        var check = TileCheck(reader: registry.ledger, comparesTiles: false)
        try check.run(size: head.size)
        return check.root == head.root
    }
}
