/// What a change of the registry does to one certificate on a list.
package enum ListChange: String, Vocabulary {
    case add
    /// No longer used, in good order.
    case retire
    /// Lost or stolen: from the index of the change on, nothing that it signs counts.
    case revoke
}
