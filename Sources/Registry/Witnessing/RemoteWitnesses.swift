internal import Agreements
package import HTTPClient
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// The witnesses that are reached over the network, at the addresses that `keys/policy` gives, as the log's side asks them.
package struct RemoteWitnesses: Sendable {
    /// What one of them has answered.
    package struct Reply: Sendable {
        package enum Outcome: String, Sendable {
            case cosigned
            /// It has checked the tree, and does not cosign it.
            case refused
            /// Nobody answers there, or not in time.
            case unreachable
            /// Its answer is not one of the protocol, or its cosignature does not hold, or is of a time that is yet to come.
            case invalid
        }

        package let witness: String
        package let url: String
        package let outcome: Outcome
        package let message: String
        /// The HTTP status; nil where there was none.
        package let status: Int?
        package let findings: [Finding]
        let signatures: [NoteSignature]

        /// Whether another try may help, without anybody doing anything about it.
        package var mayPass: Bool {
            outcome == .unreachable || outcome == .refused && (status == 424 || (status ?? 0) >= 500)
        }
    }

    private struct Reached: Sendable {
        let name: String
        let key: VerifierKey
        let url: String
    }

    private static let maximumAnswerBytes = 1 << 20
    private static let tries = 3
    private static let mostSecondsOfCheck = 10.0
    private let client: HTTPClient
    private let urls: [(key: VerifierKey, url: String)]
    /// Of one question.
    private let seconds: Double

    /// - Parameter seconds: how long one answer may take.
    /// - Returns: nil where the policy names no address.
    package init?(_ keys: KeysFolder, client: HTTPClient, seconds: Double) throws {
        guard let policy = try keys.currentPolicy() else { return nil }
        urls = policy.witnesses.compactMap { witness in
            witness.url.map { url in
                (witness.key, url.text.hasSuffix("/") ? String(url.text.dropLast()) : url.text)
            }
        }
        guard !urls.isEmpty else { return nil }
        self.client = client
        self.seconds = seconds
    }

    private func reached(_ policy: WitnessPolicy) -> [Reached] {
        policy.witnesses.compactMap { witness in
            urls.first { $0.key == witness.key }.map { Reached(name: witness.name.text, key: witness.key, url: $0.url) }
        }
    }

    // MARK: add-checkpoint

    /// Asks all witnesses at once that have not cosigned what is pending.
    ///
    /// - Parameter now: POSIX seconds; asked when the answers are there.
    /// - Returns: the answers, and the checkpoint with what was cosigned; nil where nothing was.
    package func ask(
        _ pending: PendingCheckpoint, of ledger: OpenedLedger, now: () -> Int64
    ) async -> (replies: [Reply], copy: CheckpointCopy?) {
        let policy = ledger.history.policy(forTreeSize: pending.head.size)
        let asked = reached(policy).filter { pending.uncosigned.contains($0.name) }
        let registry = ledger.registry
        let published = ledger.published
        var replies = await withTaskGroup(of: Reply.self) { group in
            for witness in asked {
                let start = published.map { $0.witnesses.contains(witness.name) ? $0.head.size : 0 } ?? 0
                group.addTask { await self.ask(witness, pending, registry, from: start) }
            }
            var replies: [Reply] = []
            for await reply in group { replies.append(reply) }
            return replies.sorted { $0.witness < $1.witness }
        }
        let time = now()
        replies = replies.map { reply in
            guard reply.signatures.contains(where: { SteadyClock.isAhead($0, of: time) }) else { return reply }
            return Reply(
                witness: reply.witness, url: reply.url, outcome: .invalid,
                message: "it has cosigned at a time that is yet to come: its clock is ahead, or the one here is behind",
                status: reply.status, findings: [], signatures: [])
        }
        let signatures = replies.flatMap(\.signatures)
        guard !signatures.isEmpty, let note = try? pending.note.adding(signatures) else { return (replies, nil) }
        return (replies, CheckpointCopy(source: "the witnesses' answer", bytes: note.bytes))
    }

    private func ask(
        _ witness: Reached, _ pending: PendingCheckpoint, _ registry: RegistryFolder, from start: Int64
    ) async -> Reply {
        var oldSize = start
        var reply = Self.reply(witness, .unreachable, "not asked")
        for attempt in 0..<Self.tries {
            if attempt > 0, reply.outcome == .unreachable {
                let backoff = 0.3 * Double(1 << attempt) * Double.random(in: 0.5...1)
                do { try await Task.sleep(for: .seconds(backoff)) } catch { return reply }
            }
            let body: [UInt8]
            do {
                let proof =
                    oldSize == 0 || oldSize == pending.head.size
                    ? []
                    : try ConsistencyProof(
                        oldSize: oldSize, newSize: pending.head.size,
                        from: registry.ledger.subtrees(size: pending.head.size)
                    ).hashes
                body = try AddCheckpointRequest(oldSize: oldSize, proof: proof, note: pending.note).bytes
            } catch {
                return Self.reply(witness, .invalid, "the proof for the witness cannot be made: \(error)")
            }
            do throws(HTTPFault) {
                let response = try await client.send(request(body, "\(witness.url)/add-checkpoint"))
                if response.status == 409, response.contentType == LatestSize.contentType,
                    let size = LatestSize.parse(response.body)
                {
                    guard size <= pending.head.size else {
                        return Self.reply(
                            witness, .refused,
                            "it has cosigned \(size) entries already, more than the \(pending.head.size) that are here: "
                                + "the registry here may be an older copy", status: 409)
                    }
                    guard size != oldSize else {
                        return Self.reply(witness, .invalid, "it asks again and again from \(size)", status: 409)
                    }
                    oldSize = size
                    reply = Self.reply(witness, .invalid, "it changes its mind", status: 409)
                    continue
                }
                reply = judge(response, witness, pending)
                if !reply.mayPass { return reply }
            } catch {
                reply = Self.reply(witness, .unreachable, "\(error)")
                if !error.isTransient { return reply }
            }
        }
        return reply
    }

    private func judge(_ response: HTTPResponse, _ witness: Reached, _ pending: PendingCheckpoint) -> Reply {
        guard response.status == 200 else { return Self.refusal(response, witness) }
        let lines = response.body.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        guard response.body.last == 0x0A, lines.count <= SignedNote.maximumSignatureCount else {
            return Self.reply(witness, .invalid, "its answer is no signature", status: 200)
        }
        // Lines of keys that nobody here knows are ignored (tlog-witness, add-checkpoint).
        let own = lines.compactMap { NoteSignature(line: $0) }.filter { $0.names(witness.key) }
        guard own.count == 1, let note = try? SignedNote(text: pending.note.text, signatures: own),
            (try? note.verify(with: [witness.key])) != nil
        else { return Self.reply(witness, .invalid, "its cosignature does not hold", status: 200) }
        return Self.reply(witness, .cosigned, "cosigned \(pending.head.size) entries", status: 200, signatures: own)
    }

    private func request(_ body: [UInt8], _ url: String, within limit: Double = .infinity) -> HTTPRequest {
        let seconds = min(seconds, limit)
        var request = HTTPRequest(post: body, to: url, maximumBytes: Self.maximumAnswerBytes)
        // A witness may have much to check before it says a word.
        request.timeouts = HTTPRequest.Timeouts(
            connectSeconds: min(10, seconds), totalSeconds: seconds, stallSeconds: max(1, Int(seconds)))
        return request
    }

    private static func refusal(_ response: HTTPResponse, _ witness: Reached) -> Reply {
        let findings = WitnessReport.findings(response.body)
        let words = WitnessReport.message(response.body) ?? "it answers with status \(response.status)"
        let outcome: Reply.Outcome = (300...399).contains(response.status) ? .invalid : .refused
        return reply(witness, outcome, words, status: response.status, findings: findings)
    }

    private static func reply(
        _ witness: Reached, _ outcome: Reply.Outcome, _ message: String, status: Int? = nil, findings: [Finding] = [],
        signatures: [NoteSignature] = []
    ) -> Reply {
        Reply(
            witness: witness.name, url: witness.url, outcome: outcome, message: message, status: status,
            findings: findings, signatures: signatures)
    }

    // MARK: check-entries

    /// Shows entries to all witnesses before the log signs them: what one of them would not cosign is turned away while it
    /// still can be.
    ///
    /// - Throws: `RegistryError.refused` with the witness's findings.
    /// - Returns: the answers of those that could not be asked.
    func requireSound(
        _ entries: [ArraySlice<UInt8>], certificates: [[UInt8]], after ledger: OpenedLedger
    ) async throws -> [Reply] {
        let names = [RegistryFolder.pendingName, RegistryFolder.checkpointName]
        let held = names.lazy.compactMap { name in
            try? Files.read(ledger.registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount)
        }.compactMap { try? SignedNote(parsing: $0) }
        let head = ledger.fullHead
        guard
            let note = held.first(where: { note in
                (try? Checkpoint(parsing: note.text)).map { TreeHead(size: $0.size, root: $0.root) } == head
            }),
            let body = try? EntryCheckRequest(
                certificates: certificates, entries: entries.map { Array($0) }, note: note
            )
            .bytes
        else { return [] }
        let asked = reached(ledger.history.policy(forTreeSize: .max))
        guard body.count <= EntryCheckRequest.maximumByteCount else {
            return asked.map {
                Self.reply($0, .invalid, "\(entries.count) entries are too many to be looked at before they are signed")
            }
        }
        let replies = await withTaskGroup(of: Reply.self) { group in
            for witness in asked { group.addTask { await self.check(witness, body) } }
            var replies: [Reply] = []
            for await reply in group { replies.append(reply) }
            return replies.sorted { $0.witness < $1.witness }
        }
        if let refusal = replies.first(where: { $0.findings.verdict != .passed && $0.status == 200 }) {
            throw RegistryError(
                .refused,
                "witness \(refusal.witness) would not cosign it: \(refusal.findings.first?.message ?? refusal.message)",
                hint: "nothing was signed by the log; see docs/audit-report.md for what a finding means",
                findings: refusal.findings)
        }
        return replies.filter { $0.status != 200 }
    }

    private func check(_ witness: Reached, _ body: [UInt8]) async -> Reply {
        do throws(HTTPFault) {
            // The registry is locked meanwhile.
            let response = try await client.send(
                request(body, "\(witness.url)/check-entries", within: Self.mostSecondsOfCheck))
            guard response.status == 200 else { return Self.refusal(response, witness) }
            guard let findings = WitnessReport.verdictFindings(response.body) else {
                return Self.reply(witness, .invalid, "its answer is no verdict")
            }
            return Self.reply(
                witness, findings.verdict == .passed ? .cosigned : .refused, "", status: 200, findings: findings)
        } catch {
            return Self.reply(witness, .unreachable, "\(error)")
        }
    }
}
