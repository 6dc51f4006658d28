import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Verification of notes")
struct NoteVerificationTests {
    @Test("Unknown signatures are ignored, if only one is known")
    func unknown() throws {
        let fixture = try Fixture()
        let note = try fixture.note()
        let verification = try note.verify(with: [fixture.a.verifierKey])
        #expect(verification.verified.map(\.key) == [fixture.a.verifierKey])
        #expect(verification.verified.map(\.time) == [1_700_000_000])
        #expect(verification.unknown == [note.signatures[0], note.signatures[2]])
    }

    @Test("A note without a known signature is refused")
    func noneKnown() throws {
        let note = try Fixture().note()
        let stranger = try Fixture()
        #expect(throws: NoteVerificationError.noKnownSignature) { try note.verify(with: [stranger.log.verifierKey]) }
        #expect(throws: NoteVerificationError.noKnownSignature) { try note.verify(with: []) }
    }

    @Test("One bad signature of a known key refuses the note, whoever else signed")
    func badSignature() throws {
        let fixture = try Fixture()
        let note = try fixture.note()
        let keys = [fixture.log.verifierKey, fixture.a.verifierKey, fixture.b.verifierKey]
        for position in note.signatures.indices {
            var signatures = note.signatures
            let good = signatures[position]
            var bytes = good.bytes
            bytes[bytes.count - 1] ^= 1
            signatures[position] = try #require(NoteSignature(name: good.name, keyID: good.keyID, bytes: bytes))
            let damaged = try SignedNote(text: note.text, signatures: signatures)
            #expect(throws: NoteVerificationError.badSignature(good.name)) { try damaged.verify(with: keys) }
        }
        #expect(try note.verify(with: keys).verified.count == 3)
    }

    @Test("A known name with another key ID is unknown, and so is a known key ID with another name")
    func halfKnown() throws {
        let fixture = try Fixture()
        let note = try fixture.note()
        let good = note.signatures[0]
        let otherID = try #require(
            NoteSignature(name: good.name, keyID: KeyID(good.keyID.value ^ 1), bytes: good.bytes)
        )
        let name = try #require(KeyName("example.com/other"))
        let otherName = try #require(
            NoteSignature(name: name, keyID: good.keyID, bytes: good.bytes)
        )
        for signature in [otherID, otherName] {
            let changed = try SignedNote(text: note.text, signatures: [signature])
            #expect(throws: NoteVerificationError.noKnownSignature) {
                try changed.verify(with: [fixture.log.verifierKey])
            }
        }
    }

    @Test("A second signature by a known key is refused")
    func repeated() throws {
        let fixture = try Fixture()
        let checkpoint = try fixture.checkpoint(size: 3, root: MerkleTree.leafHash([1]))
        let note = try fixture.note(checkpoint)
        let later = try note.adding([fixture.a.sign(checkpoint, time: 1_800_000_000)])
        #expect(throws: NoteVerificationError.repeatedSignature(fixture.a.name)) {
            try later.verify(with: [fixture.a.verifierKey])
        }
        // To others it is an unknown line like any other.
        #expect(try later.verify(with: [fixture.log.verifierKey]).unknown.count == 3)
    }

    @Test("A key that is listed twice is one key")
    func listedTwice() throws {
        let fixture = try Fixture()
        let key = fixture.log.verifierKey
        #expect(try fixture.note().verify(with: [key, key]).verified.count == 1)
    }

    @Test("A log's signature is no cosignature, and a cosignature none of a log, under one key and name")
    func typesApart() throws {
        let privateKey = try PrivateKey.generateEd25519()
        let name = try #require(KeyName("example.com/registry"))
        let log = try NoteSigner(name: name, key: privateKey)
        let witness = try Cosigner(name: name, key: privateKey)
        #expect(log.verifierKey.keyID != witness.verifierKey.keyID)
        let checkpoint = try Checkpoint(origin: "example.com/registry", size: 0, root: MerkleTree.emptyRoot)
        let signed = try SignedNote(text: checkpoint.bytes, signatures: [log.sign(checkpoint.bytes)])
        let cosigned = try SignedNote(text: checkpoint.bytes, signatures: [witness.sign(checkpoint, time: 1)])
        #expect(throws: NoteVerificationError.noKnownSignature) { try signed.verify(with: [witness.verifierKey]) }
        #expect(throws: NoteVerificationError.noKnownSignature) { try cosigned.verify(with: [log.verifierKey]) }
        // The bytes of one under the key ID of the other.
        let forged = try #require(
            NoteSignature(name: name, keyID: witness.verifierKey.keyID, bytes: signed.signatures[0].bytes)
        )
        #expect(throws: NoteVerificationError.badSignature(name)) {
            try SignedNote(text: checkpoint.bytes, signatures: [forged]).verify(with: [witness.verifierKey])
        }
    }

    @Test("An ML-DSA-44 line is unknown, even when its key is given")
    func mldsa() throws {
        let fixture = try Fixture()
        let key = try VerifierKey(
            name: #require(KeyName("example.com/pq")),
            type: .mldsa44Cosignature,
            keyBytes: [UInt8](repeating: 5, count: 1312)
        )
        let line = try #require(
            NoteSignature(name: key.name, keyID: key.keyID, bytes: [UInt8](repeating: 7, count: 8 + 2420))
        )
        let note = try fixture.note().adding([line])
        let reread = try SignedNote(parsing: note.bytes)
        let verification = try reread.verify(with: [fixture.log.verifierKey, key])
        #expect(verification.verified.map(\.key) == [fixture.log.verifierKey])
        #expect(verification.unknown.contains(line))
    }

    @Test("Two known keys with one name and one key ID refuse the note that names them")
    func ambiguous() throws {
        // Found by trying: of 100,220 keys named "a" these two share the ID ab4b3679.
        let name = try #require(KeyName("a"))
        let keys = try [1936, 100_219].map { (number: UInt32) in
            let start = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
            let bytes = start + [UInt8](repeating: 0, count: 28)
            return try VerifierKey(name: name, type: .ed25519Cosignature, keyBytes: bytes)
        }
        #expect(keys[0] != keys[1])
        #expect(keys.map(\.keyID.hex) == ["ab4b3679", "ab4b3679"])
        let line = try #require(
            NoteSignature(name: name, keyID: keys[0].keyID, bytes: [UInt8](repeating: 0, count: 72))
        )
        let note = try Fixture().note().adding([line])
        #expect(throws: NoteVerificationError.ambiguousKey(name)) { try note.verify(with: keys) }
        #expect(throws: NoteVerificationError.badSignature(name)) { try note.verify(with: [keys[0]]) }
        let policy = "witness A \(keys[0])\nwitness B \(keys[1])\nquorum A\n"
        #expect(throws: PolicyError(line: 2, fault: .ambiguousKey)) { try WitnessPolicy(parsing: Array(policy.utf8)) }
    }
}
