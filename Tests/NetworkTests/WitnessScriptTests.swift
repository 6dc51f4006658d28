import Foundation
import HTTPClient
import OpenSSLKit
import Support
import Testing
import TransparencyLog

/// Every case of the specification's table of statuses, against the real program.
@Suite struct WitnessScriptTests {
    @Test(.hangLimit) func `A plain witness answers as the script says`() async throws {
        let scratch = ScratchFolder()
        let log = try ScriptLog(origin: "log.example/script")
        let second = try ScriptLog(origin: "log.example/second")
        let witness = try await PlainWitnessProcess(scratch, logs: [log, second])
        let steps = try ScriptStep.parse(
            String(
                contentsOfFile: PackageRoot.file("Tests/NetworkTests/Scripts/add-checkpoint.txt"), encoding: .utf8))
        #expect(steps.count > 40)
        for step in steps {
            let body = try step.body(log: log, second: second)
            let start = Int64(Date().timeIntervalSince1970)
            let response = try await witness.post(body)
            #expect(response.status == step.status, "\(step): \(String(decoding: response.body, as: UTF8.self))")
            try step.expect(response, by: witness.verifierKey, since: start, log: log, second: second)
        }
        // Kept, and known for what they are: two histories of one size, and of two.
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("witness/evidence")).count == 2)
        #expect(witness.process.log.contains("the log has signed two histories"))
    }

    @Test(.hangLimit) func `What was cosigned last is at the monitoring path, and nothing for other origins`()
        async throws
    {
        let scratch = ScratchFolder()
        let log = try ScriptLog(origin: "log.example/monitored")
        let witness = try await PlainWitnessProcess(scratch, logs: [log])
        let path = "\(SHA256Hasher.hash(Array("log.example/monitored".utf8)).hex)/checkpoint"
        #expect(try await witness.get(path).status == 404)
        let request = try AddCheckpointRequest(oldSize: 0, proof: [], note: log.note(4))
        #expect(try await witness.post(request.bytes).status == 200)
        let answer = try await witness.get(path)
        #expect(answer.status == 200)
        let note = try SignedNote(parsing: answer.body)
        let verification = try note.verify(with: [log.verifierKey, witness.verifierKey])
        #expect(verification.verified.count == 2)
        #expect(try Checkpoint(parsing: note.text).size == 4)
        #expect(try await witness.get(path.uppercased()).status == 404)
        #expect(try await witness.get(String(repeating: "0", count: 64) + "/checkpoint").status == 404)
        #expect(try await witness.get("../private/plain-witness.pem").status == 404)
    }

    @Test(.hangLimit) func `Of many who come at once with rival trees, one history is cosigned`() async throws {
        let scratch = ScratchFolder()
        let log = try ScriptLog(origin: "log.example/rivals")
        let witness = try await PlainWitnessProcess(scratch, logs: [log])
        let cosigned = await withTaskGroup(of: (Int64, Bool)?.self) { group in
            for size in Int64(3)...9 {
                for isFork in [false, true] {
                    group.addTask {
                        guard
                            let request = try? AddCheckpointRequest(
                                oldSize: 0, proof: [], note: log.note(size, isFork: isFork)),
                            let response = try? await witness.post(request.bytes), response.status == 200
                        else { return nil }
                        return (size, isFork)
                    }
                }
            }
            return await group.reduce(into: []) { if let next = $1 { $0.append(next) } }
        }
        #expect(cosigned.count == 1, "\(cosigned)")
    }

    @Test(.hangLimit) func `A memory that is lost or damaged stops the witness, and it never begins anew`() async throws
    {
        let scratch = ScratchFolder()
        let log = try ScriptLog(origin: "log.example/memory")
        var witness = try await PlainWitnessProcess(scratch, logs: [log])
        let request = try AddCheckpointRequest(oldSize: 0, proof: [], note: log.note(4)).bytes
        #expect(try await witness.post(request).status == 200)
        let state = scratch.file("witness/private/plain-witness.state")
        let good = try Data(contentsOf: URL(fileURLWithPath: state))
        for damaged in [nil, Data(), good.dropLast(3), Data("bitim-signer-state 1\nend".utf8)] {
            if let damaged {
                try damaged.write(to: URL(fileURLWithPath: state))
            } else {
                try FileManager.default.removeItem(atPath: state)
            }
            let again = try AddCheckpointRequest(oldSize: 4, proof: [], note: log.note(4)).bytes
            #expect(try await witness.post(again).status == 500)
            #expect(try await witness.post(request).status == 500)
            witness.process.kill()
            await #expect(throws: RunningProgram.Fault.self) {
                try await PlainWitnessProcess(scratch, logs: [log], isMade: true)
            }
            if damaged == nil { #expect(!FileManager.default.fileExists(atPath: state)) }
            try good.write(to: URL(fileURLWithPath: state))
            witness = try await PlainWitnessProcess(scratch, logs: [log], isMade: true)
        }
        #expect(try await witness.post(request).status == 409)
    }

    @Test func `A plain witness does not run on a registry's keys`() throws {
        let capitals = try TwoCapitals()
        let run = try capitals.bitim(
            "KZ", ["witness", "serve", "--check", "consistency", "--listen", "127.0.0.1:0"])
        #expect(run.status == 64)
        #expect(run.standardError.contains("holds the keys of a registry"), "\(run.standardError)")
    }
}

