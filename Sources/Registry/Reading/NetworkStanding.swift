internal import Agreements
package import HTTPClient
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// How far the log and the witnesses are, as they say themselves when they are asked. What a witness says is held against
/// its key.
package struct NetworkStanding: Sendable {
    package struct Asked: Sendable {
        /// As the policy names it; `log` for the log.
        package let name: String
        package let url: String
        /// Of the largest tree that it has cosigned or published; nil where it has not said.
        package let size: Int64?
        /// When it was cosigned, in POSIX seconds; nil for the log.
        package let time: Int64?
        /// Why it has not said.
        package let fault: String?
    }

    package let log: Asked?
    package let witnesses: [Asked]

    /// Asks all of them at once that `keys/policy` has addresses of.
    package init(_ ledger: OpenedLedger, client: HTTPClient) async throws {
        guard let policy = try ledger.keys.currentPolicy() else {
            throw RegistryError(
                .unavailable, "there is no policy in \(ledger.keys.path), so nobody can be asked",
                hint: "'bitim keys update' writes it from the ledger")
        }
        let origin = ledger.constitution.log.origin
        let path = "\(SHA256Hasher.hash(Array(origin.utf8)).hex)/checkpoint"
        var asked: [Asked] = []
        await withTaskGroup(of: Asked.self) { group in
            for witness in policy.witnesses {
                guard let url = witness.url?.text else { continue }
                group.addTask {
                    await Self.ask(witness.name.text, url, "\(Self.base(url))/\(path)", client) { note in
                        try note.verify(with: [witness.key]).verified.first?.time
                    }
                }
            }
            if let url = policy.logs.compactMap(\.url).first?.text {
                group.addTask {
                    do {
                        let (source, bytes) = try await RegistrySource.find(url, client: client)
                        let note = try SignedNote(parsing: bytes ?? [])
                        return Asked(
                            name: PolicyAddresses.logName, url: source.url,
                            size: try Checkpoint(parsing: note.text).size,
                            time: nil, fault: nil)
                    } catch {
                        return Asked(
                            name: PolicyAddresses.logName, url: url, size: nil, time: nil,
                            fault: (error as? RegistryError)?.message ?? "nothing is published there")
                    }
                }
            }
            for await answer in group { asked.append(answer) }
        }
        log = asked.first { $0.name == PolicyAddresses.logName }
        witnesses = asked.filter { $0.name != PolicyAddresses.logName }.sorted { $0.name < $1.name }
    }

    private static func base(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    private static func ask(
        _ name: String, _ url: String, _ address: String, _ client: HTTPClient,
        time: (SignedNote) throws -> Int64?
    ) async -> Asked {
        func fault(_ words: String) -> Asked { Asked(name: name, url: url, size: nil, time: nil, fault: words) }
        do {
            var request = HTTPRequest(get: address, maximumBytes: SignedNote.maximumByteCount)
            request.timeouts = HTTPRequest.Timeouts(connectSeconds: 5, totalSeconds: 10, stallSeconds: 10)
            let response = try await client.send(request)
            guard response.status == 200 else {
                return fault(
                    response.status == 404 ? "it has cosigned nothing yet" : "it answers with status \(response.status)"
                )
            }
            let note = try SignedNote(parsing: response.body)
            let cosigned = try time(note)
            return Asked(
                name: name, url: url, size: try Checkpoint(parsing: note.text).size, time: cosigned, fault: nil)
        } catch {
            return fault("\(error)")
        }
    }
}
