import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Judging checkpoints by a policy")
struct PolicyEvaluationTests {
    @Test("A checkpoint signed by all is accepted, with the times of its cosignatures")
    func accepted() throws {
        let fixture = try Fixture()
        let note = try fixture.note()
        let evaluation = try fixture.policy.evaluate(note: note)
        #expect(evaluation.isAccepted)
        #expect(evaluation.quorumMet)
        #expect(evaluation.logs.map(\.key) == [fixture.log.verifierKey])
        #expect(evaluation.checkpoint.bytes == note.text)
        #expect(evaluation.cosignatureTimes == ["A": 1_700_000_000, "B": 1_700_000_010])
        #expect(evaluation.quorumTime == 1_700_000_010)
        #expect(evaluation.earliestCosignatureTime == 1_700_000_000)
        #expect(evaluation.earliestQuorumCosignatureTime == 1_700_000_000)
        #expect(evaluation.unknownSignatures.isEmpty)
        #expect(evaluation.missingWitnesses.isEmpty)
    }

    @Test("Without one of its signatures a checkpoint is not accepted", arguments: 0..<3)
    func missing(dropped: Int) throws {
        let fixture = try Fixture()
        let note = try fixture.note()
        var signatures = note.signatures
        signatures.remove(at: dropped)
        let evaluation = try fixture.policy.evaluate(note: SignedNote(text: note.text, signatures: signatures))
        #expect(!evaluation.isAccepted)
        #expect(evaluation.logs.isEmpty == (dropped == 0))
        #expect(evaluation.quorumMet == (dropped == 0))
        #expect((evaluation.quorumTime == nil) == (dropped != 0))
        #expect(evaluation.missingWitnesses.map(\.name) == [[], ["A"], ["B"]][dropped])
    }

    @Test(
        "What the quorum lacks is told by the groups that are not met",
        arguments: [
            ([], ["A", "B", "C", "D"], "1 of any (A, B), 1 of rest (C, D)"), (["A"], ["C", "D"], "1 of rest (C, D)"),
            (["B", "C"], [], ""), (["C"], ["A", "B"], "1 of any (A, B)"),
        ] as [([ByteString], [ByteString], String)])
    func need(cosigned: [ByteString], witnesses: [ByteString], words: String) throws {
        let made = try ["A", "B", "C", "D"].map { name in
            WitnessPolicy.Witness(
                name: ByteString(name),
                key: try Cosigner(name: #require(KeyName("example.com/\(name)")), key: .generateEd25519()).verifierKey)
        }
        let policy = try WitnessPolicy(
            logs: Fixture().policy.logs, witnesses: made,
            groups: [
                .init(name: "any", threshold: 1, members: ["A", "B"]),
                .init(name: "rest", threshold: 1, members: ["C", "D"]),
                .init(name: "parties", threshold: 2, members: ["any", "rest"]),
            ], quorum: "parties")
        let need = policy.need(after: Set(cosigned))
        #expect(need.witnesses.map(\.name) == witnesses)
        #expect(need.words.joined(separator: ", ") == words)
    }

    @Test("A policy of very many groups in each other is read without recursion")
    func deep() throws {
        let fixture = try Fixture()
        var groups: [WitnessPolicy.Group] = [.init(name: "g0", threshold: 1, members: ["A"])]
        for number in 1..<8000 {
            groups.append(.init(name: ByteString("g\(number)"), threshold: 1, members: [groups[number - 1].name]))
        }
        let policy = try WitnessPolicy(
            logs: fixture.policy.logs, witnesses: fixture.policy.witnesses, groups: groups, quorum: "g7999")
        #expect(policy.need(after: []).words == ["A"])
        #expect(policy.need(after: ["A"]).words.isEmpty)
    }

    @Test("A bad signature of a known key is an error, also when the quorum is met without it")
    func badSignature() throws {
        let fixture = try Fixture()
        let note = try fixture.note()
        let policy = try WitnessPolicy(
            logs: fixture.policy.logs,
            witnesses: fixture.policy.witnesses,
            groups: [.init(name: "either", threshold: 1, members: ["A", "B"])],
            quorum: "either"
        )
        let bad = try #require(
            NoteSignature(name: fixture.b.name, keyID: fixture.b.verifierKey.keyID, bytes: note.signatures[1].bytes)
        )
        let changed = try SignedNote(text: note.text, signatures: [note.signatures[0], note.signatures[1], bad])
        #expect(throws: PolicyEvaluationError.note(.badSignature(fixture.b.name))) {
            try policy.evaluate(note: changed)
        }
    }