/// A log of a test's own, in memory: two histories that part at leaf 2.
struct ScriptLog: Sendable {
    let origin: String
    private let signer: NoteSigner
    private let stranger: NoteSigner
    var verifierKey: VerifierKey { signer.verifierKey }

    init(origin: String) throws {
        self.origin = origin
        signer = try NoteSigner(name: KeyName(origin)!, key: PrivateKey.generateEd25519())
        stranger = try NoteSigner(name: KeyName("stranger.example/log")!, key: PrivateKey.generateEd25519())
    }

    private func leaves(_ size: Int64, isFork: Bool) -> [SHA256Digest] {
        (0..<size).map {
            MerkleTree.leafHash(Array("leaf \($0)\(isFork && $0 >= 2 ? " of another history" : "")".utf8))
        }
    }

    private func source(_ size: Int64, isFork: Bool) -> SubtreeSource {
        let leaves = leaves(size, isFork: isFork)
        return { level, index in
            let width = 1 << level
            let start = Int(index) * width
            return MerkleTree.root(of: leaves[start..<(start + width)])
        }
    }

    func text(_ size: Int64, isFork: Bool = false, origin: String? = nil) throws -> [UInt8] {
        try Checkpoint(
            origin: ByteString(origin ?? self.origin), size: size,
            root: MerkleTree.root(of: leaves(size, isFork: isFork))
        ).bytes
    }

    func note(_ size: Int64, isFork: Bool = false) throws -> SignedNote {
        try signed(text(size, isFork: isFork))
    }

    func signed(_ text: [UInt8]) throws -> SignedNote { try SignedNote(text: text, signatures: [signer.sign(text)]) }

    func withStrangers(_ size: Int64) throws -> SignedNote {
        try note(size).adding([stranger.sign(text(size))])
    }

    func unsigned(_ text: [UInt8]) throws -> SignedNote {
        try SignedNote(text: text, signatures: [stranger.sign(text)])
    }

    func forged(_ size: Int64) throws -> SignedNote {
        let text = try text(size)
        let line = NoteSignature(name: signer.name, keyID: verifierKey.keyID, bytes: [UInt8](repeating: 7, count: 64))
        return try SignedNote(text: text, signatures: [line!])
    }

    func proof(_ old: Int64, _ new: Int64, isFork: Bool = false) throws -> [SHA256Digest] {
        try ConsistencyProof(oldSize: old, newSize: new, from: source(new, isFork: isFork)).hashes
    }
}

/// The program as a plain witness of some logs.
final class PlainWitnessProcess: @unchecked Sendable {
    let process: RunningProgram
    let verifierKey: VerifierKey
    private let port = freePort()
    private let client = HTTPClient()

    init(_ scratch: ScratchFolder, logs: [ScriptLog], isMade: Bool = false) async throws {
        if !isMade {
            let made = try CommandRun.bitim(
                ["witness", "new", "witness.example/w1", "--unencrypted", "--keys", "witness", "-q"],
                folder: scratch.path)
            try #require(made.status == 0, "\(made.standardError)")
            try scratch.write(
                logs.map { "log \($0.verifierKey.text)\n" }.joined() + "quorum none\n", to: "witness/policy")
        }
        let text = try String(contentsOfFile: scratch.file("witness/plain-witness.vkey"), encoding: .utf8)
        verifierKey = try VerifierKey(parsing: text.trimmingCharacters(in: .newlines))
        process = try RunningProgram(
            [
                "witness", "serve", "--check", "consistency", "--keys", "witness", "--listen", "127.0.0.1:\(port)",
            ], folder: scratch.path)
        try await process.wait(for: "\"listening\"")
    }

    func post(_ body: [UInt8]) async throws -> HTTPResponse {
        try await client.send(
            HTTPRequest(post: body, to: "http://127.0.0.1:\(port)/add-checkpoint", maximumBytes: 1 << 20))
    }

