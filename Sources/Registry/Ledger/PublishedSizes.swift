/// The sizes of which a registry keeps a published checkpoint, by the names of their files.
package struct PublishedSizes {
    private let sizes: CheckpointSizes

    package init(_ registry: RegistryFolder) { sizes = CheckpointSizes(registry) }

    /// Ascending.
    package func from(_ limit: Int64) -> [Int64] {
        var found: [Int64] = []
        var next = limit
        while let size = sizes.first(from: next) {
            found.append(size)
            guard size < .max else { break }
            next = size + 1
        }
        return found
    }
}
