internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell at a glance where the registry stands, and what is here to go on with.",
        discussion: HelpText.text(
            """
            It reads only, and opens no private key. The entries are held against the published checkpoint; whose \
            signatures they carry is not checked here: 'bitim audit' does. Drafts are not known to a registry. The exit \
            status is 0 when the registry can be read, also while something is pending.

            With --online the log and the witnesses are asked how far they are, at the addresses in keys/policy.
            """, example: "bitim status", "bitim status --online"))

    @Flag(help: "Ask the log and the witnesses over the network how far they are.")
    var online = false

    @OptionGroup var clientOptions: ClientOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let now = currentTime()
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder, selection: .none, now: now)
        let standing = online ? try await NetworkStanding(reading.ledger, client: clientOptions.client()) : nil
        let result = try StatusResult(reading, online: standing, now: now)
        if output.json { return console.answer(try JSONOutput.text(result)) }
        if output.quiet { return console.answer(result.pending == nil ? "published" : "pending") }
        console.answer(result.lines.map(VisibleText.escaped).joined(separator: "\n"))
        console.noteDemonstration(reading.ledger)
        console.noteUnknownVersion(reading.ledger)
        if let hint = result.hint { console.message(hint) }
    }
}

private struct StatusResult: Encodable {
    struct Published: Encodable {
        let size: Int64
        let root: String
        /// When the quorum was complete.
        let time: String
    }

    struct Pending: Encodable {
        let size: Int64
        let root: String
        /// How many more entries than are published.
        let entries: Int64
        let cosigned: [String]
        let missing: [String]
        /// Whether nothing is left but to publish it.
        let quorumMet: Bool
        /// In words.
        let waitingFor: String

        private enum CodingKeys: CodingKey { case size, root, entries, cosigned, missing, quorumMet }
    }

    struct Witness: Encodable {
        let name: String
        let party: String
        /// Of its cosignature under the published checkpoint.
        let time: String?
        let ageSeconds: Int64?
        let hasCosignedPending: Bool?

