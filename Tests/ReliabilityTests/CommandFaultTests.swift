import Foundation
import Registry
import Support
import Testing
import TiledLog

/// Every file-system call of a command may fail, or be its last.
@Suite(.serialized) struct CommandFaultTests {
    /// A command, and the registry that it is run on.
    struct Scenario: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        /// Plain runs after the fault.
        let again: [[String]]
        let prepare: @Sendable (ProgramFolder) throws -> Void

        var testDescription: String { name }
    }

    private static let document = ["new.txt", "--title", "en=New", "--kind", "plan", "--sign", "KZ,UZ", "--yes"]
    private static let witnessKeys = ["KZ-witness.pem", "UZ-witness.pem"]

    /// One more entry, and the witnesses' keys were away when it was signed.
    @Sendable private static func leavePending(_ folder: ProgramFolder) throws {
        try folder.hide(witnessKeys)
        try folder.run(["add", "--id", "NEW"] + document, status: 3)
        try folder.bringBack(witnessKeys)
    }

    static let scenarios = [
        Scenario(
            name: "add", arguments: ["add", "--id", "NEW"] + document,
            again: [["add", "--id", "NEW"] + document, ["publish"]]
        ) { _ in },
        Scenario(
            name: "record",
            arguments: ["record", "consented", "OLD", "--party", "KZ", "--means", "ratification", "--yes"],
            again: [["record", "consented", "OLD", "--party", "KZ", "--means", "ratification", "--yes"], ["publish"]]
        ) { _ in },
        Scenario(name: "publish", arguments: ["publish"], again: [["publish"]], prepare: leavePending),
        Scenario(name: "cosign", arguments: ["cosign"], again: [["cosign"], ["publish"]], prepare: leavePending),
    ]

    /// All faults at all calls where everything is asked for; otherwise one in so many.
    @Test(.hangLimit, arguments: scenarios)
    func `Whatever call fails, nothing acknowledged is lost and a plain run goes on`(scenario: Scenario) async throws {
        let folder = try ProgramFolder()
        try scenario.prepare(folder)
        let pristine = try folder.kept()
        let tally = try await FaultCampaign(step: Campaign.isWhole ? 1 : 100).run {
            let plain = try FaultedRun(scenario.arguments, folder: folder.path)
            try #require(plain.run.status == 0, "\(plain.run.standardError)")
            return plain.calls
        } inject: { fault in
            try pristine.restore()
            let faulted = try FaultedRun(scenario.arguments, folder: folder.path, fault: fault)
            let place = "\(scenario.name): \(fault)"
            let isDone = faulted.run.status == 0
            if !isDone, faulted.run.status > 0 {
                // What waits for a witness that could not look is signed, and no error.
                let words = faulted.run.status == 3 ? "has not cosigned" : "error"
                let isSilenced = place.contains("standard-error")
                #expect(
                    isSilenced || faulted.run.standardError.contains(words), "\(place): \(faulted.run.standardError)")
            } else if !isDone {
                #expect(faulted.run.status == -SIGKILL && fault.kind == .killed, "\(place): \(faulted.run.status)")
            }
            // Whoever looks now sees what was there, or that and the new entry; never something broken.
            let left = try await folder.audit()
            #expect(left.verdict != .failed, "\(place): \(left.findings)")
            #expect(left.entries >= folder.entries && left.entries <= folder.entries + 1, "\(place)")
            if isDone { #expect(left.treeSize == folder.entries + 1, "\(place): it said that it was done") }
            for (number, arguments) in scenario.again.enumerated() {
                let run = try folder.run(arguments, status: nil)
                // What the log has signed already may be refused a second time; then it is published.
                let mayBeRefused = number + 1 < scenario.again.count && run.status == 1
                #expect(
                    run.status == 0 || mayBeRefused, "\(place): then \(arguments[0]): \(run.standardError)")
            }
            let after = try await folder.audit()
            #expect(after.verdict == .passed, "\(place): \(after.findings)")
            #expect(after.entries == folder.entries + 1 && after.treeSize == folder.entries + 1, "\(place)")
            #expect(try folder.temporaryFiles() == [], "\(place)")
            return (isDone ? .wentOn : .failed, faulted.calls)
        }
        print("faults: \(scenario.name): \(tally.words)")
        for unmet in tally.unmet { print("faults: \(scenario.name): not met: \(unmet)") }
        #expect(tally.injections > 0)
        #expect(tally.failed > 0)
        #expect(tally.unmet.isEmpty)
    }
}