    func get(_ path: String) async throws -> HTTPResponse {
        try await client.send(HTTPRequest(get: "http://127.0.0.1:\(port)/\(path)", maximumBytes: 1 << 20))
    }
}

/// One request of a script, and its answer.
struct ScriptStep: CustomStringConvertible {
    let lines: [String]
    let status: Int
    let expected: String

    var description: String { lines.joined(separator: " | ") }

    static func parse(_ text: String) -> [ScriptStep] {
        var steps: [ScriptStep] = []
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("=> ") {
                let words = line.dropFirst(3).split(separator: " ", maxSplits: 1).map(String.init)
                // The empty line between two requests is no part of the second.
                while lines.first == "" { lines.removeFirst() }
                steps.append(
                    ScriptStep(lines: lines, status: Int(words[0]) ?? 0, expected: words.count > 1 ? words[1] : ""))
                lines = []
            } else {
                lines.append(line)
            }
        }
        return steps
    }

    func body(log: ScriptLog, second: ScriptLog) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            guard let open = line.firstIndex(of: "{"), line.hasSuffix("}") else {
                bytes += Array(line.utf8) + [0x0A]
                continue
            }
            bytes += Array(line[..<open].utf8)
            let words = line[line.index(after: open)...].dropLast().split(separator: " ").map(String.init)
            bytes += try expansion(words, log: log, second: second)
        }
        return bytes
    }

    private func expansion(_ words: [String], log: ScriptLog, second: ScriptLog) throws -> [UInt8] {
        func number(_ position: Int) -> Int64 { words.count > position ? Int64(words[position]) ?? 0 : 0 }
        func hashes(_ hashes: [SHA256Digest]) -> [UInt8] {
            hashes.flatMap { Array(Data($0.bytes).base64EncodedString().utf8) + [0x0A] }
        }
        let emptyTree = Array("\(log.origin)\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".utf8)
        switch words[0] {
        case "checkpoint": return try log.note(number(1)).bytes
        case "fork": return try log.note(number(1), isFork: true).bytes
        case "second-log": return try second.note(number(1)).bytes
        case "checkpoint-with-strangers": return try log.withStrangers(number(1)).bytes
        case "unsigned": return try log.unsigned(log.text(number(1))).bytes
        case "forged": return try log.forged(number(1)).bytes
        case "stranger": return try log.signed(log.text(number(1), origin: "nobody.example/log")).bytes
        case "empty-with-another-root": return try log.signed(emptyTree).bytes
        case "unsigned-empty-with-another-root": return try log.unsigned(emptyTree).bytes
        case "checkpoint-of-size":
            return try log.signed(
                Array("\(log.origin)\n\(words[1])\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".utf8)
            ).bytes
        case "proof": return hashes(try log.proof(number(1), number(2)))
        case "fork-proof": return hashes(try log.proof(number(1), number(2), isFork: true))
        case "hashes":
            return hashes((0..<Int(number(1))).map { MerkleTree.leafHash(Array("hash \($0)".utf8)) })
        case "carriage-return": return [0x0D, 0x0A]
        case "bytes": return words.dropFirst().compactMap { UInt8($0, radix: 16) } + [0x0A]
        case "filler": return [UInt8](repeating: UInt8(ascii: "a"), count: Int(number(1)))
        default: throw CocoaError(.featureUnsupported)
        }
    }

    /// - Parameter start: before which nothing was asked, POSIX seconds.
    func expect(
        _ response: HTTPResponse, by key: VerifierKey, since start: Int64, log: ScriptLog, second: ScriptLog
    ) throws {
        if status == 409 {
            #expect(response.contentType == "text/x.tlog.size", "\(self)")
            #expect(String(decoding: response.body, as: UTF8.self) == "\(expected)\n", "\(self)")
        } else if expected.hasPrefix("cosigned "), let size = Int64(expected.dropFirst(9)) {
            let own = lines.contains { $0.contains("second-log") } ? second : log
            let lines = response.body.split(separator: 0x0A).compactMap { NoteSignature(line: $0) }
            #expect(lines.count == 1, "\(self)")
            let note = try SignedNote(text: own.text(size), signatures: lines)
            let time = Int64(try note.verify(with: [key]).verified.first?.time ?? 0)
            #expect((start...Int64(Date().timeIntervalSince1970)).contains(time), "\(self)")
        } else {
            let words = String(decoding: response.body, as: UTF8.self)
            #expect(expected.isEmpty || words.contains(expected), "\(self)")
        }
    }
}
