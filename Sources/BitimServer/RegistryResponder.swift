internal import Agreements
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Registry
internal import TiledLog
internal import TransparencyLog

/// The read side of a registry: its ledger, published checkpoints, public documents and certificates.
struct RegistryResponder: HTTPResponder {
    typealias Context = ServerContext

    let registry: RegistryFolder
    let metrics: Metrics
    private let cache: FileCache

    init(_ registry: RegistryFolder, metrics: Metrics) {
        self.registry = registry
        self.metrics = metrics
        cache = FileCache(registry)
    }

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        let (path, query) = Self.parts(request.head.path ?? "")
        let (kind, response) = answer(request, path: path, query: query, logger: context.logger)
        metrics.count("bitim_http_requests_total", ["resource": kind, "status": "\(response.status.code)"])
        if request.method != .head {
            metrics.count("bitim_http_response_bytes_total", by: Int64(response.body.contentLength ?? 0))
        }
        if context.logger.logLevel <= .debug {
            context.logger.debug(
                "answered",
                metadata: [
                    "method": "\(request.method.rawValue)", "path": "\(path.prefix(200))",
                    "status": "\(response.status.code)",
                ])
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The path as it was sent, and what follows the question mark. Nothing is decoded: no name that is served has a
    /// character that would need it.
    private static func parts(_ target: String) -> (path: Substring, query: Substring) {
        guard let mark = target.firstIndex(of: "?") else { return (target[...], "") }
        return (target[..<mark], target[target.index(after: mark)...])
    }

    private func answer(
        _ request: Request, path: Substring, query: Substring, logger: Logger
    ) -> (kind: String, response: Response) {
        guard [.get, .head].contains(request.method) else {
            return ("other", Response(status: .methodNotAllowed, headers: [.allow: "GET, HEAD"]))
        }
        if path == "/healthz" { return ("health", health()) }
        guard let resource = Resource(path: path) else { return ("other", Self.notFound) }
        do {
            let response =
                switch resource {
                case .checkpointSizes: checkpointSizes(query)
                case .certificateNames: certificateNames()
                case .document: try document(resource, request)
                default: try file(resource, request)
                }
            return (resource.kind, response)
        } catch {
            logger.error("a file cannot be served", metadata: ["path": "\(path)", "error": "\(error)"])
            return (resource.kind, Response(status: .internalServerError, headers: [.cacheControl: "no-store"]))
        }
    }

    private static var notFound: Response {
        text("not found\n", status: .notFound, cacheControl: "no-store")
    }

    private static func text(_ text: String, status: HTTPResponse.Status = .ok, cacheControl: String) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/plain; charset=utf-8", .cacheControl: cacheControl, .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Whether the published checkpoint can be read.
    private func health() -> Response {
        let isReadable = FileStamp(registry.fullPath(RegistryFolder.checkpointName)) != nil
        return Self.text(
            isReadable ? "ok\n" : "nothing is published here\n", status: isReadable ? .ok : .serviceUnavailable,
            cacheControl: "no-store")
    }

    // MARK: Files

    private func headers(_ resource: Resource, entityTag: String) -> HTTPFields {
        [
            .contentType: resource.contentType, .cacheControl: resource.cacheControl, .eTag: entityTag,
            .xContentTypeOptions: "nosniff",
        ]
    }

    private func file(_ resource: Resource, _ request: Request) throws -> Response {
        if case .tile(let tile) = resource, try !isSigned(tile) { return Self.notFound }
        guard let name = resource.fileName,
            let served = try cache.file(
                name, isImmutable: resource.isImmutable, compressing: resource.isEntryBundle)
        else { return Self.notFound }
        var headers = headers(resource, entityTag: served.entityTag)
        if resource.isEntryBundle { headers[.vary] = "Accept-Encoding" }
        var body = served.body
        if let compressed = served.compressed, Self.accepts("gzip", request) {
            headers[.contentEncoding] = "gzip"
            // Other bytes, another tag.
            headers[.eTag] = "\(served.entityTag.dropLast())-gz\""
            body = compressed
        }
        if Self.isKnown(headers[.eTag] ?? "", request) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// Whether the log has signed a tree that has all of the tile: what lies beyond may still be replaced, and whoever
    /// keeps answers for a year must never have seen it.
    private func isSigned(_ tile: TilePath) throws -> Bool {
        try [RegistryFolder.checkpointName, RegistryFolder.pendingName].contains { name in
            guard let served = try cache.file(name, isImmutable: false, compressing: false) else { return false }
            return tile.isWithin(treeSize: SignedSize.size(ofNote: served.body.readableBytesView))
        }
    }

    /// Whether the client has it already (RFC 9110, 13.1.2).
    private static func isKnown(_ entityTag: String, _ request: Request) -> Bool {
        guard let known = request.headers[.ifNoneMatch] else { return false }
        return known.split(separator: ",").contains { tag in
            var tag = tag.trimmed
            if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
            return tag == entityTag || tag == "*"
        }
    }

    /// Whether a coding is asked for, and not with a weight of zero (RFC 9110, 12.5.3).
    private static func accepts(_ coding: String, _ request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains { part in
            let fields = part.split(separator: ";")
            guard let name = fields.first?.trimmed, name.lowercased() == coding || name == "*" else { return false }
            let weight = fields.dropFirst().first { $0.trimmed.hasPrefix("q=") }?.trimmed.dropFirst(2)
            return weight.map { !$0.allSatisfy { $0 == "0" || $0 == "." } } ?? true
        }
    }

    // MARK: Documents

    private static let chunkBytes = 1 << 18

    /// In pieces, and a part of it where that is asked for (RFC 9110, 14).
    private func document(_ resource: Resource, _ request: Request) throws -> Response {
        guard let name = resource.fileName, let stamp = FileStamp(registry.fullPath(name)) else { return Self.notFound }
        // Of its own bytes: the name is their hash.
        let entityTag = "\"\(name.split(separator: "/").last ?? "")\""
        var headers = headers(resource, entityTag: entityTag)
        headers[.acceptRanges] = "bytes"
        if Self.isKnown(entityTag, request) { return Response(status: .notModified, headers: headers) }
        let size = stamp.sizeBytes
        var range = 0..<size
        var status = HTTPResponse.Status.ok
        let isConditionMet = request.headers[.ifRange].map { $0 == entityTag } ?? true
        if let asked = request.headers[.range], isConditionMet, let parsed = ByteRange(asked) {
            guard let within = parsed.within(size) else {
                headers[.contentRange] = "bytes */\(size)"
                return Response(status: .rangeNotSatisfiable, headers: headers)
            }
            range = within
            status = .partialContent
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        }
        let path = registry.fullPath(name)
        let sent = range
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: sent.count) { writer in
                let file = try FileSlice(path)
                var position = sent.lowerBound
                while position < sent.upperBound {
                    let bytes = try file.read(at: position, count: min(Self.chunkBytes, sent.upperBound - position))
                    // Cut short meanwhile: the connection ends, so that nobody takes it for the whole.
                    guard !bytes.isEmpty else { throw FileError(path: path, operation: "read", reason: .notFound) }
                    try await writer.write(ByteBuffer(bytes: bytes))
                    position += bytes.count
                }
                try await writer.finish(nil)
            })
    }

    // MARK: Lists

    private func checkpointSizes(_ query: Substring) -> Response {
        let from =
            query.hasPrefix("from=") ? DecimalNumber.parse(Array(query.dropFirst(5).utf8)) : query.isEmpty ? 0 : nil
        guard let from else { return Self.text("from is a size\n", status: .badRequest, cacheControl: "no-store") }
        let text = PublishedSizes(registry).from(from).map { "\($0)\n" }.joined()
        return Self.text(text, cacheControl: Resource.checkpointSizes.cacheControl)
    }

    private func certificateNames() -> Response {
        let names = ((try? Files.names(in: registry.fullPath("certificates"))) ?? [])
            .filter { $0.hasSuffix(".der") && ContentDigest(hex: $0.dropLast(4)) != nil }
        return Self.text(
            names.map { "\($0)\n" }.joined(), cacheControl: Resource.certificateNames.cacheControl)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
