package import HTTPClient
internal import TiledLog
internal import TransparencyLog

/// A registry that is served somewhere, by `bitim serve` or by any web server over its folder, or that lies in another
/// folder of this machine. Nothing that it says is believed.
package struct RegistrySource: Sendable {
    private enum Place: Sendable {
        /// - ledgerFolders: where the ledger may be served: beside the rest, or in a folder of its own as it lies on disk.
        ///   Both, until one has given a checkpoint.
        case server(HTTPClient, ledgerFolders: [String])
        case folder(RegistryFolder)
    }

    /// Or the path of the folder.
    package let url: String
    private let place: Place

    private static let tries = 3
    private static let backoffSeconds = 0.25
    /// Of a document.
    private static let slowestBytesPerSecond = 8192.0

    /// Finds the registry at the address.
    ///
    /// - Returns: with it the bytes of its published checkpoint; nil when it has none, or nobody serves one there.
    package static func find(
        _ url: String, client: HTTPClient
    ) async throws(RegistryError) -> (source: RegistrySource, checkpoint: [UInt8]?) {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        guard HTTPClient.isAddress(base) else {
            throw RegistryError(
                .usage, "\(url) is no address of a registry", hint: "name one that begins with https:// or http://")
        }
        let folders = ["", "ledger/"]
        var other: (RegistrySource, [UInt8])?
        for folder in folders {
            let source = RegistrySource(url: base, place: .server(client, ledgerFolders: [folder]))
            guard let bytes = try await source.checkpoint() else { continue }
            // Some servers say in words, and with status 200, that a file is not there.
            if (try? SignedNote(parsing: bytes)) != nil { return (source, bytes) }
            other = other ?? (source, bytes)
        }
        return other ?? (RegistrySource(url: base, place: .server(client, ledgerFolders: folders)), nil)
    }

    private init(url: String, place: Place) {
        self.url = url
        self.place = place
    }

    /// A copy on this machine.
    package init(folder: RegistryFolder) throws(RegistryError) {
        guard Files.kind(folder.path) == .folder, folder.hasLedger else {
            throw RegistryError(
                .unavailable, "there is no registry in \(folder.path)",
                hint: "name the folder of a copy, or its address")
        }
        self.init(url: folder.path, place: .folder(folder))
    }

    /// The folder with the copy; nil where it is served.
    var folder: RegistryFolder? {
        if case .folder(let folder) = place { folder } else { nil }
    }

    /// The latest published checkpoint; nil when there is none.
    func checkpoint() async throws(RegistryError) -> [UInt8]? {
        try await fetch(RegistryFolder.checkpointName, maximumBytes: SignedNote.maximumByteCount)
    }

    /// The whole of a file, by its name in the registry's folder; nil when it is not served.
    func fetch(_ name: String, maximumBytes: Int) async throws(RegistryError) -> [UInt8]? {
        guard case .server(let client, let ledgerFolders) = place else {
            // What cannot be read there is as good as not there.
            return folder.flatMap { try? Files.read($0.fullPath(name), maximumBytes: maximumBytes) }
        }
        for address in addresses(of: name, ledgerFolders) {
            var request = HTTPRequest(get: address, maximumBytes: maximumBytes)
            request.acceptsCompression = name.hasPrefix("ledger/tile/entries/")
            if let response = try await answered(request, { try await client.send($0) }) { return response.body }
        }
        return nil
    }

    /// Hands a file of any size over as it comes, in a thread of its own; false when it is not served.
    func download(
        _ name: String, maximumBytes: Int, begin: () throws -> @Sendable ([UInt8]) -> Bool
    ) async throws -> Bool {
        guard case .server(let client, _) = place else {
            return try copy(name, maximumBytes: maximumBytes, begin: begin)
        }
        var request = HTTPRequest(get: "\(url)/\(name)", maximumBytes: maximumBytes)
        // As long as a slow line needs, and no longer.
        request.timeouts.totalSeconds = 60 + Double(maximumBytes) / Self.slowestBytesPerSecond
        return try await answered(request) { request in
            let sink = try begin()
            return try await client.download(request, sink: sink)
        } != nil
    }

    private func copy(
        _ name: String, maximumBytes: Int, begin: () throws -> @Sendable ([UInt8]) -> Bool
    ) throws -> Bool {
        guard let path = folder?.fullPath(name), Files.kind(path) == .regular else { return false }
        let sink = try begin()
        var isTaken = true
        do {
            try Files.stream(path, maximumBytes: maximumBytes) { isTaken = isTaken && sink(Array($0)) }
        } catch {
            return false
        }
        guard isTaken else {
            throw RegistryError(.unavailable, "\(path) cannot be copied", hint: "check the disk and the permissions")
        }
        return true
    }

    /// The names of certificates that are there, in whatever form it is told; empty where nothing lists them.
    func certificateList() async -> [UInt8] {
        guard let folder else { return (try? await fetch("certificates/", maximumBytes: 1 << 22)) ?? [] }
        let names = (try? Files.names(in: folder.fullPath("certificates"))) ?? []
        return Array(names.joined(separator: "\n").utf8)
    }

    /// The sizes of published trees from that size on, one a line, as `bitim serve` lists them; nil where nothing does.
    func sizeList(from size: Int64) async -> [UInt8]? {
        guard let folder else { return try? await fetch("checkpoints/?from=\(size)", maximumBytes: 1 << 26) }
        let sizes = CheckpointSizes(folder)
        var lines: [UInt8] = []
        var next = sizes.first(from: size)
        while let found = next {
            lines += DecimalNumber.print(found) + [0x0A]
            next = sizes.first(from: found + 1)
        }
        return lines
    }

    /// Where a file of the registry may be.
    private func addresses(of name: String, _ ledgerFolders: [String]) -> [String] {
        let prefix = "ledger/"
        guard name.hasPrefix(prefix) else { return ["\(url)/\(name)"] }
        return ledgerFolders.map { "\(url)/\($0)\(name.dropFirst(prefix.count))" }
    }

    /// Tries again where that may help.
    private func answered(
        _ request: HTTPRequest, _ send: (HTTPRequest) async throws -> HTTPResponse
    ) async throws(RegistryError) -> HTTPResponse? {
        var fault: RegistryError?
        for attempt in 0..<Self.tries {
            if attempt > 0 {
                let seconds = Self.backoffSeconds * Double(1 << attempt) * Double.random(in: 0.5...1)
                do { try await Task.sleep(for: .seconds(seconds)) } catch { break }
            }
            do {
                let response = try await send(request)
                switch response.status {
                case 200: return response
                case 404, 410: return nil
                case 500...599: fault = Self.unexpected(response, request)
                default: throw Self.unexpected(response, request)
                }
            } catch let error as HTTPFault {
                fault = RegistryError(.unavailable, "\(error)", hint: Self.hint(error))
                if !error.isTransient { break }
            } catch let error as RegistryError {
                throw error
            } catch {
                throw RegistryError(.unavailable, "\(error)", hint: "check the disk and the permissions")
            }
        }
        throw fault
            ?? RegistryError(
                .unavailable, "\(request.url): given up", hint: "run the command again: it goes on from here")
    }

    private static func unexpected(_ response: HTTPResponse, _ request: HTTPRequest) -> RegistryError {
        (300...399).contains(response.status)
            ? RegistryError(
                .unavailable,
                "\(request.url): the server sends elsewhere (status \(response.status)), which is not followed",
                hint: "name the address where the registry itself is served")
            : RegistryError(
                .unavailable, "\(request.url): the server answers with status \(response.status)",
                hint: "ask whoever runs it, or try again later")
    }

    static func hint(_ fault: HTTPFault) -> String {
        switch fault.reason {
        case .unreachable, .timedOut: "check the address and that the server runs; then run the command again"
        case .untrusted:
            "the server's certificate has to chain to the system's authorities, or to those of --tls-authorities"
        case .tooLarge, .malformed: "this is not what a registry serves: check the address"
        case .badAddress: "an address begins with https:// or http://"
        case .noLibrary: "apt-get install libcurl4"
        case .cancelled, .refused: "run the command again: it goes on from here"
        }
    }
}
