internal import Agreements

/// What a trail says that it is: its top level, read and not believed.
struct TrailClaim {
    private static let memberNames: Set = [
        "format", "schemaVersion", "registry", "filter", "counts", "checkpoint", "findings", "rows",
    ]

    let members: [String: CanonicalJSON]
    /// Entries of the tree that it was made from.
    let size: Int64
    /// Hexadecimal, if it is what it should be.
    let root: String
    /// Nil for all agreements.
    let agreement: AgreementID?

    /// Nil, and a finding, when it cannot be told what the trail is of.
    init?(_ file: TrailFile, findings: inout [Finding]) {
        guard let members = file.members else {
            findings.append(.malformedTrail(file.fault ?? "it is not an object"))
            return nil
        }
        guard members["schemaVersion"]?.isSame(as: .integer(1)) == true else {
            findings.append(
                Finding(
                    "trail.version.unknown", .indeterminate, expected: "1",
                    actual: members["schemaVersion"]?.excerpt, "a trail of a version that this program does not know"))
            return nil
        }
        for key in members.keys.sorted() where !Self.memberNames.contains(key) {
            findings.append(.malformedTrail("a trail has no member '\(key)'", at: key))
        }
        guard let checkpoint = members["checkpoint"]?.membersByKey, checkpoint.count == 2,
            case .integer(let size)? = checkpoint["size"], size >= 0, case .string(let root)? = checkpoint["root"]
        else {
            findings.append(.malformedTrail("the checkpoint is not a size and a root", at: "checkpoint"))
            return nil
        }
        guard let filter = Self.filter(members["filter"]) else {
            findings.append(.malformedTrail("the filter is not an agreement's id or null", at: "filter"))
            return nil
        }
        self.members = members
        self.size = size
        self.root = root
        agreement = filter
    }

    var rootExcerpt: String { CanonicalJSON.string(root).excerpt }

    /// Nil when there is no such filter; nil within for all agreements.
    private static func filter(_ value: CanonicalJSON?) -> AgreementID?? {
        guard let members = value?.membersByKey, members.count == 1 else { return nil }
        switch members["agreement"] {
        case .null?: return .some(nil)
        case .string(let text)?: return AgreementID(text).map { .some($0) }
        default: return nil
        }
    }
}

extension Finding {
    static func malformedTrail(_ message: String, at path: String? = nil) -> Finding {
        Finding("trail.malformed", path: path, message)
    }

    /// That a kept checkpoint is of more entries than the trail: what it tells, it tells up to its own.
    static func endsBefore(_ keptSize: Int64, _ size: Int64) -> Finding {
        Finding(
            "trail.checkpoint.earlier", .warning, path: "checkpoint.size", expected: String(keptSize),
            actual: String(size), "the trail ends before the kept checkpoint: what came after is not in it")
    }
}
