/// Reads a policy line by line (tlog-policy, Policy file syntax and structure).
struct PolicyParser {
    static let none: ByteString = "none"

    private(set) var logs: [WitnessPolicy.Log] = []
    private(set) var witnesses: [WitnessPolicy.Witness] = []
    private(set) var groups: [WitnessPolicy.Group] = []
    private(set) var quorum: ByteString?

    /// Witnesses and groups share one namespace.
    private var names: Set<ByteString> = []
    private var members: Set<ByteString> = []
    private var logKeys: Set<[UInt8]> = []
    private var witnessKeys: Set<[UInt8]> = []
    private var keyTuples: Set<KeyTuple> = []

    private struct KeyTuple: Hashable {
        let name: KeyName
        let keyID: KeyID
    }

    mutating func parse(_ bytes: [UInt8]) throws(PolicyError) {
        guard bytes.count <= WitnessPolicy.maximumByteCount else { throw PolicyError(line: nil, fault: .tooLong) }
        guard bytes.last == 0x0A else { throw PolicyError(line: nil, fault: .noFinalNewline) }
        var number = 0
        for line in bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            do { try parse(line: line) } catch { throw PolicyError(line: number, fault: error) }
        }
    }

    private mutating func parse(line: ArraySlice<UInt8>) throws(PolicyError.Fault) {
        guard !line.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else { throw .forbiddenCharacter }
        let items = line.split { $0 == 0x20 || $0 == 0x09 }.map { ByteString($0) }
        guard let keyword = items.first, keyword.bytes.first != UInt8(ascii: "#") else { return }
        switch keyword {
        case "log": try parseLog(items.dropFirst())
        case "witness": try parseWitness(items.dropFirst())
        case "group": try parseGroup(items.dropFirst())
        case "quorum": try parseQuorum(items.dropFirst())
        default: throw .unknownKeyword
        }
    }

    private mutating func parseLog(_ items: ArraySlice<ByteString>) throws(PolicyError.Fault) {
        guard let text = items.first, items.count <= 2 else { throw .wrongItems }
        let key = try key(text, types: [.ed25519, .mldsa44Cosignature])
        guard logKeys.insert(key.keyBytes).inserted else { throw .duplicateKey }
        logs.append(WitnessPolicy.Log(key: key, url: items.dropFirst().first))
    }

    private mutating func parseWitness(_ items: ArraySlice<ByteString>) throws(PolicyError.Fault) {
        guard let name = items.first, let text = items.dropFirst().first, items.count <= 3 else { throw .wrongItems }
        let key = try key(text, types: [.ed25519Cosignature, .mldsa44Cosignature])
        guard witnessKeys.insert(key.keyBytes).inserted else { throw .duplicateKey }
        try define(name)
        witnesses.append(WitnessPolicy.Witness(name: name, key: key, url: items.dropFirst(2).first))
    }

    private mutating func parseGroup(_ items: ArraySlice<ByteString>) throws(PolicyError.Fault) {
        guard let name = items.first, let spelled = items.dropFirst().first else { throw .wrongItems }
        let listed = Array(items.dropFirst(2))
        guard !listed.isEmpty else { throw .noMembers }
        let threshold: Int
        switch spelled {
        case "all": threshold = listed.count
        case "any": threshold = 1
        default:
            guard let number = DecimalNumber.parse(spelled.bytes), number >= 1, number <= listed.count else {
                throw .badThreshold
            }
            threshold = Int(number)
        }
        for member in listed {
            guard member != Self.none else { throw .reservedName }
            guard names.contains(member) else { throw .undefinedName }
            // Once in the whole policy: so a witness counts towards the quorum in one way only.
            guard members.insert(member).inserted else { throw .alreadyMember }
        }
        // After its members, so that no group is its own.
        try define(name)
        groups.append(WitnessPolicy.Group(name: name, threshold: threshold, members: listed))
    }

    private mutating func parseQuorum(_ items: ArraySlice<ByteString>) throws(PolicyError.Fault) {
        guard let name = items.first, items.count == 1 else { throw .wrongItems }
        guard quorum == nil else { throw .secondQuorum }
        guard name == Self.none || names.contains(name) else { throw .undefinedName }
        quorum = name
    }

    private mutating func define(_ name: ByteString) throws(PolicyError.Fault) {
        guard name != Self.none else { throw .reservedName }
        guard names.insert(name).inserted else { throw .duplicateName }
    }

    // tlog-policy, Public key representation: of a type that fits the function. ML-DSA-44 fits both, and is never
    // verified here, so that it can only miss from a quorum.
    private mutating func key(_ text: ByteString, types: [SignatureType]) throws(PolicyError.Fault) -> VerifierKey {
        let key: VerifierKey
        do { key = try VerifierKey(parsing: text.bytes) } catch { throw .badKey(error) }
        guard types.contains(key.type) else { throw .wrongKeyType }
        guard keyTuples.insert(KeyTuple(name: key.name, keyID: key.keyID)).inserted else {
            throw logKeys.union(witnessKeys).contains(key.keyBytes) ? .duplicateKey : .ambiguousKey
        }
        return key
    }
}
