internal import Registry

extension Finding {
    /// One line for a person: severity, key, where, what.
    var line: String {
        var places: [String] = []
        if let entry { places.append("entry \(entry)") }
        if let agreement { places.append(agreement) }
        if let path { places.append(path) }
        var text = "\(severity.rawValue) \(key)"
        if !places.isEmpty { text += " [\(places.joined(separator: ", "))]" }
        text += ": \(message)"
        if let expected { text += "; expected \(expected)" }
        if let actual { text += "; found \(actual)" }
        return VisibleText.escaped(text)
    }
}