    @Test("Any one of two logs is enough")
    func anyLog() throws {
        let fixture = try Fixture()
        let other = try Fixture()
        let policy = try WitnessPolicy(
            logs: [.init(key: other.log.verifierKey), .init(key: fixture.log.verifierKey)],
            witnesses: fixture.policy.witnesses,
            groups: fixture.policy.groups,
            quorum: "both"
        )
        let evaluation = try policy.evaluate(note: fixture.note())
        #expect(evaluation.isAccepted)
        #expect(evaluation.logs.map(\.key) == [fixture.log.verifierKey])
    }

    @Test("A log's key does not speak for another origin")
    func otherOrigin() throws {
        let fixture = try Fixture()
        let checkpoint = try Checkpoint(origin: "example.com/other", size: 1, root: MerkleTree.leafHash([1]))
        let evaluation = try fixture.policy.evaluate(note: fixture.note(checkpoint))
        #expect(evaluation.logs.isEmpty)
        #expect(evaluation.quorumMet)
        #expect(!evaluation.isAccepted)
    }

    @Test("A note that is no checkpoint is an error")
    func noCheckpoint() throws {
        let fixture = try Fixture()
        let text = lines("hello")
        let note = try SignedNote(text: text, signatures: [fixture.log.sign(text)])
        #expect(throws: PolicyEvaluationError.checkpoint(.tooFewLines)) { try fixture.policy.evaluate(note: note) }
    }

    @Test("Extension lines are signed and shown")
    func extensionLines() throws {
        let fixture = try Fixture()
        let checkpoint = try Checkpoint(
            origin: ByteString(Fixture.origin),
            size: 1,
            root: MerkleTree.leafHash([1]),
            extensionLines: ["x"]
        )
        let evaluation = try fixture.policy.evaluate(note: fixture.note(checkpoint))
        #expect(evaluation.isAccepted)
        #expect(evaluation.checkpoint.extensionLines == ["x"])
    }

    @Test("Unknown signatures change nothing, and are shown")
    func unknown() throws {
        let fixture = try Fixture()
        let stranger = try Fixture()
        let checkpoint = try fixture.checkpoint(size: 3, root: MerkleTree.leafHash([1]))
        let line = try stranger.a.sign(checkpoint, time: 1)
        let evaluation = try fixture.policy.evaluate(note: fixture.note(checkpoint).adding([line]))
        #expect(evaluation.isAccepted)
        #expect(evaluation.unknownSignatures == [line])
        #expect(evaluation.earliestCosignatureTime == 1_700_000_000)
    }

