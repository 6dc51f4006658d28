internal import Foundation

extension FaultedRun {
    /// What is wrong with how the run ended; nil for nothing.
    ///
    /// - Parameter plain: the calls of a run without faults.
    package func wrongEnding(after fault: Fault, plain: [FileCall]) -> String? {
        switch run.status {
        case 0: return calls.first(where: \.meetsFault).flatMap { consequence(of: $0, fault.kind, plain: plain) }
        case -SIGKILL: return fault.kind == .killed ? nil : "it was killed"
        case 1, 3, 4, 5:
            // What waits for a witness that could not look is signed, and no error.
            let isPending = run.status == 3 && run.standardError.contains("has not cosigned")
            let isSilenced = fault.call.path == "standard-error"
            let isTold = isPending || isSilenced || run.standardError.contains("bitim: error: ")
            return isTold ? nil : "it ended with \(run.status) without an error: \(run.standardError)"
        default: return "it ended with \(run.status): \(run.standardError)"
        }
    }

    /// Why the run may not say that all is done, though the call has failed; nil where it may.
    private func consequence(of call: FileCall, _ kind: Fault.Kind, plain: [FileCall]) -> String? {
        guard kind != .killed else { return "it outlived SIGKILL" }
        // The memory of an index is written as those of signers are: where it has not come about, it is what failed.
        let isOfSeal = call.path == "keys/private/temporary/*" && sealCount(calls) < sealCount(plain)
        guard call.isOfIndex || isOfSeal || call.mayFail else { return "it went on after \(call) had failed" }
        // Also where the folder could not be opened that was to be synced.
        var missing = lastingCalls(plain)
        for (call, count) in lastingCalls(calls) { missing[call, default: 0] -= count }
        let names = missing.filter { $0.value > 0 }.keys.sorted()
        return names.isEmpty ? nil : "it went on without \(names.joined(separator: ", "))"
    }

    private func sealCount(_ calls: [FileCall]) -> Int {
        calls.count { $0.name == "rename" && $0.path == FileCall.indexSeal }
    }

    /// What makes something last, index aside, by how often it was done.
    private func lastingCalls(_ calls: [FileCall]) -> [String: Int] {
        let names: Set = ["fsync", "fdatasync", "syncfs", "rename", "link"]
        let lasting = calls.filter { names.contains($0.name) && !$0.isOfIndex && !$0.meetsFault }
        return Dictionary(lasting.map { ($0.description, 1) }, uniquingKeysWith: +)
    }
}

extension FileCall {
    fileprivate static let indexSeal = "keys/private/index.seal"

    /// A cache, which is made anew where it does not hold.
    fileprivate var isOfIndex: Bool { path.contains("state/index") || path == Self.indexSeal }

    /// Whether a command may do without the call.
    fileprivate var mayFail: Bool {
        switch name {
        // What was read is read, and what was written is synced, or not named yet.
        case "close": true
        // What need not be there, is read again where it is needed, or is written where it cannot be read.
        case "open", "opendir": !isOfTemporaryFile
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
