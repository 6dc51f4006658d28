import Foundation
import Support

/// What `bitim audit --json` says, and what it ends with.
struct ProgramAudit: CustomStringConvertible {
    struct Finding: Decodable {
        let key: String
        let severity: String
        let path: String?
        let entry: Int64?
        let message: String
    }

    private struct Answer: Decodable {
        let verdict: String
        let entries: Int64
        let findings: [Finding]
    }

    let status: Int32
    let verdict: String
    let entries: Int64
    let findings: [Finding]

    init(_ run: CommandRun) throws {
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.standardOutput.utf8))
        (status, verdict, entries, findings) = (run.status, answer.verdict, answer.entries, answer.findings)
    }

    var faults: [Finding] { findings.filter { $0.severity != "warning" } }

    /// It says that something is wrong, or that something cannot be told, with the exit status that belongs to it, and why.
    var doesNotPass: Bool {
        ["failed": 1, "indeterminate": 3][verdict] == status && faults.contains { $0.severity == verdict }
    }

    var description: String { "\(verdict) \(status): \(faults.prefix(3))" }
}

extension ProgramFolder {
    func auditedByProgram(_ options: [String] = []) throws -> ProgramAudit {
        try ProgramAudit(run(["audit", "--json"] + options, status: nil))
    }
}
