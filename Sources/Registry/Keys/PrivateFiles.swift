internal import TiledLog

/// What lies in `keys/private/`: used only where nobody else may change it.
enum PrivateFiles {
    /// - Parameter name: of a private key or a signer's memory; one that is not there passes.
    static func requireOwn(_ name: String, in keys: KeysFolder) throws(RegistryError) {
        let folder = keys.fullPath("private")
        guard (Files.permissions(folder) ?? 0) & 0o022 == 0 else {
            throw RegistryError(
                .unavailable, "others may put files into \(folder), other keys and memories than were there",
                hint: "make it its owner's alone: chmod 700 \(folder)")
        }
        let path = keys.fullPath(name)
        for place in [folder, path] where Files.isForeign(place) {
            throw RegistryError(
                .unavailable, "\(place) belongs to another user, who may change it",
                hint: "run the command as its owner, or make it your own with chown")
        }
    }

    /// Of a signer's memory, which others may read: whoever changes it makes the signer sign a second history.
    static func requireOwnMemory(_ name: String, in keys: KeysFolder) throws(RegistryError) {
        try requireOwn(name, in: keys)
        let path = keys.fullPath(name)
        guard Files.kind(path) == .regular, (Files.permissions(path) ?? 0) & 0o022 != 0 else { return }
        throw RegistryError(
            .unavailable, "others may write to \(path), and have its signer sign a second history",
            hint: "make it its owner's alone: chmod 600 \(path)")
    }
}
