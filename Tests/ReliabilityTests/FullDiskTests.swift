import Foundation
import Registry
import Support
import Testing

/// A disk that is full: it is said, nothing is lost, and when there is room again it goes on.
@Suite(.serialized) struct FullDiskTests {
    /// A file system of 16 MB in memory, gone with its owner.
    private final class SmallDisk {
        let path: String

        init() throws {
            path = NSTemporaryDirectory() + "/bitim-disk-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let run = try CommandRun.run(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=16m", "bitim-test", path], folder: "/")
            guard run.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        }

        deinit {
            _ = try? CommandRun.run("/bin/umount", ["-l", path], folder: "/")
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private static let canMount = (try? SmallDisk()) != nil

    @Test(.hangLimit, .enabled(if: canMount, "mounting a file system takes root"))
    func `A full disk is said, costs nothing that was acknowledged, and adding goes on when there is room`()
        async throws
    {
        let disk = try SmallDisk()
        let folder = try ProgramFolder(in: disk.path)
        let size = 900_000
        // To be given back block by block.
        let ballast = "\(disk.path)/ballast"
        try Data(repeating: 1, count: 300 * 4096).write(to: URL(fileURLWithPath: ballast))
        var acknowledged: Set<String> = ["OLD"]
        func add(_ id: String, bytes: Int) throws -> CommandRun {
            // Outside: what is copied is the registry's, and its own place need not be on the same disk.
            let document = NSTemporaryDirectory() + "/\(UUID().uuidString).bin"
            defer { try? FileManager.default.removeItem(atPath: document) }
            try Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ id.hashValue) }).write(
                to: URL(fileURLWithPath: document))
            return try folder.run(
                ["add", document, "--id", id, "--title", "en=\(id)", "--kind", "plan", "--sign", "KZ,UZ", "--yes"],
                status: nil)
        }
        func expectFull(_ run: CommandRun, _ what: String) {
            #expect(run.status == 4, "\(what): \(run.status) \(run.standardError)")
            #expect(run.standardError.contains("No space left on device"), "\(what): \(run.standardError)")
            #expect(run.standardError.contains("bitim: hint: "), "\(what): \(run.standardError)")
        }
        /// Readable by everyone, whatever was cut short.
        func expectReadable(_ what: String) async throws {
            let report = try await folder.audit()
            #expect(report.verdict != .failed, "\(what): \(report.findings)")
            let listed = try folder.run(["list", "--quiet"]).standardOutput.split(separator: "\n").map(String.init)
            #expect(acknowledged.isSubset(of: listed), "\(what)")
        }
        var number = 0
        while true {
            number += 1
            let run = try add("F-\(number)", bytes: size)
            guard run.status == 0 else {
                expectFull(run, "F-\(number)")
                break
            }
            acknowledged.insert("F-\(number)")
            try #require(number < 100, "the disk does not get full")
        }
        #expect(number > 5)
        try await expectReadable("when it first was full")
        // Down to every last byte, and a little room at a time: each step of adding meets the end of the disk once.
        _ = try CommandRun.run("/bin/dd", ["if=/dev/zero", "of=\(disk.path)/rest", "bs=4096"], folder: "/")
        var failures = 0
        for room in 0..<60 {
            try #require(truncate(ballast, (300 - room) * 4096) == 0)
            let run = try add("S", bytes: 10)
            if run.status == 0 { break }
            expectFull(run, "with room for \(room) blocks")
            failures += 1
            try await expectReadable("with room for \(room) blocks")
        }
        #expect(failures > 3)
        for name in ["ballast", "rest"] { try FileManager.default.removeItem(atPath: "\(disk.path)/\(name)") }
        for id in ["F-\(number)", "T"] {
            let run = try add(id, bytes: 1000)
            #expect(run.status == 0, "\(id): \(run.standardError)")
            acknowledged.insert(id)
        }
        let report = try await folder.audit()
        // A document that was copied before the disk was full belongs to nothing yet: that is all there is to say.
        #expect(report.findings.allSatisfy { $0.key == "registry.file.unexpected" }, "\(report.findings)")
        #expect(report.verdict != .failed)
        try await expectReadable("at the end")
        print("full disk: \(number - 1) agreements until it was full, then refused \(failures) times")
    }
}
