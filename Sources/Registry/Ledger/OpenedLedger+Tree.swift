internal import OpenSSLKit
package import TiledLog

extension OpenedLedger {
    /// Whether the files here lead to a tree that somebody has signed.
    ///
    /// - Throws: `RegistryError.refused`.
    package func requireTree(_ head: TreeHead) throws {
        do {
            _ = try LogWriter(folder: registry.files, head: head)
        } catch let error as LogError {
            throw RegistryError(
                .refused, "the files here do not lead to the tree \(head.size):\(head.root.hex): \(error)",
                hint: "see 'bitim audit'; 'bitim repair' mends what is damaged", findings: [error.finding])
        }
    }
}
