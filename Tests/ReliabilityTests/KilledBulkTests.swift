import Foundation
import Registry
import Support
import Testing

/// A bulk registration that is killed again and again registers everything once.
@Suite(.serialized) struct KilledBulkTests {
    @Test(.hangLimit)
    func `Of a bulk registration that is killed at random moments every record is there exactly once`() async throws {
        let folder = try ProgramFolder()
        let kills = Campaign.isWhole ? 1000 : 6
        var records = Campaign.isWhole ? 4000 : 1500
        try folder.write(Self.catalogue(records), to: "catalogue.json")
        let arguments = ["add", "--from", "catalogue.json", "--sign", "KZ,UZ", "--yes", "--quiet"]
        var random = SeededGenerator(seed: 1992)
        var killed = 0
        var runs = 0
        var longest = 4.0
        while killed < kills {
            runs += 1
            let start = ContinuousClock.now
            let running = try RunningProgram(arguments, folder: folder.path)
            let delay = longest * Double(random.next() % 10_000) / 10_000
            let end = start + .seconds(delay)
            while ContinuousClock.now < end, running.isRunning { try await Task.sleep(for: .milliseconds(1)) }
            if running.isRunning {
                running.kill()
                killed += 1
                if killed.isMultiple(of: 50) || killed < 3 {
                    let report = try await folder.audit()
                    #expect(report.verdict != .failed, "after \(killed) kills: \(report.findings.prefix(5))")
                }
            } else {
                // All of it is registered, and a run would have nothing to do any more: on with more.
                records += 20
                try folder.write(Self.catalogue(records), to: "catalogue.json")
                let took = (ContinuousClock.now - start).components
                longest = min(longest, 0.05 + 2 * (Double(took.seconds) + Double(took.attoseconds) / 1e18))
            }
        }
        try folder.run(arguments)
        let report = try await folder.audit()
        #expect(report.verdict == .passed, "\(report.findings.prefix(5))")
        #expect(report.entries == Int64(records) + folder.entries)
        #expect(report.agreements == records + 1)
        let listed = try folder.run(["list", "--quiet"]).standardOutput.split(separator: "\n").map(String.init)
        #expect(listed.count == records + 1)
        #expect(Set(listed) == Set(["OLD"] + (0..<records).map { "B-\($0)" }))
        print("killed: \(killed) of \(runs) runs of a bulk registration of \(records)")
    }

    private static func catalogue(_ count: Int) -> String {
        let records = (0..<count).map { number in
            """
            {"id":"B-\(number)","title":{"en":"Agreement \(number)"},"titleStatus":"original","kind":"agreement",\
            "parties":[{"party":"KZ"},{"party":"UZ"}],"concluded":{"date":"2025-11-15","place":"Tashkent"}}
            """
        }
        return "{\"agreements\":[\(records.joined(separator: ",\n"))]}\n"
    }
}
