import Foundation
import HTTPClient
import Support
import Testing
import TransparencyLog

/// Several who write, and many who read.
@Suite struct SharedRegistryTests {
    @Test(.hangLimit) func `Readers never see a checkpoint whose tiles are not there yet`() async throws {
        let capitals = try TwoCapitals()
        try await capitals.start()
        let isOver = Flag()
        let url = capitals.url
        let readers = Task {
            await withTaskGroup(of: (looks: Int, faults: [String]).self) { group in
                for _ in 0..<50 {
                    group.addTask { await Self.read(url, until: isOver) }
                }
                var total = (looks: 0, faults: [String]())
                for await part in group {
                    total.looks += part.looks
                    total.faults += part.faults
                }
                return total
            }
        }
        let count = 6
        try await withThrowingTaskGroup(of: Void.self) { group in
            for operation in ["A", "B"] {
                group.addTask {
                    for number in 1...count {
                        let run = try await TwoCapitals.offThread {
                            try capitals.add("\(operation)-\(number)", "--quiet")
                        }
                        // Published, or pending where the other one has added meanwhile, or locked out for too long.
                        #expect([0, 3, 5].contains(run.status), "\(run.status) \(run.standardError)")
                    }
                }
            }
            try await group.waitForAll()
        }
        isOver.set()
        let (looks, faults) = await readers.value
        #expect(looks >= 50 * Self.leastLooks)
        #expect(faults.isEmpty, "\(faults.prefix(5))")
        #expect([0].contains(try capitals.bitim("op", ["publish"]).status))
        #expect(try capitals.audit("op/registry", keys: "op/keys") == "passed")
        let listed = try capitals.run("op", "list", "-q").standardOutput.split(separator: "\n").count
        #expect(listed > count)
    }

    /// Of each reader, however slow the machine is.
    private static let leastLooks = 3

    /// The checkpoint, and every tile and bundle at its right edge.
    private static func read(_ url: String, until isOver: Flag) async -> (looks: Int, faults: [String]) {
        let client = HTTPClient()
        var looks = 0
        var faults: [String] = []
        func get(_ path: String) async throws -> HTTPResponse {
            try await client.send(HTTPRequest(get: "\(url)/\(path)", maximumBytes: 1 << 25))
        }
        while !isOver.isSet || looks < leastLooks {
            do {
                let answer = try await get("checkpoint")
                guard answer.status == 200 else {
                    faults.append("checkpoint: \(answer.status)")
                    continue
                }
                let size = try Checkpoint(parsing: SignedNote(parsing: answer.body).text).size
                var tiles = TilePath.rightEdge(forSize: size)
                if let bundle = TilePath(.entries, index: size / 256, width: Int(size % 256)) { tiles.append(bundle) }
                for tile in tiles {
                    let status = try await get(tile.path).status
                    if status != 200 { faults.append("\(tile.path) of \(size): \(status)") }
                }
                looks += 1
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                faults.append("\(error)")
            }
        }
        return (looks, faults)
    }
}
