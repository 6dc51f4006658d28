/// One signature line of a note (signed-note, Format).
///
///     — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
///
/// It may be of any type: what its bytes mean is known only to who knows the key.
package struct NoteSignature: Hashable, Sendable {
    /// An em dash and a space.
    private static let start: [UInt8] = [0xE2, 0x80, 0x94, 0x20]

    package let name: KeyName
    package let keyID: KeyID
    /// Without the key ID; never empty.
    package let bytes: [UInt8]

    /// Nil for no bytes.
    package init?(name: KeyName, keyID: KeyID, bytes: [UInt8]) {
        guard !bytes.isEmpty else { return nil }
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// From a line without its newline; nil for every spelling but the one that `line` makes.
    package init?(line: some BidirectionalCollection<UInt8>) {
        guard line.starts(with: Self.start) else { return nil }
        let parts = line.dropFirst(Self.start.count)
            .split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = KeyName(parts[0]) else { return nil }
        guard let payload = Base64.decode(parts[1]), payload.count > 4 else { return nil }
        guard let keyID = KeyID(bytes: payload.prefix(4)) else { return nil }
        self.init(name: name, keyID: keyID, bytes: Array(payload.dropFirst(4)))
    }

    /// With its newline.
    package var line: [UInt8] {
        Self.start + name.bytes + [UInt8(ascii: " ")] + Base64.encode(keyID.bytes + bytes) + [0x0A]
    }

    /// Whether the line claims to be by that key: names and key IDs are compared, nothing is verified.
    package func names(_ key: VerifierKey) -> Bool {
        name == key.name && keyID == key.keyID
    }
}
