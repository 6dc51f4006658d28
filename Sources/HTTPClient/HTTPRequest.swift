/// What is asked of a server, and how much of an answer is taken.
package struct HTTPRequest: Sendable {
    package let url: String
    /// Posted; nil to get.
    package let body: [UInt8]?
    /// Of the answer's body, as it is after decompression.
    package let maximumBytes: Int
    /// Whether the answer may come compressed.
    package var acceptsCompression = false
    package var timeouts = Timeouts()

    package struct Timeouts: Sendable {
        /// Until there is a connection, TLS included.
        package var connectSeconds = 10.0
        /// Of the whole exchange; nil for one whose length nobody knows.
        package var totalSeconds: Double?
        /// After so long with less than `slowestBytesPerSecond` it is given up.
        package var stallSeconds = 20

        package init(connectSeconds: Double = 10, totalSeconds: Double? = 60, stallSeconds: Int = 20) {
            self.connectSeconds = connectSeconds
            self.totalSeconds = totalSeconds
            self.stallSeconds = stallSeconds
        }
    }

    static let slowestBytesPerSecond = 64

    package init(get url: String, maximumBytes: Int) {
        self.url = url
        self.maximumBytes = maximumBytes
        body = nil
    }

    package init(post body: [UInt8], to url: String, maximumBytes: Int) {
        self.url = url
        self.maximumBytes = maximumBytes
        self.body = body
    }
}

package struct HTTPResponse: Sendable {
    package let status: Int
    /// Without its parameters, in lower case; empty when there was none.
    package let contentType: String
    /// Empty where it was handed over as it came.
    package let body: [UInt8]
}

/// Why there is no answer.
package struct HTTPFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// Nobody answers there, or it stopped in the middle: another try may help.
        case unreachable(String)
        case timedOut
        /// The server's certificate does not hold.
        case untrusted(String)
        case tooLarge(maximumBytes: Int)
        /// The answer is no HTTP.
        case malformed(String)
        /// The address is none, or of a scheme that is not used.
        case badAddress
        /// libcurl is missing or is no OpenSSL build.
        case noLibrary(String)
        /// Whoever asked wants it no longer.
        case cancelled
        /// What came could not be kept.
        case refused
    }

    package let url: String
    package let reason: Reason

    package init(url: String, reason: Reason) {
        self.url = url
        self.reason = reason
    }

    package var isTransient: Bool {
        switch reason {
        case .unreachable, .timedOut: true
        default: false
        }
    }

    package var description: String {
        switch reason {
        case .unreachable(let why): "\(url): no answer: \(why)"
        case .timedOut: "\(url): no answer in time"
        case .untrusted(let why): "\(url): the server is not trusted: \(why)"
        case .tooLarge(let maximum): "\(url): the answer is larger than \(maximum) bytes"
        case .malformed(let why): "\(url): the answer is no HTTP: \(why)"
        case .badAddress: "\(url): not an http or https address"
        case .noLibrary(let why): why
        case .cancelled: "\(url): given up"
        case .refused: "\(url): the answer could not be kept"
        }
    }
}
