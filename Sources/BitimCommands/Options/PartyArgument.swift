internal import Agreements
internal import Registry

/// A party's id as an argument.
enum PartyArgument {
    static func parse(_ text: String) throws -> PartyID {
        guard let party = PartyID(text) else {
            throw RegistryError(
                .usage, "'\(text)' is not a party's id", hint: "ids begin with a capital letter or a digit, such as KZ")
        }
        return party
    }

    /// From `KZ,UZ`.
    static func list(_ text: String) throws -> [PartyID] {
        try text.split(separator: ",").map { try parse(String($0)) }
    }
}
