import Foundation
import HTTPClient
import Support
import Testing

/// Servers that are slow, silent, or send what they should not: no hang, no memory, a clear message.
@Suite struct HostileServerTests {
    private static let limit = 1 << 20

    @Test(.hangLimit, arguments: HostileServer.Behaviour.hopeless)
    func `The client gives up in time, and takes no more than was agreed`(behaviour: HostileServer.Behaviour)
        async throws
    {
        let server = HostileServer(behaviour)
        var request = HTTPRequest(get: "http://127.0.0.1:\(server.port)/checkpoint", maximumBytes: Self.limit)
        request.acceptsCompression = true
        request.timeouts = HTTPRequest.Timeouts(connectSeconds: 2, totalSeconds: 4, stallSeconds: 2)
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let response = try await HTTPClient().send(request)
            #expect([301, 302].contains(response.status), "\(behaviour): \(response.status)")
        } catch {
            switch (behaviour, error.reason) {
            case (.silent, .timedOut), (.slow, .timedOut), (.reset, .unreachable), (.cutShort, .unreachable),
                (.endlessHeaders, .malformed), (.notHTTP, .malformed), (.garbage, .malformed):
                break
            case (.endlessBody, let reason), (.bomb, let reason):
                #expect(reason == .tooLarge(maximumBytes: Self.limit))
            default: Issue.record("\(behaviour): \(error.reason)")
            }
        }
        // It ends at all: how fast is nothing that a shared machine can promise.
        #expect(clock.now - start < .seconds(120))
        withExtendedLifetime(server) {}
    }

    @Test(.hangLimit, arguments: [HostileServer.Behaviour.garbage, .endlessBody, .reset, .elsewhere, .notHTTP])
    func `A mirror says what is wrong, and makes nothing of it`(behaviour: HostileServer.Behaviour) async throws {
        let server = HostileServer(behaviour)
        let scratch = ScratchFolder()
        try scratch.write("sha256:\(String(repeating: "0", count: 64))\n", to: "keys/identity")
        let run = try CommandRun.bitim(["mirror", "http://127.0.0.1:\(server.port)", "copy"], folder: scratch.path)
        #expect(run.status == 4 || run.status == 1, "\(run.status) \(run.standardError)")
        #expect(run.standardError.contains("bitim: error: "))
        #expect(run.standardError.contains("bitim: hint: "))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("copy/ledger/checkpoint")))
        withExtendedLifetime(server) {}
    }

    @Test(.hangLimit, arguments: [HostileServer.Behaviour.garbage, .endlessBody, .reset, .elsewhere, .notHTTP])
    func `A repair from a copy that is none says so, and what a true copy has is taken after it`(
        behaviour: HostileServer.Behaviour
    ) async throws {
        let server = HostileServer(behaviour)
        let capitals = try TwoCapitals()
        for party in ["KZ", "UZ"] { try capitals.bringWitnessBack(party) }
        try #require(try capitals.add("A-1", "--offline").status == 0)
        let bundle = capitals.scratch.file("op/registry/ledger/tile/entries/000.p/2")
        let whole = try Data(contentsOf: URL(fileURLWithPath: bundle))
        try whole.dropLast().write(to: URL(fileURLWithPath: bundle))
        let run = try capitals.bitim("op", ["repair", "--from", "http://127.0.0.1:\(server.port)"])
        #expect(run.status == 4 || run.status == 1, "\(run.status) \(run.standardError)")
        #expect(run.standardError.contains("bitim: error: "))
        #expect(!run.standardOutput.contains("passed"))
        try capitals.copy("op", to: "good")
        try whole.write(to: URL(fileURLWithPath: capitals.scratch.file("good/registry/ledger/tile/entries/000.p/2")))
        let again = try capitals.bitim("op", ["repair", "--from", capitals.scratch.file("good/registry")])
        #expect(again.status == 0, "\(again.standardOutput)\(again.standardError)")
        withExtendedLifetime(server) {}
    }

    /// All of them where there is time.
    private static let sample: [HostileServer.Behaviour] =
        Campaign.isWhole ? HostileServer.Behaviour.hopeless : [.silent, .garbage, .endlessBody, .elsewhere]

    @Test(.hangLimit, arguments: sample)
    func `A witness that is no witness leaves the entry pending, and is told of`(
        behaviour: HostileServer.Behaviour
    ) async throws {
        let server = HostileServer(behaviour)
        let capitals = try TwoCapitals()
        try await capitals.serve()
        try capitals.run("op", "keys", "url", "KZ", "http://127.0.0.1:\(server.port)")
        let clock = ContinuousClock()
        let start = clock.now
        let run = try capitals.add("A-1", "--witness-timeout", "1", "--json")
        #expect(clock.now - start < .seconds(120))
        #expect(run.status == 3, "\(run.standardError)")
        let answers = try #require(JSONValue(parsing: run.standardOutput)["witnesses"])
        #expect("\(answers)".contains("KZ"), "\(answers)")
        #expect(!run.standardOutput.contains("\"outcome\":\"cosigned\""))
        withExtendedLifetime(server) {}
    }

    @Test(arguments: [
        "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "127.0.0.1:80", "http://", "https://a b/",
        "http://a\nb/", "javascript:alert(1)",
    ])
    func `Other schemes are refused before anything is sent`(url: String) async throws {
        await #expect(throws: HTTPFault(url: url, reason: .badAddress)) {
            try await HTTPClient().send(HTTPRequest(get: url, maximumBytes: 100))
        }
    }

    @Test(.hangLimit) func `A server's certificate has to hold`() async throws {
        let capitals = try TwoCapitals()
        let folder = capitals.scratch.file("op/registry")
        let openssl = try CommandRun.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tls.key",
                "-out", "tls.pem", "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            ], folder: capitals.scratch.path)
        try #require(openssl.status == 0, "\(openssl.standardError)")
        let port = freePort()
        // A foreign server, which serves the folder as it is.
        let server = try RunningProgram(
            [
                "s_server", "-WWW", "-accept", "\(port)", "-cert", capitals.scratch.file("tls.pem"), "-key",
                capitals.scratch.file("tls.key"), "-quiet",
            ], folder: folder, program: "/usr/bin/openssl")
        try await waitUntilListening(port)
        func mirror(_ host: String, _ more: String...) throws -> CommandRun {
            try capitals.bitim(
                ".", ["mirror", "https://\(host):\(port)", "copy", "--keys", "KZ/keys"] + more)
        }
        let untrusted = try mirror("localhost")
        #expect(untrusted.status == 4)
        #expect(untrusted.standardError.contains("the server is not trusted"), "\(untrusted.standardError)")
        let otherName = try mirror("127.0.0.1", "--tls-authorities", "tls.pem")
        #expect(otherName.status == 4)
        #expect(otherName.standardError.contains("the server is not trusted"), "\(otherName.standardError)")
        let trusted = try mirror("localhost", "--tls-authorities", "tls.pem")
        #expect(trusted.status == 0, "\(trusted.standardError)")
        #expect(try capitals.audit("copy") == "passed")
        server.kill()
    }
}
