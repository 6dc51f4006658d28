internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import OpenSSLKit
internal import Registry
internal import TransparencyLog

/// A witness over HTTP: C2SP tlog-witness, `add-checkpoint` and the monitoring path, and `check-entries` of docs/witness.md.
struct WitnessResponder: HTTPResponder {
    typealias Context = ServerContext

    let witnesses: WitnessSet
    let metrics: Metrics
    private let bodies = BodyLimit(mostAtATime: 32)

    init(witnesses: WitnessSet, metrics: Metrics) {
        self.witnesses = witnesses
        self.metrics = metrics
    }

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        let path = request.head.path ?? ""
        let response: Response
        switch (request.method, path) {
        case (.post, "/add-checkpoint"):
            response = await bodies.within { await addCheckpoint(request, context.logger) } ?? Self.busy
        case (.post, "/check-entries"):
            response = await bodies.within { await checkEntries(request, context.logger) } ?? Self.busy
        case (_, "/add-checkpoint"), (_, "/check-entries"):
            response = Response(status: .methodNotAllowed, headers: [.allow: "POST"])
        case (.get, "/healthz"), (.head, "/healthz"): response = Self.text("ok\n")
        case (.get, _), (.head, _): response = await monitoring(path)
        default: response = Response(status: .methodNotAllowed, headers: [.allow: "GET, HEAD, POST"])
        }
        let kind = path == "/add-checkpoint" || path == "/check-entries" ? String(path.dropFirst()) : "monitoring"
        metrics.count("bitim_http_requests_total", ["resource": kind, "status": "\(response.status.code)"])
        return request.method == .head ? response.createHeadResponse() : response
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        bytes(Array(text.utf8), status: status, contentType: contentType)
    }

    private static func bytes(
        _ bytes: [UInt8], status: HTTPResponse.Status = .ok, contentType: String
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func json(_ report: WitnessReport, status: Int) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? Array(encoder.encode(report))) ?? []
        return Self.bytes(
            bytes + [0x0A], status: HTTPResponse.Status(code: status), contentType: "application/json")
    }

    /// Nil where it is larger than that.
    private static func body(_ request: Request, maximumBytes: Int) async -> [UInt8]? {
        // Announced as too large: not a byte of it is waited for.
        if let length = request.headers[.contentLength].flatMap(Int.init), length > maximumBytes { return nil }
        guard var buffer = try? await request.body.collect(upTo: maximumBytes) else { return nil }
        return buffer.readBytes(length: buffer.readableBytes)
    }

    private static var busy: Response {
        json(WitnessReport(WitnessRefusal(.busy, "too many requests at a time")), status: 503)
    }

    private static func tooLarge(_ maximumBytes: Int) -> Response {
        json(
            WitnessReport(WitnessRefusal(.malformed, "the request is larger than \(maximumBytes) bytes")), status: 413)
    }

    // MARK: add-checkpoint

    private func addCheckpoint(_ request: Request, _ logger: Logger) async -> Response {
        let maximum = AddCheckpointRequest.maximumByteCount
        guard let bytes = await Self.body(request, maximumBytes: maximum) else { return Self.tooLarge(maximum) }
        let (origin, answer) = await witnesses.addCheckpoint(bytes)
        let size = (try? AddCheckpointRequest(parsing: bytes))?.checkpoint.size
        var metadata: Logger.Metadata = ["origin": "\(origin)", "status": "\(answer.status)"]
        if let size { metadata["size"] = "\(size)" }
        metrics.count("bitim_witness_requests_total", ["origin": origin, "status": "\(answer.status)"])
        switch answer {
        case .cosigned(let signatures):
            if let size { metrics.set("bitim_witness_cosigned_size", ["origin": origin], to: size) }
            if let time = signatures.compactMap({ Cosignature(parsing: $0.bytes)?.time }).max() {
                metrics.set("bitim_witness_cosigned_seconds", ["origin": origin], to: time)
            }
            logger.info("cosigned", metadata: metadata)
            return Self.bytes(signatures.flatMap(\.line), contentType: "text/plain; charset=utf-8")
        case .conflict(let size, let alarm):
            if let alarm { self.alarm(alarm, origin, metadata, logger) }
            logger.info("another tree was cosigned last", metadata: metadata.merging(["latest": "\(size)"]) { $1 })
            return Self.bytes(
                LatestSize.print(size), status: .conflict, contentType: LatestSize.contentType)
        case .refused(let refusal):
            if refusal.evidence != nil {
                self.alarm(refusal, origin, metadata, logger)
            } else {
                log(refusal, metadata, logger)
            }
            return Self.json(WitnessReport(refusal), status: refusal.reason.status)
        }
    }

    private func log(_ refusal: WitnessRefusal, _ metadata: Logger.Metadata, _ logger: Logger) {
        var metadata = metadata
        metadata["reason"] = "\(refusal.reason.rawValue)"
        metadata["why"] = "\(refusal.message)"
        for (number, finding) in refusal.findings.prefix(20).enumerated() {
            metadata["finding.\(number)"] = "\(finding.key) \(finding.path ?? "") \(finding.message)"
        }
        let isOwnFault = refusal.reason == .unable
        logger.log(level: isOwnFault ? .error : .warning, "not cosigned", metadata: metadata)
    }

    /// Two histories of one log: the loudest thing that a witness has to say.
    private func alarm(_ refusal: WitnessRefusal, _ origin: String, _ metadata: Logger.Metadata, _ logger: Logger) {
        metrics.count("bitim_evidence_total", ["origin": origin])
        var metadata = metadata
        metadata["evidence"] = "\(refusal.evidence ?? "none could be kept")"
        metadata["why"] = "\(refusal.message)"
        logger.critical("the log has signed two histories", metadata: metadata)
    }

    // MARK: check-entries

    private func checkEntries(_ request: Request, _ logger: Logger) async -> Response {
        let maximum = EntryCheckRequest.maximumByteCount
        guard let bytes = await Self.body(request, maximumBytes: maximum) else { return Self.tooLarge(maximum) }
        switch await witnesses.check(bytes) {
        case .success(let findings):
            let report = WitnessReport(entryFindings: findings)
            logger.info("entries were looked at", metadata: ["verdict": "\(report.verdict?.rawValue ?? "")"])
            return Self.json(report, status: 200)
        case .failure(let refusal):
            if refusal.evidence != nil {
                alarm(refusal, "unknown", ["asked": "check-entries"], logger)
            } else {
                log(refusal, ["asked": "check-entries"], logger)
            }
            return Self.json(WitnessReport(refusal), status: refusal.reason.status)
        }
    }

    // MARK: Monitoring

    private func monitoring(_ path: String) async -> Response {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, parts[2] == "checkpoint", parts[1].utf8.count == 64,
            let bytes = await witnesses.latestCosigned(originHash: String(parts[1]))
        else { return Self.text("not found\n", status: .notFound) }
        return Self.bytes(bytes, contentType: "text/plain; charset=utf-8")
    }
}
