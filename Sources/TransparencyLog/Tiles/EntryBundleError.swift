/// What is wrong with a bundle of entries. Entries are counted from 0 within the bundle.
package enum EntryBundleError: Error, Hashable, CustomStringConvertible {
    case tooLong
    case wrongWidth(Int)
    case truncated(entry: Int)
    case entryTooLong(entry: Int)
    case trailingBytes(Int)

    package var description: String {
        switch self {
        case .tooLong: "an entry bundle of more than \(EntryBundle.maximumByteCount) bytes"
        case .wrongWidth(let width): "an entry bundle has 1 to 256 entries, not \(width)"
        case .truncated(let entry): "the entry bundle ends within entry \(entry)"
        case .entryTooLong(let entry): "entry \(entry) has more than \(EntryBundle.maximumEntryByteCount) bytes"
        case .trailingBytes(let count): "the entry bundle has \(count) bytes after its last entry"
        }
    }
}
