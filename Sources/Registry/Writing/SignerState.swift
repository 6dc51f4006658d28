package import Agreements
internal import OpenSSLKit
package import TiledLog
internal import TransparencyLog

/// What a local signer of checkpoints signed last, for each log: durable before a signature leaves, and outside the
/// registry, so that restoring an older registry cannot make it sign a second history.
///
///     bitim-signer-state 1
///     registry.example/demonstration 20 0b01…  (the root, 64 hexadecimal digits)
///     end
package struct SignerState {
    package enum Signer: Hashable, Sendable, CustomStringConvertible {
        case log
        case witness(PartyID)
        /// Of a witness that checks nothing but that a log only grows.
        case plainWitness

        package var description: String {
            switch self {
            case .log: "log"
            case .witness(let party): "\(party)-witness"
            case .plainWitness: "plain-witness"
            }
        }

        /// Where its state lies, relative to the keys folder.
        package var stateName: String { "private/\(self).state" }

        /// From `log` or `KZ-witness`.
        package init?(_ text: String) {
            if text == "log" {
                self = .log
            } else if text == "plain-witness" {
                // No party's: their ids begin with a capital or a digit.
                self = .plainWitness
            } else if text.hasSuffix("-witness"), let party = PartyID(String(text.dropLast(8))) {
                self = .witness(party)
            } else {
                return nil
            }
        }
    }

    private static let header = "bitim-signer-state 1"
    private static let trailer = "end"
    private static let trailerAfterLoss = "end others unknown"

    package let signer: Signer
    private let keys: KeysFolder
    private var heads: [String: TreeHead]
    /// Whether a log that is not listed is one that was never signed for: not so after a memory was lost.
    private var knowsAll: Bool

    private static func name(_ signer: Signer) -> String { signer.stateName }

    /// The state of a key that has never signed anything. Only for a key that has just been made.
    package static func begin(_ keys: KeysFolder, signer: Signer) throws {
        let state = SignerState(signer: signer, keys: keys, heads: [:], knowsAll: true)
        try keys.files.create(name(signer), with: state.bytes, mode: 0o600)
    }

    /// Takes up what someone says by name to go on from, when the memory is lost or behind. One that is ahead knows of a
    /// signature that has left: going back would make it sign a second history.
    package static func resume(_ keys: KeysFolder, signer: Signer, origin: String, head: TreeHead) throws {
        try PrivateFiles.requireOwnMemory(signer.stateName, in: keys)
        var state: SignerState
        do {
            state = try SignerState(keys, signer: signer)
        } catch is RegistryError {
            state = SignerState(signer: signer, keys: keys, heads: [:], knowsAll: false)
        }
        let last = state.heads[origin] ?? .empty
        guard head.size > last.size || head == last else {
            throw RegistryError(
                .refused, "\(signer) remembers that it has signed \(last.size):\(last.root.hex), and does not go back",
                hint: "the registry here is an older copy, or another history: restore the one that was signed")
        }
        try state.remember(head, origin: origin)
    }

    private init(signer: Signer, keys: KeysFolder, heads: [String: TreeHead], knowsAll: Bool) {
        self.knowsAll = knowsAll
        self.signer = signer
        self.keys = keys
        self.heads = heads
    }

    /// - Throws: when the state is missing or damaged: the key must not sign then.
    package init(_ keys: KeysFolder, signer: Signer) throws {
        try PrivateFiles.requireOwnMemory(Self.name(signer), in: keys)
        let path = keys.fullPath(Self.name(signer))
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, maximumBytes: 1 << 20)
        } catch {
            // That it cannot be read at the moment is no reason to go on from somewhere else.
            if case .system = error.reason { throw error }
            throw RegistryError(
                .refused,
                "\(path) is missing or not a file: what \(signer) signed last is not known, so it signs nothing",
                hint: "restore the file, or say what to go on from: bitim keys resume \(signer) --tree SIZE:ROOT, "
                    + "as 'bitim status' shows size and root of what is published")
        }
        guard let (heads, knowsAll) = Self.parse(bytes) else {
            throw RegistryError(
                .refused, "\(path) is damaged: what \(signer) signed last is not known, so it signs nothing",
                hint: "restore the file, or say what to go on from: bitim keys resume \(signer) --tree SIZE:ROOT, "
                    + "as 'bitim status' shows size and root of what is published")
        }
        self.init(signer: signer, keys: keys, heads: heads, knowsAll: knowsAll)
    }

    /// The last tree of that log which was signed; the empty one when none was.
    package func head(origin: String) throws -> TreeHead {
        if let head = heads[origin] { return head }
        guard knowsAll else {
            throw RegistryError(
                .refused, "\(signer) has lost its memory once, and does not know what it signed for \(origin)",
                hint: "say what to go on from: bitim keys resume \(signer) --tree SIZE:ROOT, "
                    + "as 'bitim status' shows size and root of what is published")
        }
        return .empty
    }

    /// Whether nothing was ever signed with the key.
    package var isUnused: Bool { heads.isEmpty && knowsAll }

    /// Durable when it returns. Only then may the signature be given away.
    package mutating func remember(_ head: TreeHead, origin: String) throws {
        try Self.remember(head, origin: origin, as: [self], prepared: nil)
        heads[origin] = head
    }

    /// Of several signers at once. Durable when it returns; only then may their signatures be given away.
    static func remember(
        _ head: TreeHead, origin: String, as states: [SignerState], prepared: PreparedMemories?
    ) throws {
        var files: [String: PreparedFile] = [:]
        for state in states where files[state.signer.stateName] == nil {
            guard let bytes = state.bytes(remembering: head, origin: origin) else { continue }
            let name = state.signer.stateName
            files[name] =
                try prepared?.take(name, bytes)
                ?? state.keys.files.prepare(name, bytes, mode: 0o600, beforeBarrierOf: nil)
        }
        guard let folder = states.first?.keys.files else { return }
        try folder.replace(files.sorted { $0.key < $1.key }.map(\.value))
        // What is remembered already may be the work of a process that was killed before it was on disk.
        if files.isEmpty, let known = states.first { try folder.synchroniseName(known.signer.stateName) }
    }

    /// What stands on disk once the tree is remembered; nil when it is already.
    func bytes(remembering head: TreeHead, origin: String) -> [UInt8]? {
        guard heads[origin] != head else { return nil }
        var remembering = self
        remembering.heads[origin] = head
        return remembering.bytes
    }

    private var bytes: [UInt8] {
        let lines = heads.sorted { $0.key < $1.key }.map { origin, head in
            "\(origin) \(head.size) \(head.root.hex)"
        }
        return Array(
            ([Self.header] + lines + [knowsAll ? Self.trailer : Self.trailerAfterLoss]).joined(separator: "\n").utf8)
            + [0x0A]
    }

    /// As a memory that was read would be written again; nil for what is no memory.
    package static func reprinted(_ bytes: [UInt8]) -> [UInt8]? {
        parse(bytes).map { SignerState(signer: .log, keys: KeysFolder(path: ""), heads: $0, knowsAll: $1).bytes }
    }

    private static func parse(_ bytes: [UInt8]) -> (heads: [String: TreeHead], knowsAll: Bool)? {
        guard bytes.last == 0x0A, let text = String(validating: bytes.dropLast(), as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines.first == header[...], let last = lines.last,
            last == trailer[...] || last == trailerAfterLoss[...]
        else { return nil }
        var heads: [String: TreeHead] = [:]
        for line in lines.dropFirst().dropLast() {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count == 3, let size = Int64(fields[1]), size >= 0, String(size) == fields[1],
                let root = ContentDigest(hex: fields[2]).flatMap({ SHA256Digest($0.bytes) }),
                heads.updateValue(TreeHead(size: size, root: root), forKey: String(fields[0])) == nil
            else { return nil }
        }
        return (heads, last == trailer[...])
    }
}
