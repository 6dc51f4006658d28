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
        /// Of all runs.
        var environment: [String: String] = [:]
        /// How many the registry has before.
        var entries: Int64 = 2
        /// Which calls meet faults.
        var isTried: @Sendable (FileCall) -> Bool = { _ in true }
        let prepare: @Sendable (ProgramFolder) throws -> Void
        /// Before each run: an index is nobody's any more when its registry was put back.
        var settle: @Sendable (ProgramFolder) throws -> Void = { _ in }

        var testDescription: String { name }
    }

    private static let add = ["add"] + ProgramFolder.newAgreement
    /// One entry is lacking to a full tile.
    @Sendable private static func fillTile(_ folder: ProgramFolder) throws {
        let records = (3..<256).map { number in
            """
            {"id":"B-\(number)","title":{"en":"Agreement \(number)"},"titleStatus":"original","kind":"agreement",\
            "parties":[{"party":"KZ"},{"party":"UZ"}],"concluded":{"date":"2025-11-15","place":"Tashkent"}}
            """
        }
        try folder.write("{\"agreements\":[\(records.joined(separator: ","))]}\n", to: "catalogue.json")
        try folder.run(["add", "--from", "catalogue.json", "--sign", "KZ,UZ", "--yes", "--quiet"])
    }

    /// Of the ordinary run those that change something: reading meets its faults in the other commands.
    @Sendable private static func isChange(_ call: FileCall) -> Bool {
        Campaign.isWhole || !["open", "opendir", "read", "pread", "close"].contains(call.name)
    }

    private static let indexed = ["BITIM_TEST_INDEX_FROM": "1"]

    /// One that a writer goes on from.
    @Sendable private static func makeIndex(_ folder: ProgramFolder) throws {
        let run = try CommandRun.bitim(["publish"], folder: folder.path, environment: indexed)
        try #require(run.status == 0, "\(run.standardError)")
    }

    static let scenarios = [
        Scenario(
            name: "add", arguments: add,
            again: [add, ["publish"]]
        ) { _ in },
        Scenario(
            name: "record",
            arguments: ["record", "consented", "OLD", "--party", "KZ", "--means", "ratification", "--yes"],
            again: [["record", "consented", "OLD", "--party", "KZ", "--means", "ratification", "--yes"], ["publish"]]
        ) { _ in },
        Scenario(name: "publish", arguments: ["publish"], again: [["publish"]], prepare: { try $0.leavePending() }),
        Scenario(
            name: "cosign", arguments: ["cosign"], again: [["cosign"], ["publish"]], prepare: { try $0.leavePending() }),
        Scenario(
            name: "add that fills a tile, with an index", arguments: add,
            again: [add, ["publish"], ["show", "NEW"]],
            environment: indexed, entries: 255, isTried: isChange, prepare: fillTile, settle: makeIndex),
        Scenario(
            name: "publish, with an index", arguments: ["publish"], again: [["publish"], ["show", "NEW"]],
            environment: indexed, isTried: isChange, prepare: { _ in },
            settle: { folder in
                try makeIndex(folder)
                try folder.leavePending()
            }),
    ]

    /// All faults at all calls where everything is asked for; otherwise one in so many.
    @Test(.hangLimit, arguments: scenarios)
    func `Whatever call fails, nothing acknowledged is lost and a plain run goes on`(scenario: Scenario) async throws {
        let folder = try ProgramFolder()
        try scenario.prepare(folder)
        let pristine = try folder.kept()
        let entries = scenario.entries
        var plainCalls: [FileCall] = []
        let tally = try await FaultCampaign(step: Campaign.isWhole ? 1 : 100).run {
            try scenario.settle(folder)
            let plain = try FaultedRun(scenario.arguments, folder: folder.path, environment: scenario.environment)
            try #require(plain.run.status == 0, "\(plain.run.standardError)")
            plainCalls = plain.calls
            return plainCalls.filter(scenario.isTried)
        } inject: { fault in
            try pristine.restore()
            try scenario.settle(folder)
            let faulted = try FaultedRun(
                scenario.arguments, folder: folder.path, fault: fault, environment: scenario.environment)
            let place = "\(scenario.name): \(fault)"
            let isDone = faulted.run.status == 0
            #expect(faulted.wrongEnding(after: fault, plain: plainCalls) == nil, "\(place)")
            // Whoever looks now sees what was there, or that and the new entry; never something broken.
            let left = try await folder.audit()
            #expect(left.verdict != .failed, "\(place): \(left.findings)")
            #expect(left.entries >= entries && left.entries <= entries + 1, "\(place)")
            if isDone { #expect(left.treeSize == entries + 1, "\(place): it said that it was done") }
            for (number, arguments) in scenario.again.enumerated() {
                let run = try CommandRun.bitim(arguments, folder: folder.path, environment: scenario.environment)
                // What the log has signed already may be refused a second time; then it is published.
                let mayBeRefused = number + 1 < scenario.again.count && run.status == 1
                #expect(
                    run.status == 0 || mayBeRefused, "\(place): then \(arguments[0]): \(run.standardError)")
            }
            let after = try await folder.audit()
            #expect(after.verdict == .passed, "\(place): \(after.findings)")
            #expect(after.entries == entries + 1 && after.treeSize == entries + 1, "\(place)")
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
