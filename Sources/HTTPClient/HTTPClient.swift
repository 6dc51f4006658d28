internal import CCurl
internal import Glibc
internal import Synchronization

/// Asks HTTP servers, over libcurl: TLS verified, no redirects, nothing but http and https, and never more of an answer
/// than was agreed to. Connections are kept and used again.
package final class HTTPClient: Sendable {
    private struct Idle {
        var handles: [CurlHandle] = []
    }

    /// PEM certificates that servers are checked by instead of the system's; nil for the system's.
    private let authorities: String?
    private let idle = Mutex(Idle())
    private static let maximumIdle = 16
    /// Of all header lines of an answer.
    static let maximumHeaderBytes = 65_536

    /// - Parameter authorities: a file of PEM certificates that servers are checked by; nil for the system's.
    package init(authorities: String? = nil) {
        self.authorities = authorities
    }

    /// The whole answer.
    package func send(_ request: HTTPRequest) async throws(HTTPFault) -> HTTPResponse {
        try await exchange(request, sink: nil)
    }

    /// Hands the body of an answer of status 200 over as it comes, in a thread of the client's own; that of any other
    /// status is in the answer.
    ///
    /// - Parameter sink: false ends it.
    package func download(
        _ request: HTTPRequest, sink: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(HTTPFault) -> HTTPResponse {
        try await exchange(request, sink: sink)
    }

    /// Whether the address is one that is asked at all.
    package static func isAddress(_ url: String) -> Bool {
        let bytes = Array(url.utf8)
        let isOfScheme = ["http://", "https://"].contains { prefix in
            bytes.count > prefix.utf8.count && zip(bytes, prefix.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
        }
        return isOfScheme && bytes.count <= 2048 && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private func exchange(
        _ request: HTTPRequest, sink: (@Sendable ([UInt8]) -> Bool)?
    ) async throws(HTTPFault) -> HTTPResponse {
        guard Self.isAddress(request.url) else { throw HTTPFault(url: request.url, reason: .badAddress) }
        let exchange = Exchange(request, sink: sink)
        let result: Result<HTTPResponse, HTTPFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isStarted = DetachedThread.start { [self] in continuation.resume(returning: perform(exchange)) }
                if !isStarted {
                    continuation.resume(
                        returning: .failure(
                            HTTPFault(url: request.url, reason: .unreachable("no thread can be started"))))
                }
            }
        } onCancel: {
            exchange.cancel()
        }
        return try result.get()
    }

    private func perform(_ exchange: Exchange) -> Result<HTTPResponse, HTTPFault> {
        let handle: CurlHandle
        do throws(HTTPFault) {
            if let kept = idle.withLock({ $0.handles.popLast() }) {
                handle = kept
            } else {
                handle = try CurlHandle(url: exchange.request.url)
            }
        } catch {
            return .failure(error)
        }
        let result = handle.perform(exchange, authorities: authorities)
        // One that failed may be in any state.
        if case .success = result {
            idle.withLock { if $0.handles.count < Self.maximumIdle { $0.handles.append(handle) } }
        }
        return result
    }
}
