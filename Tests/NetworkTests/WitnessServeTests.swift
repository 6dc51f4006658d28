import Foundation
import HTTPClient
import OpenSSLKit
import Support
import Testing
import TransparencyLog

/// A party's auditing witness as its administrator and the log's operator see it.
@Suite struct WitnessServeTests {
    private static func monitored(_ capitals: TwoCapitals, _ party: String, origin: String) async throws -> HTTPResponse
    {
        let hash = SHA256Hasher.hash(Array(origin.utf8)).hex
        let port = capitals.witnessPorts[party] ?? 0
        return try await HTTPClient().send(
            HTTPRequest(get: "http://127.0.0.1:\(port)/\(hash)/checkpoint", maximumBytes: 1 << 20))
    }

    @Test(.hangLimit)
    func `What each witness answered is told, entries are shown to it first, and it says what it cosigned`()
        async throws
    {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try await Self.monitored(capitals, "KZ", origin: TwoCapitals.origin).status == 404)
        let run = try capitals.add("A-1", "--json")
        #expect(run.status == 0, "\(run.standardError)")
        let answer = try JSONValue(parsing: run.standardOutput)
        for party in ["KZ", "UZ"] {
            #expect("\(answer["witnesses"] ?? .null)".contains("cosigned 2 entries"))
            #expect(capitals.witnesses[party]?.log.contains("\"entries were looked at\"") ?? false)
            let cosigned = try await Self.monitored(capitals, party, origin: TwoCapitals.origin)
            #expect(cosigned.status == 200)
            let note = try SignedNote(parsing: cosigned.body)
            #expect(try Checkpoint(parsing: note.text).size == 2)
            #expect(note.signatures.count == 2)
        }
        let status = try capitals.run("op", "status", "--online").standardOutput
        #expect(status.contains("asked        KZ at"), "\(status)")
        #expect(status.contains("asked        log at \(capitals.url): has published 2 entries"), "\(status)")
        let offline = try capitals.add("A-2", "--offline", "--json")
        #expect(offline.status == 3)
        #expect(try JSONValue(parsing: offline.standardOutput)["witnesses"] == .null)
        let behind = try capitals.run("KZ", "status", "--online", "--json").standardOutput
        #expect(behind.contains("\"behind\":"), "\(behind)")
    }

    /// As from 2,000 entries on.
    @Test(.hangLimit)
    func `A witness whose copy has an index cosigns, also what waited for it`() async throws {
        let capitals = try TwoCapitals()
        try capitals.bringWitnessBack("UZ")
        try await capitals.serve()
        let indexed = ["BITIM_TEST_INDEX_FROM": "1"]
        try await capitals.startWitness("KZ", environment: indexed)
        for id in ["A-1", "A-2"] {
            let run = try capitals.add(id)
            #expect(run.status == 0, "\(id): \(run.standardError)")
        }
        #expect(capitals.isThere("KZ/registry/state/index.sqlite"))
        #expect(try capitals.add("A-3", "--offline").status == 3)
        let late = try capitals.bitim("op", ["publish"])
        #expect(late.status == 0, "\(late.standardError)")
        #expect(try capitals.audit("op/registry", keys: "op/keys") == "passed")
    }

    @Test(.hangLimit)
    func `A cosignature by a clock that is ahead is not published, and a witness set right is asked again`()
        async throws
    {
        let capitals = try TwoCapitals()
        try capitals.bringWitnessBack("UZ")
        try await capitals.serve()
        try await capitals.startWitness("KZ", environment: Fault.environment(clockAhead: 86_400))
        let run = try capitals.add("A-1")
        #expect(run.status == 3, "\(run.standardError)")
        #expect(run.standardError.contains("it has cosigned at a time that is yet to come"), "\(run.standardError)")
        #expect(try capitals.audit("op/registry", keys: "op/keys") == "indeterminate")
        try await capitals.startWitness("KZ")
        let again = try capitals.bitim("op", ["publish"])
        #expect(again.status == 0, "\(again.standardError)\(capitals.witnesses["KZ"]?.log ?? "")")
        #expect(try capitals.bitim("op", ["list", "-q"]).standardOutput == "A-1\n")
    }

    @Test(.hangLimit) func `While a witness is away entries wait, and watching publishes them when it is back`()
        async throws
    {
        let capitals = try TwoCapitals()
        try await capitals.serve()
        try await capitals.startWitness("KZ")
        for number in 1...3 {
            let run = try capitals.add("A-\(number)", "--witness-timeout", "2")
            #expect(run.status == 3)
            #expect(run.standardError.contains("witness UZ at"), "\(run.standardError)")
            #expect(run.standardError.contains("unreachable"), "\(run.standardError)")
        }
        let watch = try RunningProgram(
            ["publish", "--watch", "--witness-timeout", "2"], folder: capitals.scratch.file("op"))
        try await watch.wait(for: "unreachable")
        try await capitals.startWitness("UZ")
        for _ in 0..<600 where watch.isRunning { try await Task.sleep(for: .milliseconds(100)) }
        #expect(!watch.isRunning)
        #expect(watch.terminate() == 0, "\(watch.log)")
        #expect(watch.log.contains("published: 4 entries"), "\(watch.log)")
        #expect(try capitals.audit("op/registry", keys: "op/keys") == "passed")
    }

    @Test(.hangLimit) func `One witness serves several registries, each in a folder of its own`() async throws {
        let first = try TwoCapitals()
        let second = try TwoCapitals(origin: "test.example/second")
        for capitals in [first, second] {
            try await capitals.serve()
            try await capitals.startWitness("UZ")
            // Theirs is one process for both.
            try capitals.run("op", "keys", "url", "KZ", "http://127.0.0.1:\(first.witnessPorts["KZ"] ?? 0)")
            try capitals.run("KZ", "keys", "url", "log", capitals.url)
        }
        let witness = try RunningProgram(
            [
                "witness", "serve", "KZ", "--ledger", first.scratch.file("KZ"), "--ledger", second.scratch.file("KZ"),
                "--listen", "127.0.0.1:\(first.witnessPorts["KZ"] ?? 0)",
            ], folder: first.scratch.path)
        try await witness.wait(for: "\"listening\"")
        for _ in 0..<100 {
            if try second.audit("KZ/registry") == "passed" { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try first.add("A-1").status == 0)
        #expect(try second.add("B-1").status == 0)
        #expect(try await Self.monitored(first, "KZ", origin: TwoCapitals.origin).status == 200)
        #expect(try await Self.monitored(first, "KZ", origin: "test.example/second").status == 200)
        #expect(witness.log.contains("\"origin\":\"test.example/second\""))
        #expect(witness.terminate() == 0)
    }

    @Test(.hangLimit) func `A witness whose memory is lost signs nothing until somebody says what to go on from`()
        async throws
    {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        let state = capitals.scratch.file("KZ/keys/private/KZ-witness.state")
        try FileManager.default.removeItem(atPath: state)
        let run = try capitals.add("A-2")
        #expect(run.status == 3)
        #expect(run.standardError.contains("what KZ-witness signed last is not known"), "\(run.standardError)")
        capitals.killWitness("KZ")
        await #expect(throws: RunningProgram.Fault.self) { try await capitals.startWitness("KZ") }
        #expect(!FileManager.default.fileExists(atPath: state))
        // As the log's machine knows it: the newest tree under which KZ's signature stands.
        let status = try JSONValue(parsing: try capitals.run("op", "status", "--json").standardOutput)
        guard case .string(let root)? = status["published"]?["root"] else {
            Issue.record("nothing is published")
            return
        }
        // Where what it signed is not in its own copy yet, that is brought up first.
        try capitals.run(".", "mirror", capitals.url, "KZ/registry", "--keys", "KZ/keys")
        try capitals.run("KZ", "keys", "resume", "KZ-witness", "--tree", "2:\(root)", "--yes")
        try await capitals.startWitness("KZ")
        #expect(try capitals.bitim("op", ["publish"]).status == 0)
    }

    @Test(.hangLimit) func `Killed at any moment, a witness remembers what it gave away`() async throws {
        let capitals = try TwoCapitals()
        try await capitals.start()
        for number in 1...4 {
            let request = Task {
                try await TwoCapitals.offThread { try capitals.add("A-\(number)", "--witness-timeout", "2", "-q") }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...600)))
            try await TwoCapitals.offThread { capitals.killWitness("KZ") }
            let run = try await request.value
            #expect([0, 3].contains(run.status), "\(run.standardError)")
            try await capitals.startWitness("KZ")
        }
        let publish = try capitals.bitim("op", ["publish"])
        #expect(publish.status == 0, "\(publish.standardError)")
    }
}
