internal import OpenSSLKit
package import Registry
internal import TransparencyLog

/// The witnesses of one server, each asked about its own origins.
package struct WitnessSet: Sendable {
    private enum Kind: Sendable {
        case auditing([AuditingWitness])
        case plain(PlainWitness)
    }

    private let kind: Kind

    package init(auditing: [AuditingWitness]) { kind = .auditing(auditing) }
    package init(plain: PlainWitness) { kind = .plain(plain) }

    /// With the origin that was asked about, or `unknown`: it labels metrics, which strangers must not fill.
    func addCheckpoint(_ bytes: [UInt8]) async -> (origin: String, answer: WitnessAnswer) {
        let origin = Self.origin(ofRequest: bytes)
        switch kind {
        case .plain(let witness):
            let isKnown = witness.trustedKeys(of: origin) != nil
            return (isKnown ? origin.text : "unknown", await witness.addCheckpoint(bytes))
        case .auditing(let witnesses):
            guard let first = witnesses.first else {
                return ("unknown", .refused(WitnessRefusal(.unknownOrigin, "no log is witnessed here")))
            }
            let own = await witness(of: origin)
            return (own == nil ? "unknown" : origin.text, await (own ?? first).addCheckpoint(bytes))
        }
    }

    func check(_ bytes: [UInt8]) async -> Result<[Finding], WitnessRefusal> {
        guard case .auditing(let witnesses) = kind, let first = witnesses.first else {
            return .failure(WitnessRefusal(.unknownOrigin, "entries are not checked here, only that logs grow"))
        }
        let request: EntryCheckRequest
        do {
            request = try EntryCheckRequest(parsing: bytes)
        } catch {
            return .failure(error)
        }
        return await (witness(of: request.checkpoint.origin) ?? first).check(bytes)
    }

    func latestCosigned(originHash: String) async -> [UInt8]? {
        switch kind {
        case .plain(let witness):
            return witness.origins.map { ByteString($0) }.first { Self.hash($0) == originHash }
                .flatMap { witness.latestCosigned($0) }
        case .auditing(let witnesses):
            for witness in witnesses {
                if let bytes = witness.latestCosigned(), let note = try? SignedNote(parsing: bytes),
                    let checkpoint = try? Checkpoint(parsing: note.text), Self.hash(checkpoint.origin) == originHash
                {
                    return bytes
                }
            }
            return nil
        }
    }

    private func witness(of origin: ByteString) async -> AuditingWitness? {
        guard case .auditing(let witnesses) = kind else { return nil }
        for witness in witnesses where await witness.trustedKeys(of: origin) != nil { return witness }
        return nil
    }

    private static func hash(_ origin: ByteString) -> String { SHA256Hasher.hash(origin.bytes).hex }

    /// The first line after the first empty one; what is no request has none that is known.
    private static func origin(ofRequest bytes: [UInt8]) -> ByteString {
        guard let start = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }) else {
            return ByteString([UInt8]())
        }
        return ByteString(bytes[(start + 1)...].prefix { $0 != 0x0A })
    }
}
