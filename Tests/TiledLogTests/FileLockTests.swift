import Foundation
import Support
import Testing
import TiledLog

/// Between processes: the second one is the `flock` program.
@Suite struct FileLockTests {
    private let scratch = ScratchFolder()
    private var path: String { scratch.file("lock") }

    /// Whether another process gets the lock.
    private func isFreeForOthers() throws -> Bool {
        try CommandRun.run("/usr/bin/flock", ["--nonblock", path, "true"], folder: "/").status == 0
    }

    /// Runs the body while the lock is held, and tells it whether it is.
    private func locking<Result>(patienceSeconds: Double = 0, _ body: (Bool) throws -> Result) throws -> Result {
        let lock = try FileLock.acquire(path, patienceSeconds: patienceSeconds)
        switch lock {
        case .some(let lock):
            defer { extendLifetime(lock) }
            return try body(true)
        case nil:
            return try body(false)
        }
    }

    /// Waited for, too: what belongs to a process that was not is never given back.
    private func end(_ process: Process) {
        // A test's thread may have SIGTERM blocked, and its children with it.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    @Test func `A lock excludes another process until its holder lets it go`() throws {
        try locking { held in
            #expect(held)
            let isFree = try isFreeForOthers()
            #expect(!isFree)
        }
        #expect(try isFreeForOthers())
    }

    @Test func `A lock excludes a second holder in the same process`() throws {
        try locking { first in
            #expect(first)
            let second = try locking { $0 }
            #expect(!second)
        }
        let third = try locking { $0 }
        #expect(third)
    }

    @Test func `A lock is not had while another process has it, and dies with that process`() throws {
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        // Without a fork the killed process is the very one that holds the lock.
        other.arguments = ["--no-fork", path, "sh", "-c", "echo held; exec sleep 60"]
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        defer { end(other) }
        #expect(String(decoding: output.fileHandleForReading.readData(ofLength: 5), as: UTF8.self) == "held\n")
        let start = ContinuousClock.now
        let refused = try locking(patienceSeconds: 0.2) { !$0 }
        #expect(refused)
        #expect(ContinuousClock.now - start >= .milliseconds(180))
        end(other)
        let held = try locking(patienceSeconds: 5) { $0 }
        #expect(held)
    }

    @Test func `Patience is rewarded when the holder is done in time`() throws {
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        other.arguments = [path, "sh", "-c", "echo held; sleep 0.3"]
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        defer { other.waitUntilExit() }
        _ = output.fileHandleForReading.readData(ofLength: 5)
        let held = try locking(patienceSeconds: 30) { $0 }
        #expect(held)
    }

    @Test func `A program started while the lock is held does not inherit it`() throws {
        let child = try locking { held in
            #expect(held)
            return try Process.run(URL(fileURLWithPath: "/bin/sleep"), arguments: ["60"])
        }
        defer { end(child) }
        #expect(try isFreeForOthers())
    }

    @Test func `A link in the lock's place is refused`() throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: scratch.file("elsewhere"))
        #expect(throws: FileError.self) { _ = try FileLock.acquire(path, patienceSeconds: 0) }
        #expect(Files.kind(scratch.file("elsewhere")) == nil)
    }

    @Test(.hangLimit) func `A pipe in the lock's place does not hang`() throws {
        _ = try CommandRun.run("/usr/bin/mkfifo", [path], folder: "/")
        _ = try? FileLock.acquire(path, patienceSeconds: 0)
    }
}
