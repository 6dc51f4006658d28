package import OpenSSLKit
internal import TiledLog
package import TransparencyLog

/// A witness of any log: it checks that a log only grows, and nothing of what it holds. Its key is one of its own: in a
/// registry's quorum, where a cosignature means a full audit, it has no place.
///
/// In its folder: `policy` with the logs that it witnesses (C2SP tlog-policy, quorum none), `plain-witness.vkey`,
/// `private/`, the checkpoints that it cosigned last, and the evidence that it has met.
package actor PlainWitness {
    package static let keyName = "private/plain-witness.pem"
    package static let verifierKeyName = "plain-witness.vkey"
    private static let cosignedFolder = "cosigned"

    package nonisolated let keys: KeysFolder
    package nonisolated let verifierKey: VerifierKey
    private let logs: [VerifierKey]
    private let cosigner: Cosigner
    private let now: @Sendable () -> Int64

    /// Makes a witness's key, and its memory before it.
    ///
    /// - Parameters:
    ///   - name: a URL without its scheme.
    ///   - passphrase: nil leaves the private key in clear.
    /// - Returns: the files that were written, relative to the folder.
    package static func make(_ keys: KeysFolder, name: String, passphrase: SecretBytes?) throws -> [String] {
        guard let keyName = KeyName(name) else {
            throw RegistryError(
                .usage, "'\(name)' cannot be the name of a key",
                hint: "use a URL without its scheme, such as witness.example/w1: no spaces, no +")
        }
        let key = try PrivateKey.generateEd25519()
        let cosigner = try Cosigner(name: keyName, key: key)
        try keys.makePrivateFolder()
        guard Files.kind(keys.fullPath(Self.keyName)) == nil else {
            throw RegistryError(
                .conflict, "there is a witness's key in \(keys.path) already", hint: "choose another folder with --keys"
            )
        }
        if Files.kind(keys.fullPath(SignerState.Signer.plainWitness.stateName)) == nil {
            try SignerState.begin(keys, signer: .plainWitness)
        }
        try keys.files.create(Self.keyName, with: key.pem(passphrase: passphrase).revealed(), mode: 0o600)
        try keys.files.replace(verifierKeyName, with: Array("\(cosigner.verifierKey.text)\n".utf8))
        return [Self.keyName, SignerState.Signer.plainWitness.stateName, verifierKeyName]
    }

    package init(keys: KeysFolder, vault: KeyVault, now: @escaping @Sendable () -> Int64) throws {
        self.keys = keys
        self.now = now
        guard let policy = try keys.currentPolicy() else {
            throw RegistryError(
                .unavailable, "there is no policy in \(keys.path), so no log is witnessed",
                hint: "write the logs to \(keys.fullPath(KeysFolder.policyName)): lines 'log VKEY', and 'quorum none'")
        }
        guard policy.witnesses.isEmpty, try keys.identity() == nil else {
            throw RegistryError(
                .usage, "\(keys.path) holds the keys of a registry, whose witnesses audit",
                hint: "a witness that checks nothing but growth has a folder and a key of its own: --keys")
        }
        logs = policy.logs.map(\.key)
        guard !logs.isEmpty else {
            throw RegistryError(.usage, "the policy in \(keys.path) names no log", hint: "add a line 'log VKEY'")
        }
        let text = try Files.read(keys.fullPath(Self.verifierKeyName), maximumBytes: VerifierKey.maximumByteCount)
        let verifierKey = try VerifierKey(parsing: text.last == 0x0A ? Array(text.dropLast()) : text)
        let key = try vault.key(Self.keyName, owner: .plainWitness)
        cosigner = try Cosigner(name: verifierKey.name, key: key)
        guard cosigner.verifierKey == verifierKey else {
            throw RegistryError(
                .refused, "\(keys.fullPath(Self.keyName)) is not the key in \(Self.verifierKeyName)",
                hint: "restore the witness's own key")
        }
        self.verifierKey = verifierKey
        // Missing or damaged: told now rather than at the first request.
        _ = try SignerState(keys, signer: .plainWitness)
    }

    /// The log keys that are trusted for the origin; nil where it is not witnessed.
    package nonisolated func trustedKeys(of origin: ByteString) -> [VerifierKey]? {
        let known = logs.filter { $0.name.value == origin }
        return known.isEmpty ? nil : known
    }

    /// Origins that are witnessed here.
    package nonisolated var origins: [String] { Array(Set(logs.map(\.name.value.text))).sorted() }

    private static func cosignedName(_ origin: ByteString) -> String {
        "\(cosignedFolder)/\(SHA256Hasher.hash(origin.bytes).hex)"
    }

    /// The latest checkpoint of that origin which was cosigned; nil when none was.
    package nonisolated func latestCosigned(_ origin: ByteString) -> [UInt8]? {
        try? Files.read(keys.fullPath(Self.cosignedName(origin)), maximumBytes: SignedNote.maximumByteCount)
    }

    /// Nothing in here waits for others, so that checking and remembering are one step.
    package func addCheckpoint(_ bytes: [UInt8]) -> WitnessAnswer {
        do {
            return try answered(bytes)
        } catch let refusal as WitnessRefusal {
            return .refused(refusal)
        } catch let error as RegistryError {
            return .refused(WitnessRefusal(error))
        } catch {
            return .refused(WitnessRefusal(.unable, "\(error)"))
        }
    }

    private func answered(_ bytes: [UInt8]) throws -> WitnessAnswer {
        let submitted = try SubmittedCheckpoint(bytes) { trustedKeys(of: $0) }
        let checkpoint = submitted.request.checkpoint
        guard let trusted = trustedKeys(of: checkpoint.origin) else {
            throw SubmittedCheckpoint.unknown(checkpoint.origin)
        }
        try SubmittedCheckpoint.requireSigned(submitted.request.note, trusted)
        try submitted.requireOrder()
        let lock = try Registrar.lock(keys, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        var state = try SignerState(keys, signer: .plainWitness)
        let last = try state.head(origin: submitted.origin)
        guard submitted.request.oldSize == last.size else {
            return .conflict(size: last.size, alarm: try misbehaviour(submitted))
        }
        do {
            try submitted.requireConsistent(with: last)
        } catch {
            throw try misbehaviour(submitted) ?? error
        }
        let signature = try cosigner.sign(checkpoint, time: now())
        let note = try submitted.note(signedBy: trusted).adding([signature])
        try state.remember(submitted.head, origin: submitted.origin)
        try keys.files.replace(Self.cosignedName(checkpoint.origin), with: note.bytes)
        return .cosigned([signature])
    }

    /// Where both are signed, and the proof that was sent shows that no tree has both.
    private func misbehaviour(_ submitted: SubmittedCheckpoint) throws -> WitnessRefusal? {
        let origin = submitted.request.checkpoint.origin
        guard let kept = try latestCosigned(origin).map({ try SignedNote(parsing: $0) }),
            let keptSize = try? Checkpoint(parsing: kept.text).size,
            let evidence = MisbehaviourEvidence(
                kept, submitted.request.note, keys: trustedKeys(of: origin) ?? [],
                sentProof: keptSize == submitted.head.size ? [] : submitted.request.proof)
        else { return nil }
        let path = try EvidenceFile.keep(evidence, in: keys.files)
        let finding = EvidenceFile.finding(evidence, path: path)
        return WitnessRefusal(.inconsistent, finding.message, findings: [finding])
    }
}
