internal import TiledLog

/// What signers are about to remember, written together with the tiles of the tree and without its name: it gets that
/// when the tree has been verified, and is their memory only then.
///
/// Nothing of it is a signature, so that nothing is promised by it; what is not used is swept.
final class PreparedMemories {
    private let keys: KeysFolder
    private var files: [String: PreparedFile] = [:]

    init(_ keys: KeysFolder) { self.keys = keys }

    deinit {
        for file in files.values { keys.files.discard(file) }
    }

    /// - Parameter registry: whose barrier follows.
    func prepare(
        _ signers: Set<SignerState.Signer>, head: TreeHead, origin: String, beforeBarrierOf registry: DurableFolder
    ) throws {
        for signer in signers {
            // Why a state cannot be read is told where it is needed.
            guard let state = try? SignerState(keys, signer: signer),
                let bytes = state.bytes(remembering: head, origin: origin)
            else { continue }
            files[signer.stateName] = try keys.files.prepare(
                signer.stateName, bytes, mode: 0o600, beforeBarrierOf: registry)
        }
    }

    /// The file, if it was prepared and is of these very bytes.
    func take(_ name: String, _ bytes: [UInt8]) -> PreparedFile? {
        guard let file = files[name], file.bytes == bytes else { return nil }
        files[name] = nil
        return file
    }
}