        private enum CodingKeys: CodingKey { case name, party, time, ageSeconds, hasCosignedPending }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(party, forKey: .party)
            try container.encode(time, forKey: .time)
            try container.encode(ageSeconds, forKey: .ageSeconds)
            try container.encode(hasCosignedPending, forKey: .hasCosignedPending)
        }
    }

    /// Where the registry is a copy of one that is served.
    struct Copy: Encodable {
        let url: String
        /// When it was last found to have all that is published there.
        let time: String
        let ageSeconds: Int64
        /// How many entries more are published there; nil when it was not asked, or has not answered.
        let behind: Int64?

        private enum CodingKeys: CodingKey { case url, time, ageSeconds, behind }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(url, forKey: .url)
            try container.encode(time, forKey: .time)
            try container.encode(ageSeconds, forKey: .ageSeconds)
            try container.encode(behind, forKey: .behind)
        }
    }

    /// What somebody says who was asked over the network.
    struct Asked: Encodable {
        let name: String
        let url: String
        let size: Int64?
        let time: String?
        let fault: String?

        private enum CodingKeys: CodingKey { case name, url, size, time, fault }

        init(_ asked: NetworkStanding.Asked) {
            name = asked.name
            url = asked.url
            size = asked.size
            time = asked.time.flatMap { UTCTime(posixSeconds: $0)?.text }
            fault = asked.fault
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(url, forKey: .url)
            try container.encode(size, forKey: .size)
            try container.encode(time, forKey: .time)
            try container.encode(fault, forKey: .fault)
        }
    }

    struct LocalKeys: Encodable {
        struct Party: Encodable {
            let party: String
            let authority: Bool
            /// The numbers of the signers whose private keys are here.
            let signers: [Int]
            let witness: Bool
        }

        let log: Bool
        let parties: [Party]
        /// Files of keys that the registry does not name now, or that no public file in `keys/` tells of.
        let others: [String]
    }

    struct Agreements: Encodable {
        let total: Int
        let byStatus: [String: Int]
    }

    let schemaVersion = 1
    let demonstration: Bool
    let origin: String
    let name: [String: String]
    let identity: String
    let identityPinned: Bool
    let published: Published?
    let pending: Pending?
    let witnesses: [Witness]
    let privateKeys: LocalKeys
    let agreements: Agreements
    let copy: Copy?
    /// Nil when nobody was asked.
    let online: [Asked]?
    /// Files that say that the log has signed two histories, relative to the registry.
    let evidence: [String]

    private enum CodingKeys: CodingKey {
        case schemaVersion, demonstration, origin, name, identity, identityPinned, published, pending, witnesses
        case privateKeys, agreements, copy, online, evidence
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(demonstration, forKey: .demonstration)
        try container.encode(origin, forKey: .origin)
        try container.encode(name, forKey: .name)
        try container.encode(identity, forKey: .identity)
        try container.encode(identityPinned, forKey: .identityPinned)
        try container.encode(published, forKey: .published)
        try container.encode(pending, forKey: .pending)
        try container.encode(witnesses, forKey: .witnesses)
        try container.encode(privateKeys, forKey: .privateKeys)
        try container.encode(agreements, forKey: .agreements)
        try container.encode(copy, forKey: .copy)
        try container.encode(online, forKey: .online)
        try container.encode(evidence, forKey: .evidence)
    }

    init(_ reading: RegistryReading, online standing: NetworkStanding?, now: Int64) throws {
        let ledger = reading.ledger
        demonstration = ledger.constitution.demonstration
        origin = ledger.constitution.log.origin
        name = ledger.constitution.name.byLanguage
        identity = ledger.identity.text
        identityPinned = ledger.pinnedIdentity != nil
        published = ledger.published.map {
            Published(
                size: $0.head.size, root: $0.head.root.hex,
                time: UTCTime(posixSeconds: $0.quorumTime)?.text ?? "unknown"
            )
        }
        pending = ledger.pending.map {
            Pending(
                size: $0.head.size, root: $0.head.root.hex, entries: $0.head.size - ledger.publishedHead.size,
                cosigned: $0.cosigned, missing: $0.missing, quorumMet: $0.quorumMet,
                waitingFor: $0.waitingFor)
        }
        witnesses = try ledger.witnessStandings().map { standing in
            Witness(
                name: standing.name, party: standing.party.text,
                time: standing.publishedTime.flatMap { UTCTime(posixSeconds: $0)?.text },
                ageSeconds: standing.publishedTime.map { now - $0 },
                hasCosignedPending: ledger.pending.map { _ in standing.pendingTime != nil })
        }
        let present = try PrivateKeyPresence(ledger)
        privateKeys = LocalKeys(
            log: present.log,
            parties: present.parties.map {
                LocalKeys.Party(
                    party: $0.party.text, authority: $0.authority, signers: $0.signers, witness: $0.witness)
            }, others: present.others)
        let states = reading.state.agreements
        agreements = Agreements(
            total: states.count,
            byStatus: Dictionary(grouping: states) { $0.status(on: today()).text }.mapValues(\.count))
        online = standing.map { ([$0.log].compactMap { $0 } + $0.witnesses).map { Asked($0) } }
        copy = MirrorMemory(ledger.registry).map { memory in
            Copy(
                url: memory.url, time: UTCTime(posixSeconds: memory.time)?.text ?? "unknown",
                ageSeconds: now - memory.time,
                behind: standing?.log?.size.map { max(0, $0 - ledger.publishedHead.size) })
        }
        evidence = EvidenceFile.names(ledger.registry)
    }

    // MARK: For a person

    /// What is to be done here about what is pending.
    var hint: String? {
        guard let pending else { return nil }
        guard !pending.quorumMet else { return "hint: run 'bitim publish': nothing else is missing" }
        let missing = Set(witnesses.filter { pending.missing.contains($0.name) }.map(\.party))
        let here = privateKeys.parties.filter { $0.witness && missing.contains($0.party) }.map(\.party)
        guard !here.isEmpty, !privateKeys.log else {
            return "hint: when the missing witnesses can cosign, run 'bitim publish'"
        }
        return "hint: run 'bitim cosign \(here.joined(separator: " "))': the key of that witness is here"
    }

    var lines: [String] {
        var lines = ["registry     \(name.preferred)", "origin       \(origin)"]
        lines.append("identity     \(identity), \(identityPinned ? "pinned" : "not pinned: see docs/identity.md")")
        lines.append(
            "published    "
                + (published.map { "\($0.size) entries, root \($0.root), complete at \($0.time)" } ?? "nothing yet"))
        if let pending {
            let cosigned = pending.cosigned.isEmpty ? "nobody" : pending.cosigned.joined(separator: ", ")
            let rest =
                pending.quorumMet
                ? "which is enough: 'bitim publish' completes it"
                : "waiting for \(pending.waitingFor)"
            lines.append(
                "pending      \(pending.entries) more entries, root \(pending.root), cosigned by \(cosigned), \(rest)")
        } else {
            lines.append("pending      nothing")
        }
        for witness in witnesses {
            let time = witness.time.map { "cosigned at \($0), \(Self.age(witness.ageSeconds ?? 0))" }
            lines.append(
                "witness      \(witness.name) of \(witness.party): \(time ?? "has not cosigned what is published")")
        }
        if let copy {
            let behind = copy.behind.map { $0 == 0 ? ", and is not behind" : ", and is \($0) entries behind now" } ?? ""
            lines.append(
                "copy         of \(copy.url), had all of it at \(copy.time), \(Self.age(copy.ageSeconds))\(behind)")
        }
        for asked in online ?? [] {
            let words =
                asked.size.map { size in
                    asked.time.map { "cosigned \(size) entries at \($0)" } ?? "has published \(size) entries"
                } ?? asked.fault ?? "has not said"
            lines.append("asked        \(asked.name) at \(asked.url): \(words)")
        }
        for path in evidence {
            lines.append("evidence     \(path): the log has signed two histories; see 'bitim verify'")
        }
        let parties = privateKeys.parties.compactMap { party -> String? in
            let keys =
                (party.authority ? ["authority"] : []) + party.signers.map { "signer \($0)" }
                + (party.witness ? ["witness"] : [])
            return keys.isEmpty ? nil : "\(party.party): \(keys.joined(separator: ", "))"
        }
        let keys = (privateKeys.log ? ["log"] : []) + parties
        let others = privateKeys.others
        let none = others.isEmpty ? "no private ones" : "none that the registry and keys/ tell of"
        lines.append(
            "keys here    \(keys.isEmpty ? none : keys.joined(separator: "; "))"
                + (others.isEmpty ? "" : "; others: \(others.joined(separator: ", "))"))
        let counts = agreements.byStatus.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        lines.append(
            "agreements   \(agreements.total)" + (counts.isEmpty ? "" : ": \(counts.joined(separator: ", "))"))
        return lines
    }

    private static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<0: "later than this machine's clock"
        case ..<120: "\(seconds) s ago"
        case ..<7_200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3_600) h ago"
        default: "\(seconds / 86_400) days ago"
        }
    }
}
