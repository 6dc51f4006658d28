import Foundation
import Support
import Testing

/// The whole of it with real processes on loopback, some of which die at any moment.
@Suite(.serialized) struct FourProcessesTests {

    @Test(.hangLimit)
    func `Every acknowledged agreement is published, cosigned and mirrored, whoever is killed`() async throws {
        let capitals = try TwoCapitals()
        try await capitals.start()
        let count = Campaign.isWhole ? 200 : 8
        var random = SystemRandomNumberGenerator()
        let isOver = Flag()
        let killer = Task {
            var kills = 0
            while !isOver.isSet {
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...2500, using: &random)))
                let party = ["KZ", "UZ"].randomElement() ?? "KZ"
                try await TwoCapitals.offThread { capitals.killWitness(party) }
                kills += 1
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...400, using: &random)))
                // The address may still be in use by a connection that is going away.
                for _ in 0..<20 {
                    if (try? await capitals.startWitness(party)) != nil { break }
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            return kills
        }
        let mirror = Task {
            var kills = 0
            while !isOver.isSet || kills == 0 {
                let running = try RunningProgram(
                    ["mirror", capitals.url, "copy", "--keys", "op/keys"], folder: capitals.scratch.path)
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...250)))
                if running.isRunning { kills += 1 }
                try await TwoCapitals.offThread { running.kill() }
            }
            return kills
        }
        var acknowledged: [String] = []
        for number in 1...count {
            let id = "A-\(number)"
            let run = try await TwoCapitals.offThread {
                try capitals.add(id, "--witness-timeout", "2", "--quiet")
            }
            // 0 published, 3 signed by the log and pending: both are promises.
            if [0, 3].contains(run.status) {
                acknowledged.append(id)
            } else {
                Issue.record("\(id): \(run.status) \(run.standardError)")
            }
        }
        isOver.set()
        let (kills, mirrorKills) = (try await killer.value, try await mirror.value)
        #expect(kills > 0)
        #expect(mirrorKills > 0)
        print("killed: witnesses \(kills) times, the mirror \(mirrorKills) times, over \(count) agreements")
        for party in ["KZ", "UZ"] { try await capitals.startWitness(party, interval: 1) }
        let published = try capitals.bitim("op", ["publish", "--witness-timeout", "20"])
        #expect(published.status == 0, "\(published.standardError)")
        #expect(acknowledged.count == count)
        try capitals.run(".", "mirror", capitals.url, "copy", "--keys", "op/keys")
        for folder in ["op/registry", "copy"] {
            let list = try capitals.bitim(".", ["list", "--registry", folder, "--keys", "op/keys", "--quiet"])
            let listed = Set(list.standardOutput.split(separator: "\n").map(String.init))
            #expect(listed.isSuperset(of: acknowledged), "\(folder)")
            #expect(try capitals.audit(folder, keys: "op/keys") == "passed", "\(folder)")
        }
        let status = try JSONValue(
            parsing: try capitals.run("op", "status", "--json").standardOutput)
        #expect(status["pending"] == .null)
        // Each witness follows what is published, and then its own copy passes too.
        for party in ["KZ", "UZ"] {
            var verdict = ""
            for _ in 0..<300 {
                verdict = try capitals.audit("\(party)/registry", keys: "\(party)/keys")
                if verdict == "passed" { break }
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(verdict == "passed", "\(party)")
        }
        try Self.requireOneRootPerSize(capitals)
        capitals.server?.kill()
    }

    /// Whatever a witness has signed and given away, in all checkpoints that are kept anywhere: one root for a size.
    private static func requireOneRootPerSize(_ capitals: TwoCapitals) throws {
        var roots: [String: Set<String>] = [:]
        for folder in ["op/registry", "copy", "KZ/registry", "UZ/registry"] {
            let run = try CommandRun.run(
                "/bin/sh", ["-c", "cat $(find \(folder)/checkpoints -type f) \(folder)/ledger/checkpoint"],
                folder: capitals.scratch.path)
            let lines = run.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
            for (number, line) in lines.enumerated() where line == TwoCapitals.origin && number + 2 < lines.count {
                roots[String(lines[number + 1]), default: []].insert(String(lines[number + 2]))
            }
        }
        #expect(roots.count > 1)
        for (size, found) in roots { #expect(found.count == 1, "size \(size)") }
    }
}

/// Set once, from any task.
final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}
