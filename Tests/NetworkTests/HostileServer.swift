import Foundation
import Testing

/// A server that does what no honest one would, to whoever connects.
final class HostileServer: @unchecked Sendable {
    enum Behaviour: String, CaseIterable, CustomTestStringConvertible, Sendable {
        /// Takes the connection and never says a word.
        case silent
        /// An endless answer of a byte a second.
        case slow
        case garbage
        /// Closes in the middle of the answer.
        case reset
        case endlessHeaders = "endless headers"
        case endlessBody = "endless body"
        case elsewhere = "sends elsewhere"
        case toFile = "sends to a file"
        /// Says more than it sends.
        case cutShort = "cut short"
        case bomb = "compressed a thousandfold"
        case notHTTP = "HTTP 0.9"
        /// Honest but for its line: every answer is `hello`, and the first one to be asked for a document breaks off.
        case breaksOffOnce = "breaks off once"

        /// Those that no patience helps against.
        static let hopeless = allCases.filter { $0 != .breaksOffOnce }

        var testDescription: String { rawValue }
    }

    let port: Int
    private let listener: Int32
    private let behaviour: Behaviour
    /// How often a document was asked for before.
    private let count = ConnectionCount()

    init(_ behaviour: Behaviour) {
        self.behaviour = behaviour
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 && listen(listener, 64) == 0
            }
        }
        precondition(isListening, "no free port")
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [behaviour, count] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { Self.answer(connection, behaviour, count) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func send(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } > 0
    }

    private static func answer(_ connection: Int32, _ behaviour: Behaviour, _ documents: ConnectionCount) {
        defer { close(connection) }
        var request = [UInt8](repeating: 0, count: 65_536)
        _ = recv(connection, &request, request.count, 0)
        func send(_ text: String) -> Bool { Self.send(connection, Array(text.utf8)) }
        let block = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
        switch behaviour {
        case .silent:
            Thread.sleep(forTimeInterval: 600)
        case .slow:
            _ = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while send("a") { Thread.sleep(forTimeInterval: 1) }
        case .garbage:
            _ = Self.send(connection, (0..<4096).map { _ in UInt8.random(in: 0...255) })
        case .reset:
            _ = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc")
            var immediately = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
        case .endlessHeaders:
            _ = send("HTTP/1.1 200 OK\r\n")
            while send("X-Filler: \(String(repeating: "a", count: 1000))\r\n") {}
        case .endlessBody:
            _ = send("HTTP/1.1 200 OK\r\n\r\n")
            while Self.send(connection, block) {}
        case .elsewhere:
            _ = send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        case .toFile:
            _ = send("HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
        case .cutShort:
            _ = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc")
        case .bomb:
            _ = send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
            // A gzip header, and stored blocks without end.
            _ = Self.send(connection, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])
            while Self.send(connection, [0, 0xFF, 0xFF, 0, 0] + [UInt8](repeating: 0, count: 65_535)) {}
        case .notHTTP:
            _ = send("hello\n")
        case .breaksOffOnce:
            let isForDocument = String(decoding: request, as: UTF8.self).hasPrefix("GET /documents/")
            let breaksOff = isForDocument && documents.next() == 0
            _ = send(
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n" + (breaksOff ? "hel" : "hello"))
        }
    }
}

private final class ConnectionCount: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func next() -> Int {
        lock.withLock {
            defer { count += 1 }
            return count
        }
    }
}
