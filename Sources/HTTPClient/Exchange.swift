internal import Synchronization

/// A request and what has come of its answer.
final class Exchange: Sendable {
    private struct Received {
        var body: [UInt8] = []
        var count = 0
        var headerBytes = 0
        var status = 0
        var contentType = ""
        var fault: HTTPFault.Reason?
    }

    let request: HTTPRequest
    private let sink: (@Sendable ([UInt8]) -> Bool)?
    private let received = Mutex(Received())
    private let cancelled = Atomic(false)

    init(_ request: HTTPRequest, sink: (@Sendable ([UInt8]) -> Bool)?) {
        self.request = request
        self.sink = sink
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> Exchange {
        guard let context = unsafe context else { preconditionFailure("libcurl lost its context") }
        return unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    var fault: HTTPFault.Reason? { received.withLock { $0.fault } }

    func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// How many bytes were taken: fewer than came end the transfer.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        let chunk = unsafe Array(bytes)
        let (isTaken, isForSink) = received.withLock { received -> (Bool, Bool) in
            guard chunk.count <= request.maximumBytes - received.count else {
                received.fault = .tooLarge(maximumBytes: request.maximumBytes)
                return (false, false)
            }
            received.count += chunk.count
            if sink != nil, received.status == 200 { return (true, true) }
            received.body += chunk
            return (true, false)
        }
        guard isTaken else { return 0 }
        guard isForSink, let sink else { return chunk.count }
        return sink(chunk) ? chunk.count : 0
    }

    func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = bytes.count
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        return received.withLock { received in
            received.headerBytes += count
            guard received.headerBytes <= HTTPClient.maximumHeaderBytes else {
                received.fault = .malformed("more than \(HTTPClient.maximumHeaderBytes) bytes of header lines")
                return 0
            }
            if line.hasPrefix("HTTP/") {
                // Of the last answer, where an informational one came before it.
                received.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                received.contentType = ""
            } else if let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "content-type" {
                let value = line[line.index(after: colon)...].prefix {
                    $0 != ";" && $0 != "\r\n" && $0 != "\r" && $0 != "\n"
                }
                received.contentType = value.trimmingSpaces.lowercased()
            }
            return count
        }
    }

    func response(status: Int) -> HTTPResponse {
        received.withLock { HTTPResponse(status: status, contentType: $0.contentType, body: $0.body) }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
