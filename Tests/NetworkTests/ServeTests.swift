import Foundation
import HTTPClient
import Support
import Testing

/// What readers get, asked for with a foreign program.
@Suite struct ServeTests {
    /// Status, headers in lower case, body.
    private struct Answer {
        let status: Int
        let headers: [String: String]
        let body: Data
    }

    private static func curl(_ capitals: TwoCapitals, _ path: String, _ options: String...) throws -> Answer {
        let run = try CommandRun.run(
            "/usr/bin/curl",
            ["-s", "--path-as-is", "-D", "headers", "-o", "body"] + options + ["\(capitals.url)\(path)"],
            folder: capitals.scratch.path)
        try #require(run.status == 0, "\(run.status) \(run.standardError)")
        let lines = try capitals.text("headers").split(whereSeparator: \.isNewline).map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        let body = (try? Data(contentsOf: URL(fileURLWithPath: capitals.scratch.file("body")))) ?? Data()
        return Answer(status: status, headers: headers, body: body)
    }

    private static func file(_ capitals: TwoCapitals, _ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: capitals.scratch.file("op/registry/\(name)")))
    }

    private static func served() async throws -> TwoCapitals {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        #expect(try capitals.add("A-2").status == 0)
        return capitals
    }

    @Test(.hangLimit) func `Everything that is public is served, byte for byte, and may be kept as long as it holds`()
        async throws
    {
        let capitals = try await Self.served()
        let document = try #require(
            capitals.names(in: "op/registry/documents").first.flatMap { folder in
                capitals.names(in: "op/registry/documents/\(folder)").first.map { "documents/\(folder)/\($0)" }
            })
        let certificate = "certificates/\(try #require(capitals.names(in: "op/registry/certificates").first))"
        let year = "public, max-age=31536000, immutable"
        for (path, file, type, cache) in [
            ("/checkpoint", "ledger/checkpoint", "text/plain; charset=utf-8", "public, max-age=2"),
            ("/ledger/checkpoint", "ledger/checkpoint", "text/plain; charset=utf-8", "public, max-age=2"),
            ("/tile/0/000.p/3", "ledger/tile/0/000.p/3", "application/octet-stream", year),
            ("/ledger/tile/0/000.p/2", "ledger/tile/0/000.p/2", "application/octet-stream", year),
            ("/tile/entries/000.p/3", "ledger/tile/entries/000.p/3", "application/octet-stream", year),
            ("/checkpoints/002", "checkpoints/002", "text/plain; charset=utf-8", year),
            ("/\(document)", document, "application/octet-stream", year),
            ("/\(certificate)", certificate, "application/pkix-cert", year),
        ] {
            let answer = try Self.curl(capitals, path)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.headers["content-type"] == type, "\(path)")
            #expect(answer.headers["cache-control"] == cache, "\(path)")
            #expect(answer.headers["x-content-type-options"] == "nosniff", "\(path)")
            let bytes = try Self.file(capitals, file)
            #expect(answer.body == bytes, "\(path)")
            let tag = try #require(answer.headers["etag"])
            let known = try Self.curl(capitals, path, "-H", "If-None-Match: \(tag)")
            #expect(known.status == 304, "\(path)")
            #expect(known.headers["etag"] == tag, "\(path)")
            #expect(try Self.curl(capitals, path, "-H", "If-None-Match: \"other\"").status == 200, "\(path)")
            let head = try Self.curl(capitals, path, "-I")
            #expect(head.status == 200, "\(path)")
            #expect(head.headers["content-length"] == "\(bytes.count)", "\(path)")
        }
        #expect(try Self.curl(capitals, "/checkpoints/").body == Data("1\n2\n3\n".utf8))
        #expect(try Self.curl(capitals, "/checkpoints/?from=3").body == Data("3\n".utf8))
        #expect(try Self.curl(capitals, "/checkpoints/?from=x").status == 400)
        #expect(
            try Self.curl(capitals, "/certificates/").body
                == Data(capitals.names(in: "op/registry/certificates").map { "\($0)\n" }.joined().utf8))
        #expect(try Self.curl(capitals, "/healthz").body == Data("ok\n".utf8))
    }

    @Test(.hangLimit) func `Nothing else is served`() async throws {
        let capitals = try await Self.served()
        try capitals.scratch.write("secret", to: "op/registry/restricted/ab/abcd")
        try capitals.scratch.write("secret", to: "op/secret")
        try FileManager.default.createSymbolicLink(
            atPath: capitals.scratch.file("op/registry/certificates/\(String(repeating: "0", count: 64)).der"),
            withDestinationPath: capitals.scratch.file("op/keys/private/log.pem"))
        for path in [
            "/", "/state/pending", "/state/lock", "/restricted/ab/abcd", "/documents/../state/lock",
            "/documents/..%2f..%2fsecret", "/../secret", "/%2e%2e/secret", "/tile/../../state/lock", "/tile/0/000.p/4",
            "/tile/0/1", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/00/000.p/3", "/tile/0/000.p/03", "/tile/64/000",
            "/checkpoint/", "/checkpoints/2", "/checkpoints/x000/002", "/checkpoints/004", "//checkpoint",
            "/certificates/\(String(repeating: "0", count: 64)).der", "/ledger/ledger/checkpoint", "/keys/policy",
            "/documents/ab/\(String(repeating: "0", count: 64))", "/metrics", "/tile/entries/../checkpoint",
            "/tile/0/x999/x999/x999/x999/x999/x999/999",
        ] {
            let answer = try Self.curl(capitals, path)
            #expect(answer.status == 404, "\(path): \(answer.status)")
            #expect(answer.headers["cache-control"] == "no-store", "\(path)")
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = try Self.curl(capitals, "/checkpoint", "-X", method)
            #expect(answer.status == 405, "\(method)")
            #expect(answer.headers["allow"] == "GET, HEAD", "\(method)")
        }
    }

    @Test(.hangLimit) func `Entries come compressed where that is asked for, and the same`() async throws {
        let capitals = try await Self.served()
        let plain = try Self.curl(capitals, "/tile/entries/000.p/3")
        #expect(plain.headers["content-encoding"] == nil)
        #expect(plain.headers["vary"] == "Accept-Encoding")
        let packed = try Self.curl(capitals, "/tile/entries/000.p/3", "-H", "Accept-Encoding: gzip")
        #expect(packed.headers["content-encoding"] == "gzip")
        #expect(packed.body.count < plain.body.count)
        #expect(packed.headers["etag"] != plain.headers["etag"])
        let unpacked = try Self.curl(capitals, "/tile/entries/000.p/3", "--compressed")
        #expect(unpacked.body == plain.body)
        for refusal in ["gzip;q=0", "identity", "br"] {
            let answer = try Self.curl(capitals, "/tile/entries/000.p/3", "-H", "Accept-Encoding: \(refusal)")
            #expect(answer.headers["content-encoding"] == nil, "\(refusal)")
        }
        let tile = try Self.curl(capitals, "/tile/0/000.p/3", "-H", "Accept-Encoding: gzip")
        #expect(tile.headers["content-encoding"] == nil)
    }

    @Test(.hangLimit) func `A part of a document is served where it is asked for`() async throws {
        let capitals = try await Self.served()
        let folder = try #require(capitals.names(in: "op/registry/documents").first)
        let name = "documents/\(folder)/\(try #require(capitals.names(in: "op/registry/documents/\(folder)").first))"
        let whole = try Self.file(capitals, name)
        for (range, part) in [
            ("0-3", whole.prefix(4)), ("4-", whole.dropFirst(4)), ("-5", whole.suffix(5)),
            ("2-9999", whole.dropFirst(2)),
        ] {
            let answer = try Self.curl(capitals, "/\(name)", "-H", "Range: bytes=\(range)")
            #expect(answer.status == 206, "\(range)")
            #expect(answer.body == Data(part), "\(range)")
            #expect(answer.headers["content-range"]?.hasSuffix("/\(whole.count)") ?? false, "\(range)")
        }
        let beyond = try Self.curl(capitals, "/\(name)", "-H", "Range: bytes=9999-")
        #expect(beyond.status == 416)
        #expect(beyond.headers["content-range"] == "bytes */\(whole.count)")
        for other in ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=-"] {
            let answer = try Self.curl(capitals, "/\(name)", "-H", "Range: \(other)")
            #expect(answer.status == 200, "\(other)")
            #expect(answer.body == whole, "\(other)")
        }
        let changed = try Self.curl(
            capitals, "/\(name)", "-H", "Range: bytes=0-3", "-H", "If-Range: \"another\"")
        #expect(changed.status == 200)
        #expect(try Self.curl(capitals, "/\(name)").headers["accept-ranges"] == "bytes")
    }

    @Test(.hangLimit) func `It ends when it is asked to, logs JSON lines, and counts what it answered`() async throws {
        let capitals = try await Self.served()
        capitals.stopServing()
        // They would ask too.
        for party in ["KZ", "UZ"] { capitals.killWitness(party) }
        let metrics = freePort()
        let server = try RunningProgram(
            [
                "serve", "--listen", "127.0.0.1:\(capitals.registryPort)", "--metrics", "127.0.0.1:\(metrics)",
                "--log-level", "debug",
            ], folder: capitals.scratch.file("op"))
        try await server.wait(for: "127.0.0.1:\(capitals.registryPort)")
        try await server.wait(for: "127.0.0.1:\(metrics)")
        _ = try Self.curl(capitals, "/checkpoint")
        _ = try Self.curl(capitals, "/tile/0/000.p/3")
        _ = try Self.curl(capitals, "/nothing")
        let text = try CommandRun.run(
            "/usr/bin/curl", ["-s", "http://127.0.0.1:\(metrics)/metrics"], folder: capitals.scratch.path
        ).standardOutput
        #expect(text.contains("bitim_http_requests_total{resource=\"checkpoint\",status=\"200\"} 1\n"), "\(text)")
        #expect(text.contains("bitim_http_requests_total{resource=\"tile\",status=\"200\"} 1\n"))
        #expect(text.contains("bitim_http_requests_total{resource=\"other\",status=\"404\"} 1\n"))
        #expect(text.contains("# TYPE bitim_http_requests_total counter\n"))
        #expect(server.terminate() == 0)
        for line in server.log.split(separator: "\n") {
            let value = try JSONValue(parsing: String(line))
            #expect(value["time"] != nil && value["level"] != nil && value["message"] != nil, "\(line)")
        }
        #expect(server.log.contains("\"path\":\"/nothing\""))
        #expect(server.log.contains("\"message\":\"ended\""))
    }

    @Test(.hangLimit) func `Any web server over the folder does as well`() async throws {
        let capitals = try await Self.served()
        let port = freePort()
        let python = try RunningProgram(
            ["-m", "http.server", "\(port)", "--bind", "127.0.0.1"], folder: capitals.scratch.file("op/registry"),
            program: "/usr/bin/python3")
        try await waitUntilListening(port)
        try capitals.run(".", "mirror", "http://127.0.0.1:\(port)", "copy", "--keys", "KZ/keys")
        #expect(try capitals.audit("copy") == "passed")
        python.kill()
    }

    @Test(.hangLimit) func `nginx serves it with the page's own configuration`() async throws {
        let capitals = try await Self.served()
        let page = try String(contentsOfFile: PackageRoot.file("docs/serving.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```nginx\n"))
        let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
        let port = freePort()
        let site = page[start.upperBound..<end.lowerBound]
            .replacingOccurrences(of: "listen 443 ssl;", with: "listen 127.0.0.1:\(port);")
            .replacingOccurrences(of: "/srv/bitim/registry", with: capitals.scratch.file("op/registry"))
            .split(separator: "\n").filter { !$0.contains("ssl_certificate") }.joined(separator: "\n")
        let folder = capitals.scratch.file("nginx")
        try capitals.scratch.write(
            """
            daemon off; pid \(folder)/pid; error_log \(folder)/error.log; user root;
            events {}
            http {
              access_log off; client_body_temp_path \(folder)/a; proxy_temp_path \(folder)/b;
              fastcgi_temp_path \(folder)/c; uwsgi_temp_path \(folder)/d; scgi_temp_path \(folder)/e;
              \(site)
            }
            """, to: "nginx/nginx.conf")
        let nginx = try RunningProgram(
            ["-c", "\(folder)/nginx.conf"], folder: capitals.scratch.path, program: "/usr/sbin/nginx")
        let base = "http://127.0.0.1:\(port)"
        try await waitUntilListening(port)
        #expect(nginx.isRunning, "\(nginx.log)")
        try capitals.run(".", "mirror", base, "copy", "--keys", "KZ/keys")
        #expect(try capitals.audit("copy") == "passed")
        func status(_ path: String) async throws -> Int {
            try await HTTPClient().send(HTTPRequest(get: "\(base)\(path)", maximumBytes: 100_000)).status
        }
        try capitals.scratch.write("secret", to: "op/registry/restricted/ab/abcd")
        for path in ["/state/lock", "/restricted/ab/abcd", "/evidence/", "/ledger/"] {
            #expect(try await status(path) == 404, "\(path)")
        }
        _ = nginx.terminate()
    }
}
