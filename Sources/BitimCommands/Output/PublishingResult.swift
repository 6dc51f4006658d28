internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// What a command that adds or completes says.
struct PublishingResult: Encodable {
    struct Added: Encodable {
        let index: Int64
        let leafHash: String
        let agreement: String?
        /// Whether the ledger had it before.
        let wasThere: Bool

        private enum CodingKeys: CodingKey { case index, leafHash, agreement, wasThere }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(index, forKey: .index)
            try container.encode(leafHash, forKey: .leafHash)
            try container.encode(agreement, forKey: .agreement)
            try container.encode(wasThere, forKey: .wasThere)
        }
    }

    /// What a witness elsewhere has answered.
    struct Answer: Encodable {
        let witness: String
        let url: String
        /// `cosigned`, `refused`, `unreachable` or `invalid`.
        let outcome: String
        /// The HTTP status; nil where there was none.
        let status: Int?
        let message: String
        let findings: [Finding]

        private enum CodingKeys: CodingKey { case witness, url, outcome, status, message, findings }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(witness, forKey: .witness)
            try container.encode(url, forKey: .url)
            try container.encode(outcome, forKey: .outcome)
            try container.encode(status, forKey: .status)
            try container.encode(message, forKey: .message)
            try container.encode(findings, forKey: .findings)
        }
    }

    let schemaVersion = 1
    /// `published` or `pending`.
    let state: String
    let treeSize: Int64
    let root: String
    let missing: [String]
    /// The same in words.
    private let waitingFor: String
    let added: [Added]
    /// Of those that were asked over the network; nil where none was.
    let witnesses: [Answer]?

    private enum CodingKeys: CodingKey { case schemaVersion, state, treeSize, root, missing, added, witnesses }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(state, forKey: .state)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
        try container.encode(missing, forKey: .missing)
        try container.encode(added, forKey: .added)
        try container.encode(witnesses, forKey: .witnesses)
    }

    init(
        _ publishing: Registrar.Publishing, _ registered: [Registrar.Registered],
        _ replies: [RemoteWitnesses.Reply] = []
    ) {
        witnesses =
            replies.isEmpty
            ? nil
            : replies.map {
                Answer(
                    witness: $0.witness, url: $0.url, outcome: $0.outcome.rawValue, status: $0.status,
                    message: $0.message, findings: $0.findings)
            }
        switch publishing {
        case .published(let head):
            state = "published"
            treeSize = head.size
            root = head.root.hex
            missing = []
            waitingFor = ""
        case .pending(let head, let missing, let waitingFor):
            state = "pending"
            treeSize = head.size
            root = head.root.hex
            self.missing = missing
            self.waitingFor = waitingFor
        }
        added = registered.map {
            Added(
                index: $0.index, leafHash: $0.leafHash.text, agreement: $0.agreement?.text, wasThere: $0.wasThere)
        }
    }

    /// What a machine without the log's key does with what it has cosigned.
    func sending(from registry: RegistryFolder) -> String {
        let name = state == "published" ? RegistryFolder.checkpointName : RegistryFolder.pendingName
        let file = registry.fullPath(name)
        return "hint: send \(file) to the machine with the log's key; there, 'bitim publish FILE' takes it over"
    }

    /// Says it, and ends with status 3 when it waits for cosignatures.
    ///
    /// - Parameter next: what is to be done now, where that is not what this machine can do.
    func tell(_ output: OutputOptions, next: String? = nil) throws {
        let console = output.console
        if output.json {
            console.answer(try JSONOutput.text(self))
        } else if output.quiet {
            console.answer(added.map { "\($0.agreement ?? String($0.index))\n" }.joined())
        } else {
            for entry in added {
                // What the quorum has not cosigned is not registered yet.
                let word = entry.wasThere ? "was there as" : state == "pending" ? "pending as" : "registered as"
                console.answer("\(entry.agreement ?? "the registry") \(word) entry \(entry.index)")
            }
            if state == "published" {
                console.answer("published: \(treeSize) entries, root \(root)")
            } else {
                console.answer(
                    "pending: \(treeSize) entries, root \(root), waiting for \(waitingFor)")
            }
        }
        tellWitnesses(console)
        if let next { console.message(VisibleText.escaped(next)) }
        guard state == "pending" else { return }
        if next == nil { console.message("hint: when the missing witnesses can cosign, run 'bitim publish'") }
        throw ExitCode(3)
    }

    var isPending: Bool { state == "pending" }

    /// What each witness answered, and what it found.
    var witnessLines: [String] {
        (witnesses ?? []).flatMap { answer in
            let words = answer.outcome == "cosigned" ? answer.message : "\(answer.outcome): \(answer.message)"
            return ["witness \(answer.witness) at \(answer.url): \(words)"]
                + answer.findings.map { "  \($0.line)" }
        }
    }

    func tellWitnesses(_ console: Console) {
        for line in witnessLines { console.message(VisibleText.escaped(line)) }
    }
}
