internal import Foundation

extension FaultedRun {
    /// What is wrong with how the run ended; nil for nothing.
    ///
    /// - Parameter plain: the calls of a run without faults.
    package func wrongEnding(after fault: Fault, plain: [FileCall]) -> String? {
        switch run.status {
        case 0: calls.first(where: \.meetsFault).flatMap { consequence(of: $0, fault.kind, plain: plain) }
        default: fault.wrongFailure(run.status, told: run.standardError)
        }
    }

    /// Why the run may not say that all is done, though the call has failed; nil where it may.
    private func consequence(of call: FileCall, _ kind: Fault.Kind, plain: [FileCall]) -> String? {
        guard kind != .killed else { return "it outlived SIGKILL" }
        // The memory of an index is written as those of signers are: where it has not come about, it is what failed.
        let isOfSeal = call.path == "keys/private/temporary/*" && sealCount(calls) < sealCount(plain)
        guard call.isOfIndex || isOfSeal || call.mayFail else { return "it went on after \(call) had failed" }
        // Also where the folder could not be opened that was to be synced.
        return calls.wrongLack(of: plain)
    }

    private func sealCount(_ calls: [FileCall]) -> Int {
        calls.count { $0.name == "rename" && $0.path == FileCall.indexSeal }
    }
}

extension [FileCall] {
    /// What these calls of a run that went on lack; nil for nothing.
    ///
    /// - Parameter plain: those of a run without faults.
    package func wrongLack(of plain: [FileCall]) -> String? {
        var missing = plain.lasting
        for (call, count) in lasting { missing[call, default: 0] -= count }
        let names = missing.filter { $0.value > 0 }.keys.sorted()
        return names.isEmpty ? nil : "it went on without \(names.joined(separator: ", "))"
    }

    /// What makes something last, index aside, by how often it was done.
    private var lasting: [String: Int] {
        let lasting = filter { $0.makesLast && !$0.isOfIndex && !$0.meetsFault }
        return Dictionary(lasting.map { ($0.description, 1) }, uniquingKeysWith: +)
    }
}

extension Fault {
    /// What is wrong with the status and the words of a program that has ended of it; nil for nothing.
    package func wrongFailure(_ status: Int32, told: String) -> String? {
        let isRight =
            switch status {
            case -SIGKILL: kind == .killed
            // What waits for a witness that could not look is signed, and no error.
            case 3: told.contains("has not cosigned") && isTold(status, told)
            case 4 where call.path == "standard-error": kind != .killed
            default: told.contains("bitim: error: ") && isTold(status, told)
            }
        return isRight ? nil : "it ended with \(status): \(told)"
    }

    private func isTold(_ status: Int32, _ told: String) -> Bool {
        guard let reason = kind.reason else { return false }
        if status == 4, told.contains(reason) { return true }
        return call.isReading
            && Self.unread.contains { place, statuses, words in
                call.path.contains(place) && statuses.contains(status) && told.contains(words ?? reason)
            }
    }

    /// How a command tells what it could not read, where it tells what that is to it: by which status, and by which words
    /// where they are not the system's.
    private static let unread: [(place: String, statuses: Set<Int32>, words: String?)] = [
        // Damage, as an audit says too: nothing is added after it, or cosigned.
        ("ledger/tile/", [1, 3], nil), ("documents/", [3], nil), ("certificates", [3], nil),
        // What a mirror has taken in is audited, and not kept.
        ("copy", [1], nil), ("copy/ledger/tile/", [1], "is not the beginning of the full one"),
        ("copy/ledger/tile/", [1], "a tile of a published checkpoint is missing"),
        ("copy/checkpoints", [1], "a tile of a published checkpoint is missing"),
        // A witness that cannot tell which registry it is does not cosign.
        ("keys/identity", [3], nil),
        // A witness that cannot read its memory has not cosigned.
        (".state", [3], nil),
        // SQLite may call an index malformed that it could not read; the next run reads it.
        ("registry/state/index", [4], "the state of the ledger cannot be looked up"),
        // As good as not there: what rests on it does not hold.
        ("certificates", [1, 3], "is not held"), ("checkpoints", [1, 3], "no checkpoint of size"),
        ("checkpoints", [1], "is not registered before"), ("keys/private", [4], "the log's key is not in"),
    ]
}

extension Fault.Kind {
    /// The system's words for it; nil of a kill.
    fileprivate var reason: String? { self == .killed ? nil : String(cString: strerror(rawValue)) }
}

extension FileCall {
    fileprivate static let indexSeal = "keys/private/index.seal"

    /// A cache, which is made anew where it does not hold.
    fileprivate var isOfIndex: Bool { path.contains("state/index") || path == Self.indexSeal }

    package var makesLast: Bool { ["fsync", "fdatasync", "syncfs", "rename", "link"].contains(name) }

    /// Of what is there already.
    package var isReading: Bool { ["open", "opendir", "read", "pread"].contains(name) && !isOfTemporaryFile }

    /// Whether a command may do without the call.
    fileprivate var mayFail: Bool {
        switch name {
        // What was read is read, and what was written is synced, or not named yet.
        case "close": true
        // What need not be there, is read again where it is needed, or is written where it cannot be read.
        case "open", "opendir", "read", "pread": isReading
        // The second name of what has been linked, a pending checkpoint that is published by now, and what a mirror has
        // fetched: the next run looks at it again, and removes it.
        case "unlink": isOfTemporaryFile || path.hasSuffix("state/pending") || path.contains("state/incoming/")
        // A folder of partial tiles that may still hold some.
        case "rmdir": path.contains("ledger/tile/")
        default: false
        }
    }

    private var isOfTemporaryFile: Bool { path.hasSuffix("temporary/*") }
}
