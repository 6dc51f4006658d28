internal import ArgumentParser
internal import Registry

/// Restricted documents of entries that are there already.
extension AddCommand {
    /// Whether keys are given for documents alone: nothing is said that would make an entry.
    var isDelivery: Bool {
        !key.isEmpty && catalogue == nil && draftPath == nil && !files.isEmpty && description.isEmpty && sign == nil
            && draft.path == nil && documents.restricted.isEmpty
    }

    func deliver() async throws {
        let delivery = try await RestrictedDelivery(
            files, keys: key, registry: folders.registryFolder, trusted: folders.keysFolder, now: currentTime())
        try delivery.place()
        try PublishingResult(delivery.publishing, delivery.entries).tell(
            output, next: "note: documents and keys are in \(folders.registryFolder.path)/restricted")
    }
}
