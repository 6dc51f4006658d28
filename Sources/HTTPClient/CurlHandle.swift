internal import CCurl

/// One easy handle of libcurl, with the connections that it keeps. One thread at a time uses it.
@safe final class CurlHandle: @unchecked Sendable {
    @safe private struct Library: @unchecked Sendable {
        var functions = bitim_curl()
        var code: Int32
    }

    private static let library: Library = {
        var library = Library(code: 0)
        library.code = unsafe bitim_curl_open(&library.functions)
        return library
    }()

    private let handle: UnsafeMutableRawPointer

    init(url: String) throws(HTTPFault) {
        let library = Self.library
        guard library.code == 0, let handle = library.functions.`init`() else {
            let why =
                library.code == -2
                ? "libcurl is not its OpenSSL build: install libcurl4"
                : "libcurl 7.85 or later is missing: install libcurl4"
            throw HTTPFault(url: url, reason: .noLibrary(why))
        }
        unsafe self.handle = unsafe handle
    }

    deinit { unsafe Self.library.functions.cleanup(handle) }

    func perform(_ exchange: Exchange, authorities: String?) -> Result<HTTPResponse, HTTPFault> {
        let request = exchange.request
        var functions = Self.library.functions
        unsafe functions.reset(handle)
        defer { unsafe functions.reset(handle) }
        var isSet = true
        func set(_ option: CURLoption, _ value: Int) {
            let code = unsafe bitim_curl_set_long(&functions, handle, option, value)
            isSet = isSet && code == CURLE_OK
        }
        func set(_ option: CURLoption, _ text: String) {
            let code = unsafe bitim_curl_set_string(&functions, handle, option, text)
            isSet = isSet && code == CURLE_OK
        }
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        set(CURLOPT_NETRC, 0)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities { set(CURLOPT_CAINFO, authorities) }
        // Signals are the program's; name resolution runs in a thread of its own.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_USERAGENT, "bitim")
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(request.timeouts.connectSeconds * 1000))
        if let total = request.timeouts.totalSeconds { set(CURLOPT_TIMEOUT_MS, Int(total * 1000)) }
        set(CURLOPT_LOW_SPEED_LIMIT, HTTPRequest.slowestBytesPerSecond)
        set(CURLOPT_LOW_SPEED_TIME, request.timeouts.stallSeconds)
        if request.acceptsCompression { set(CURLOPT_ACCEPT_ENCODING, "gzip") }
        set(CURLOPT_HTTP09_ALLOWED, 0)
        var headers: UnsafeMutablePointer<curl_slist>? = nil
        defer { unsafe functions.slist_free_all(headers) }
        if let body = request.body {
            set(CURLOPT_POST, 1)
            let code = unsafe body.withUnsafeBytes { bytes in
                // An empty body is one too.
                unsafe bitim_curl_set_body(
                    &functions, handle, bytes.baseAddress ?? UnsafeRawPointer(handle), bytes.count)
            }
            isSet = isSet && code == CURLE_OK
            unsafe headers = unsafe functions.slist_append(headers, "Content-Type: application/octet-stream")
            // No waiting for a "100 Continue" that few servers send.
            unsafe headers = unsafe functions.slist_append(headers, "Expect:")
            let listed = unsafe bitim_curl_set_list(&functions, handle, CURLOPT_HTTPHEADER, headers)
            isSet = isSet && listed == CURLE_OK
        }
        let context = unsafe Unmanaged.passUnretained(exchange).toOpaque()
        let sinks = unsafe bitim_curl_set_sinks(
            &functions, handle,
            { bytes, size, count, context in
                unsafe Exchange.from(context).takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
            },
            { bytes, size, count, context in
                unsafe Exchange.from(context).takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            },
            { context, _, _, _, _ in unsafe Exchange.from(context).isCancelled ? 1 : 0 },
            context)
        guard isSet, sinks == CURLE_OK else {
            return .failure(HTTPFault(url: request.url, reason: .badAddress))
        }
        let code = withExtendedLifetime(exchange) { unsafe functions.perform(handle) }
        guard code == CURLE_OK else { return .failure(fault(code, exchange)) }
        return .success(exchange.response(status: unsafe bitim_curl_status(&functions, handle)))
    }

    private func fault(_ code: CURLcode, _ exchange: Exchange) -> HTTPFault {
        let words = unsafe Self.library.functions.strerror(code).map { unsafe String(cString: $0) } ?? "failed"
        let reason: HTTPFault.Reason =
            switch code {
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CONNECT_ERROR: .untrusted(words)
            case CURLE_URL_MALFORMAT: .badAddress
            case CURLE_ABORTED_BY_CALLBACK: .cancelled
            case CURLE_WRITE_ERROR: exchange.fault ?? .refused
            // The address was looked at before: what is not supported is what has come, such as HTTP 0.9.
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
                exchange.fault ?? .malformed(words)
            default: exchange.fault ?? .unreachable(words)
            }
        return HTTPFault(url: exchange.request.url, reason: reason)
    }
}
