import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Reading policies")
struct PolicyParsingTests {
    private let log = try? key("example.com/log", .ed25519)
    private let keys = (1...6).compactMap { try? key("witness.example/\($0)", .ed25519Cosignature) }

    private static func key(_ name: String, _ type: SignatureType) throws -> VerifierKey {
        try VerifierKey(ed25519: PrivateKey.generateEd25519().publicKey, name: #require(KeyName(name)), type: type)
    }

    /// `$L` stands for the log's key, `$1` to `$6` for those of witnesses.
    private func text(_ text: String) -> [UInt8] {
        var text = text.replacing("$L", with: log?.text ?? "")
        for (number, key) in keys.enumerated() { text = text.replacing("$\(number + 1)", with: key.text) }
        return Array(text.utf8)
    }

    private func fault(_ policy: String) -> PolicyError? {
        do { _ = try WitnessPolicy(parsing: text(policy)) } catch { return error }
        return nil
    }

    private static let example = """
        log $L

        witness X1 $1
        witness X2 $2
        witness X3 $3
        group X-witnesses 2 X1 X2 X3

        witness Y1 $4
        witness Y2 $5
        witness Y3 $6
        group Y-witnesses any Y1 Y2 Y3

        group X-and-Y all X-witnesses Y-witnesses
        quorum X-and-Y

        """

    @Test("The specification's example is read, and kept as it was written")
    func example() throws {
        let bytes = text(Self.example)
        let policy = try WitnessPolicy(parsing: bytes)
        #expect(policy.bytes == bytes)
        #expect(policy.logs.map(\.key) == [log])
        #expect(policy.witnesses.map(\.name) == ["X1", "X2", "X3", "Y1", "Y2", "Y3"])
        #expect(policy.witnesses.map(\.key) == keys)
        #expect(policy.groups.map(\.threshold) == [2, 1, 2])
        #expect(policy.groups.last?.members == ["X-witnesses", "Y-witnesses"])
        #expect(policy.quorum == "X-and-Y")
        #expect(policy.quorumWitnesses == policy.witnesses)
    }

    @Test(
        "The example's quorum is two of X and one of Y",
        arguments: [
            ("X1 X2 Y1", true), ("X1 X3 Y3", true), ("X1 X2 X3 Y1 Y2 Y3", true), ("X1 X2", false),
            ("X1 Y1 Y2 Y3", false),
            ("", false), ("X-and-Y", false), ("X-witnesses Y-witnesses", false), ("X1 X2 Y-witnesses", false),
        ]
    )
    func exampleQuorum(names: String, isSatisfied: Bool) throws {
        let policy = try WitnessPolicy(parsing: text(Self.example))
        #expect(policy.isSatisfied(by: Set(names.split(separator: " ").map { ByteString(String($0)) })) == isSatisfied)
    }

    @Test("Comments, empty lines, tabs and spaces are allowed and kept")
    func layout() throws {
        let bytes = text("# a comment\n\n \t # another é\n\twitness \t A  $1\t\n  quorum\tA \n")
        let policy = try WitnessPolicy(parsing: bytes)
        #expect(policy.witnesses.map(\.name) == ["A"])
        #expect(policy.bytes == bytes)
    }

    @Test("URLs are optional, for logs and witnesses alike")
    func urls() throws {
        let policy = try WitnessPolicy(
            parsing: text("log $L\nwitness A $1 https://a.example/\nwitness B $2\nquorum B\n")
        )
        #expect(policy.logs[0].url == nil)
        #expect(policy.witnesses.map(\.url) == ["https://a.example/", nil])
        #expect(policy.quorumWitnesses.map(\.name) == ["B"])
        let withURL = try WitnessPolicy(parsing: text("log $L https://log.example/\nquorum none\n"))
        #expect(withURL.logs[0].url == "https://log.example/")
    }

    @Test("A quorum of none is satisfied by nobody")
    func none() throws {
        let policy = try WitnessPolicy(parsing: text("log $L\nquorum none\n"))
        #expect(policy.quorum == nil)
        #expect(policy.isSatisfied(by: []))
        #expect(policy.quorumWitnesses.isEmpty)
    }

    @Test("Names are octets, and look-alikes are different names")
    func octets() throws {
        let policy = try WitnessPolicy(
            parsing: text("witness K $1\nwitness \u{212A} $2\ngroup g all \u{212A} K\nquorum g\n")
        )
        #expect(policy.witnesses[1].name.bytes == [0xE2, 0x84, 0xAA])
        #expect(!policy.isSatisfied(by: ["K"]))
        #expect(policy.isSatisfied(by: ["K", "\u{212A}"]))
        let raw = Array("witness ".utf8) + [0xFF] + text(" $1\nquorum ") + [0xFF, 0x0A]
        #expect(try WitnessPolicy(parsing: raw).quorum?.bytes == [0xFF])
    }

    @Test("A group with threshold 0 is refused")
    func thresholdZero() {
        #expect(fault("witness A $1\ngroup g 0 A\nquorum g\n") == PolicyError(line: 2, fault: .badThreshold))
    }

    @Test(
        "A threshold is all, any, or a number from 1 to the number of members in plain decimal",
        arguments: ["3", "-1", "01", "+1", "1.0", "ALL", "two", "99999999999999999999", "0x1", "１"]
    )
    func badThreshold(threshold: String) {
        let policy = "witness A $1\nwitness B $2\ngroup g \(threshold) A B\nquorum g\n"
        #expect(fault(policy) == PolicyError(line: 3, fault: .badThreshold))
    }

    @Test("A group without members is refused", arguments: ["all", "any", "1", "0"])
    func noMembers(threshold: String) {
        #expect(fault("group g \(threshold)\nquorum g\n") == PolicyError(line: 1, fault: .noMembers))
    }

    @Test("A second quorum line is refused, the same one too", arguments: ["none", "A", "B"])
    func secondQuorum(name: String) {
        let policy = "witness A $1\nwitness B $2\nquorum A\nquorum \(name)\n"
        #expect(fault(policy) == PolicyError(line: 4, fault: .secondQuorum))
        #expect(fault("quorum none\nquorum none\n") == PolicyError(line: 2, fault: .secondQuorum))
    }

    @Test("A policy without a quorum line is refused")
    func noQuorum() {
        #expect(fault("log $L\nwitness A $1\n") == PolicyError(line: nil, fault: .noQuorum))
        #expect(fault("# nothing\n") == PolicyError(line: nil, fault: .noQuorum))
    }

    @Test("One key under two witness names is refused")
    func oneKeyTwice() throws {
        #expect(fault("witness A $1\nwitness B $1\nquorum A\n") == PolicyError(line: 2, fault: .duplicateKey))
        let renamed = try VerifierKey(
            name: #require(KeyName("other.example")),
            type: .ed25519Cosignature,
            keyBytes: keys[0].keyBytes
        )
        #expect(fault("witness A $1\nwitness B \(renamed)\nquorum A\n") == PolicyError(line: 2, fault: .duplicateKey))
    }

    @Test("One key in two log lines is refused")
    func oneLogTwice() throws {
        #expect(fault("log $L\nlog $L\nquorum none\n") == PolicyError(line: 2, fault: .duplicateKey))
        let bytes = try #require(log).keyBytes
        let renamed = try VerifierKey(name: #require(KeyName("other.example")), type: .ed25519, keyBytes: bytes)
        #expect(fault("log $L\nlog \(renamed)\nquorum none\n") == PolicyError(line: 2, fault: .duplicateKey))
    }

    @Test("One member twice in a group is refused")
    func memberTwice() {
        #expect(fault("witness A $1\ngroup g 2 A A\nquorum g\n") == PolicyError(line: 2, fault: .alreadyMember))
    }

    @Test("One member in two groups is refused")
    func memberOfTwo() {
        let policy = "witness A $1\ngroup g any A\ngroup h any A\ngroup i all g h\nquorum i\n"
        #expect(fault(policy) == PolicyError(line: 3, fault: .alreadyMember))
    }

    @Test(
        "A name is used after the line that defines it",
        arguments: [
            ("group g any A\nwitness A $1\nquorum g\n", 1), ("quorum A\nwitness A $1\n", 1),
            ("witness A $1\ngroup g any A g\nquorum g\n", 2), ("witness A $1\nquorum B\n", 2),
            ("witness A $1\ngroup g any a\nquorum g\n", 2),
        ]
    )
    func undefined(policy: String, line: Int) {
        #expect(fault(policy) == PolicyError(line: line, fault: .undefinedName))
    }

    @Test("A name is defined once, for witnesses and groups together")
    func duplicateNames() {
        #expect(fault("witness A $1\nwitness A $2\nquorum A\n") == PolicyError(line: 2, fault: .duplicateName))
        #expect(fault("witness A $1\ngroup A any A\nquorum A\n") == PolicyError(line: 2, fault: .duplicateName))
    }

    @Test("The name none is nobody's, and no member")
    func reserved() {
        #expect(fault("witness none $1\nquorum none\n") == PolicyError(line: 1, fault: .reservedName))
        #expect(fault("witness A $1\ngroup none any A\nquorum none\n") == PolicyError(line: 2, fault: .reservedName))
        #expect(fault("witness A $1\ngroup g any none A\nquorum g\n") == PolicyError(line: 2, fault: .reservedName))
    }

    @Test("A log's key is no witness key, and a witness key no log's")
    func keyTypes() {
        #expect(fault("witness A $L\nquorum A\n") == PolicyError(line: 1, fault: .wrongKeyType))
        #expect(fault("log $1\nquorum none\n") == PolicyError(line: 1, fault: .wrongKeyType))
    }

    @Test(
        "An ML-DSA-44 key is read, and other types are refused",
        arguments: [(0x06, true), (0x02, false), (0xFF, false)]
    )
    func unsupportedKeys(type: UInt8, isRead: Bool) throws {
        let bytes = [UInt8](repeating: 3, count: 1312)
        let key = try VerifierKey(
            name: #require(KeyName("pq.example")),
            type: SignatureType(byte: type),
            keyBytes: bytes
        )
        let expected = isRead ? nil : PolicyError(line: 1, fault: .wrongKeyType)
        #expect(fault("witness A \(key)\nquorum A\n") == expected)
        #expect(fault("log \(key)\nquorum none\n") == expected)
    }

    @Test("One vkey is not a log's and a witness's at once")
    func oneVkeyForBoth() throws {
        let bytes = [UInt8](repeating: 3, count: 1312)
        let key = try VerifierKey(name: #require(KeyName("pq.example")), type: .mldsa44Cosignature, keyBytes: bytes)
        #expect(fault("log \(key)\nwitness A \(key)\nquorum A\n") == PolicyError(line: 2, fault: .duplicateKey))
    }

    @Test(
        "A line in any other form is refused",
        arguments: [
            ("log\nquorum none\n", 1, .wrongItems), ("log $L u v\nquorum none\n", 1, .wrongItems),
            ("log $L # c d\nquorum none\n", 1, .wrongItems), ("witness A\nquorum none\n", 1, .wrongItems),
            ("witness A $1 u v\nquorum none\n", 1, .wrongItems), ("group g\nquorum none\n", 1, .wrongItems),
            ("quorum\n", 1, .wrongItems), ("quorum none none\n", 1, .wrongItems),
            ("Quorum none\n", 1, .unknownKeyword), ("logs $L\nquorum none\n", 1, .unknownKeyword),
            ("quorum none", nil, .noFinalNewline), ("", nil, .noFinalNewline),
            ("quorum none\r\n", 1, .forbiddenCharacter), ("# \u{7F}\nquorum none\n", 1, .forbiddenCharacter),
            ("# \u{0}\nquorum none\n", 1, .forbiddenCharacter), ("quorum\u{B}none\n", 1, .forbiddenCharacter),
            ("log x\nquorum none\n", 1, .badKey(.malformed)), ("quorum\u{A0}none\n", 1, .unknownKeyword),
        ] as [(String, Int?, PolicyError.Fault)]
    )
    func refused(policy: String, line: Int?, expected: PolicyError.Fault) {
        #expect(fault(policy) == PolicyError(line: line, fault: expected))
    }

    @Test("A policy beyond the limit is refused before it is read")
    func tooLong() {
        let comment = "#" + String(repeating: "x", count: WitnessPolicy.maximumByteCount)
        #expect(fault(comment + "\nquorum none\n") == PolicyError(line: nil, fault: .tooLong))
    }

    @Test("Many logs, witnesses and groups are read")
    func limits() throws {
        var text = ""
        for number in 0..<40 {
            text += "log \(try Self.key("log.example/\(number)", .ed25519))\n"
            text += "witness w\(number) \(try Self.key("w.example/\(number)", .ed25519Cosignature))\n"
            text += "group g\(number) all w\(number)\(number > 0 ? " g\(number - 1)" : "")\n"
        }
        let policy = try WitnessPolicy(parsing: Array((text + "quorum g39\n").utf8))
        let names = Set(policy.witnesses.map(\.name))
        #expect(policy.isSatisfied(by: names))
        #expect(!policy.isSatisfied(by: names.subtracting(["w0"])))
    }

    @Test("A policy made of its parts is read back as those")
    func making() throws {
        let parsed = try WitnessPolicy(parsing: text(Self.example))
        let made = try WitnessPolicy(
            logs: parsed.logs,
            witnesses: parsed.witnesses,
            groups: parsed.groups,
            quorum: parsed.quorum
        )
        #expect(made.logs == parsed.logs)
        #expect(made.groups == parsed.groups)
        #expect(
            String(decoding: made.bytes, as: UTF8.self).hasSuffix(
                "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
            )
        )
        #expect(try WitnessPolicy(parsing: made.bytes) == made)
        let none = try WitnessPolicy(logs: [], witnesses: [], groups: [], quorum: nil)
        #expect(none.bytes == lines("quorum none"))
    }

    @Test(
        "A policy whose parts cannot be written is not made",
        arguments: ["", "a b", "a\nquorum none", "a\r", "# a\n"]
    )
    func unwritable(name: String) throws {
        let url = ByteString(name)
        #expect(throws: PolicyError.self) {
            try WitnessPolicy(logs: [.init(key: #require(log), url: url)], witnesses: [], groups: [], quorum: nil)
        }
        #expect(throws: PolicyError.self) {
            try WitnessPolicy(logs: [], witnesses: [.init(name: url, key: keys[0])], groups: [], quorum: nil)
        }
    }
}