    @Test(
        "The quorum's time is the earliest at which enough had cosigned",
        arguments: [
            ("any", 100), ("2", 200), ("all", 300),
        ] as [(String, Int64)]
    )
    func quorumTime(threshold: String, time: Int64) throws {
        let log = try Fixture().log
        let checkpoint = try Checkpoint(origin: ByteString(Fixture.origin), size: 1, root: MerkleTree.leafHash([1]))
        var text = "log \(log.verifierKey)\n"
        var signatures = [try log.sign(checkpoint.bytes)]
        // W3 cosigned first; W0 cosigned before all, and is in no group.
        for (number, time) in [50, 300, 200, 100].enumerated() {
            let witness = try Cosigner(name: #require(KeyName("w\(number)")), key: .generateEd25519())
            text += "witness W\(number) \(witness.verifierKey)\n"
            signatures.append(try witness.sign(checkpoint, time: Int64(time)))
        }
        text += "group g \(threshold) W1 W2 W3\nquorum g\n"
        let policy = try WitnessPolicy(parsing: Array(text.utf8))
        let note = try SignedNote(text: checkpoint.bytes, signatures: signatures)
        let evaluation = try policy.evaluate(note: note)
        #expect(evaluation.quorumTime == time)
        #expect(evaluation.earliestCosignatureTime == 50)
        #expect(evaluation.earliestQuorumCosignatureTime == 100)
    }

    @Test("A quorum of none has no time, and is met")
    func none() throws {
        let fixture = try Fixture()
        let policy = try WitnessPolicy(
            logs: fixture.policy.logs,
            witnesses: fixture.policy.witnesses,
            groups: [],
            quorum: nil
        )
        let evaluation = try policy.evaluate(note: fixture.note())
        #expect(evaluation.isAccepted)
        #expect(evaluation.quorumTime == nil)
        #expect(evaluation.earliestCosignatureTime == 1_700_000_000)
        #expect(evaluation.earliestQuorumCosignatureTime == nil)
    }

    @Test("A witness with an ML-DSA-44 key can only be missing from the quorum")
    func mldsa() throws {
        let fixture = try Fixture()
        let key = try VerifierKey(
            name: #require(KeyName("pq.example")),
            type: .mldsa44Cosignature,
            keyBytes: [UInt8](repeating: 5, count: 1312)
        )
        let policy = try WitnessPolicy(
            logs: fixture.policy.logs,
            witnesses: [.init(name: "pq", key: key)],
            groups: [],
            quorum: "pq"
        )
        let line = try #require(
            NoteSignature(name: key.name, keyID: key.keyID, bytes: [UInt8](repeating: 7, count: 2428))
        )
        let evaluation = try policy.evaluate(note: fixture.note().adding([line]))
        #expect(!evaluation.isAccepted)
        #expect(evaluation.missingWitnesses.map(\.name) == ["pq"])
    }

    @Test("No change of a single byte leaves a cosigned checkpoint accepted")
    func mutation() throws {
        let fixture = try Fixture()
        let bytes = try fixture.note().bytes
        #expect(try fixture.policy.evaluate(note: SignedNote(parsing: bytes)).isAccepted)
        var accepted: [(position: Int, value: UInt8)] = []
        for position in bytes.indices {
            // Every bit, and what a lenient parser might pass over.
            let values = (0..<8).map { bytes[position] ^ (1 << $0) } + [0x0A, 0x0D, 0x20, 0x30, 0x3D, 0x41]
            for value in Set(values) where value != bytes[position] {
                var changed = bytes
                changed[position] = value
                guard let note = try? SignedNote(parsing: changed) else { continue }
                #expect(note.bytes == changed)
                guard let evaluation = try? fixture.policy.evaluate(note: note) else { continue }
                if evaluation.isAccepted { accepted.append((position, value)) }
            }
        }
        #expect(accepted.isEmpty)
    }

    @Test("No byte left out, and none put in, leaves a cosigned checkpoint accepted")
    func insertion() throws {
        let fixture = try Fixture()
        let bytes = try fixture.note().bytes
        func isAccepted(_ bytes: [UInt8]) -> Bool {
            guard let note = try? SignedNote(parsing: bytes) else { return false }
            return (try? fixture.policy.evaluate(note: note))?.isAccepted == true
        }
        #expect(isAccepted(bytes))
        var accepted: [Int] = []
        for position in bytes.indices {
            var shorter = bytes
            shorter.remove(at: position)
            if isAccepted(shorter) { accepted.append(position) }
            for value in [0x0A, 0x0D, 0x20, 0x30, 0x3D, 0x41] as [UInt8] {
                var longer = bytes
                longer.insert(value, at: position)
                if isAccepted(longer) { accepted.append(position) }
            }
            if isAccepted(Array(bytes[..<position])) { accepted.append(position) }
        }
        #expect(accepted.isEmpty)
        #expect(!isAccepted(bytes + [0x0A]))
    }
}
