import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Verifier keys")
struct VerifierKeyTests {
    @Test(
        "A key is printed as it was read",
        arguments: [
            (SignedNoteTests.messageKey, "example.com/foo", 0x530d_903a, 1),
            // Of the Go checksum database: its base64 has plus signs of its own.
            ("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "sum.golang.org", 0x033d_e0ae, 1),
        ] as [(String, String, UInt32, UInt8)]
    )
    func roundTrip(text: String, name: String, keyID: UInt32, type: UInt8) throws {
        let key = try VerifierKey(parsing: text)
        #expect(key.text == text)
        #expect(key.name == KeyName(name))
        #expect(key.keyID == KeyID(keyID))
        #expect(key.type.byte == type)
        #expect(key.keyBytes.count == 32)
        #expect(try VerifierKey(name: key.name, type: key.type, keyBytes: key.keyBytes) == key)
    }

    @Test("A key made of a public key reads back as itself", arguments: [SignatureType.ed25519, .ed25519Cosignature])
    func made(type: SignatureType) throws {
        let publicKey = try PrivateKey.generateEd25519().publicKey
        let key = try VerifierKey(ed25519: publicKey, name: #require(KeyName("a")), type: type)
        #expect(try VerifierKey(parsing: key.text) == key)
        #expect(key.keyBytes == publicKey.ed25519Bytes)
    }

    @Test("One public key has another ID for each type and name")
    func keyIDs() throws {
        let bytes = try #require(try PrivateKey.generateEd25519().publicKey.ed25519Bytes)
        let a = try #require(KeyName("a"))
        let b = try #require(KeyName("b"))
        let keys = [
            try VerifierKey(name: a, type: .ed25519, keyBytes: bytes),
            try VerifierKey(name: a, type: .ed25519Cosignature, keyBytes: bytes),
            try VerifierKey(name: b, type: .ed25519, keyBytes: bytes),
        ]
        #expect(Set(keys.map(\.keyID)).count == 3)
        #expect(Set(keys).count == 3)
    }

    @Test("A log's key with its type byte changed to a cosigner's is refused")
    func relabelled() throws {
        let key = try VerifierKey(parsing: SignedNoteTests.messageKey)
        let relabelled =
            "\(key.name)+\(key.keyID)+" + String(decoding: Base64.encode([4] + key.keyBytes), as: UTF8.self)
        #expect(throws: VerifierKeyError.wrongKeyID) { try VerifierKey(parsing: relabelled) }
    }

    @Test("A key of another type is kept, and printed as it was read", arguments: [0x02, 0x05, 0x06, 0xFF] as [UInt8])
    func unsupported(type: UInt8) throws {
        let material = [UInt8](repeating: 9, count: 1312)
        let key = try VerifierKey(name: #require(KeyName("a")), type: SignatureType(byte: type), keyBytes: material)
        #expect(!key.type.isSupported)
        let read = try VerifierKey(parsing: key.text)
        #expect(read == key)
        #expect(read.keyBytes == material)
        #expect(read.text == key.text)
    }

    @Test(
        "Any other spelling is refused, and the reason named",
        arguments: [
            ("", .malformed), ("a", .malformed), ("a+530d903a", .malformed),
            ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .badName),
            ("example.com/ foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .badName),
            ("example.com/fob+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
            ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
            ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
            ("example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
            ("example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n", .malformed),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", .notEd25519),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==", .notEd25519),
            ("example.com/foo+530d903a+", .malformed), ("example.com/foo+530d903a+AQ==", .notEd25519),
            ("example.com/foo+530d903a+Bg==", .malformed),
        ] as [(String, VerifierKeyError)]
    )
    func refused(text: String, error: VerifierKeyError) {
        #expect(throws: error) { try VerifierKey(parsing: text) }
    }

    @Test("A key of a megabyte is refused before it is read")
    func tooLong() {
        #expect(throws: VerifierKeyError.tooLong) { try VerifierKey(parsing: [UInt8](repeating: 0x61, count: 8193)) }
    }

    @Test("A point has one spelling: y below 2^255 - 19")
    func canonicalPoint() throws {
        let name = try #require(KeyName("a"))
        for sign in [0x7F, 0xFF] as [UInt8] {
            let ones = [UInt8](repeating: 0xFF, count: 30)
            for low in 0xED...0xFF as ClosedRange<UInt8> {
                #expect(throws: VerifierKeyError.notEd25519) {
                    try VerifierKey(name: name, type: .ed25519, keyBytes: [low] + ones + [sign])
                }
            }
            #expect(throws: Never.self) {
                try VerifierKey(name: name, type: .ed25519, keyBytes: [0xEC] + ones + [sign])
            }
        }
    }

    @Test("Only an Ed25519 key signs, under a type that signs")
    func otherKeys() throws {
        let name = try #require(KeyName("a"))
        let p256 = try PrivateKey.generateP256()
        #expect(throws: VerifierKeyError.notEd25519) { try NoteSigner(name: name, key: p256) }
        #expect(throws: VerifierKeyError.notEd25519) { try Cosigner(name: name, key: p256) }
        let ed25519 = try PrivateKey.generateEd25519().publicKey
        #expect(throws: VerifierKeyError.unsupportedType(6)) {
            try VerifierKey(ed25519: ed25519, name: name, type: .mldsa44Cosignature)
        }
    }
}
