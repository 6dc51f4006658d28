internal import Agreements
internal import TiledLog

/// What the registry's own events after entry 0 say, rightly or not, read ahead of a fold that judges only some entries.
///
/// An entry that fails is of no effect. In a registry that passes its audit every such entry is named by one of these
/// events, or is one of them: with those judged in full, a fold skips what a pass over everything skips.
package struct OwnEvents: Sendable {
    /// Whether there is none.
    package let isEmpty: Bool
    /// The entries that an event names as voided.
    package let voided: Set<Int64>

    /// - Parameter size: how many entries to look at. What cannot be read is for the fold to tell of.
    package init(_ registry: RegistryFolder, size: Int64) {
        let leaves = RegistryHistory.registryEvents(registry, size: size).map(\.1)
        isEmpty = leaves.isEmpty
        voided = leaves.reduce(into: []) { voided, leaf in
            guard case .registryVoided(let body)? = Entry(leaf: leaf, checksProfile: false).statement?.event else {
                return
            }
            voided.insert(body.entry)
        }
    }
}
