internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// check-entries of docs/witness.md.
extension AuditingWitness {
    /// What an audit would say of entries that are to follow a tree. Nothing of them is kept.
    package func check(_ bytes: [UInt8]) async -> Result<[Finding], WitnessRefusal> {
        guard await gate.enter() else {
            return .failure(WitnessRefusal(.busy, "too many requests wait for this witness"))
        }
        let result: Result<[Finding], WitnessRefusal>
        do {
            result = .success(try await checked(EntryCheckRequest(parsing: bytes)))
        } catch {
            result = .failure(Self.refusal(error))
        }
        await gate.leave()
        return result
    }

    private func checked(_ request: EntryCheckRequest) async throws -> [Finding] {
        let origin = request.checkpoint.origin
        guard let trusted = trustedKeys(of: origin) else { throw SubmittedCheckpoint.unknown(origin) }
        try SubmittedCheckpoint.requireSigned(request.note, trusted)
        let ledger = try await followed()
        let head = TreeHead(size: request.checkpoint.size, root: request.checkpoint.root)
        let own = ledger?.fullHead ?? .empty
        guard head.size >= own.size else {
            throw WitnessRefusal(.busy, "the witness has \(own.size) entries already")
        }
        let former = try? Files.read(
            registry.fullPath(RegistryFolder.pendingName), maximumBytes: SignedNote.maximumByteCount)
        do {
            if head != own { try await takePending(request.note, head, ledger) }
            let findings = try await findings(against: request)
            // What was fetched to look at them is not audited, and does not stay.
            if head != own { try restore(former) }
            return findings
        } catch {
            if head != own { try restore(former) }
            throw error
        }
    }

    private func findings(against request: EntryCheckRequest) async throws -> [Finding] {
        let registrar = try await Registrar.open(
            registry: registry, keys: keys, vault: vault, now: now, purpose: .completing)
        registrar.offer(request.certificates.compactMap { try? Certificate(derBytes: $0) })
        var findings: [Finding] = []
        for leaf in request.entries {
            do {
                _ = try registrar.queue(leaf: leaf, requiringDocuments: false)
            } catch let error as RegistryError where error.code == .refused {
                findings +=
                    error.findings.isEmpty
                    ? [Finding("entry.refused", entry: registrar.state.size, error.message)] : error.findings
                // What follows may rest on it.
                break
            }
        }
        return findings
    }
}
