import Foundation
import Support
import Testing
import TiledLog

/// Reading what nobody vouches for.
@Suite struct FileReadingTests {
    private let scratch = ScratchFolder()

    private func reason(_ name: String, maximumBytes: Int = 100) -> FileError.Reason? {
        #expect(throws: FileError.self) { try Files.read(scratch.file(name), maximumBytes: maximumBytes) }?.reason
    }

    @Test func `A regular file is read whole, an empty one too`() throws {
        try scratch.write([], to: "empty")
        try scratch.write([1, 2, 3], to: "three")
        #expect(try Files.read(scratch.file("empty"), maximumBytes: 0) == [])
        #expect(try Files.read(scratch.file("three"), maximumBytes: 3) == [1, 2, 3])
    }

    @Test func `A file of more bytes than allowed is refused`() throws {
        try scratch.write([UInt8](repeating: 1, count: 101), to: "long")
        #expect(reason("long") == .tooLarge(maximumBytes: 100))
        #expect(reason("long", maximumBytes: 0) == .tooLarge(maximumBytes: 0))
        // Sparse, of a terabyte: refused by its size, not read.
        _ = try CommandRun.run("/usr/bin/truncate", ["-s", "1T", scratch.file("sparse")], folder: "/")
        #expect(reason("sparse") == .tooLarge(maximumBytes: 100))
    }

    @Test func `What says that it is empty and is not is refused by what it gives`() {
        // Files of /proc have the size 0.
        let error = #expect(throws: FileError.self) { try Files.read("/proc/self/maps", maximumBytes: 10) }
        #expect(error?.reason == .tooLarge(maximumBytes: 10))
    }

    @Test func `A missing file is told from one that cannot be read`() throws {
        #expect(reason("missing") == .notFound)
        #expect(reason("missing/below") == .notFound)
        try scratch.write("x", to: "file")
        #expect(reason("file/below") != nil)
    }

    @Test(.hangLimit, arguments: ["folder", "link", "dangling", "pipe", "loop", "/dev/zero", "/dev/tty"])
    func `What is no regular file is refused at once`(kind: String) throws {
        let path = kind.hasPrefix("/") ? kind : scratch.file(kind)
        switch kind {
        case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        case "link":
            try scratch.write("x", to: "target")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: scratch.file("target"))
        case "dangling": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere")
        case "loop": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        case "pipe": _ = try CommandRun.run("/usr/bin/mkfifo", [path], folder: "/")
        default: break
        }
        let error = #expect(throws: FileError.self) { try Files.read(path, maximumBytes: 1 << 20) }
        // A terminal may not be there at all.
        if kind != "/dev/tty" { #expect(error?.reason == .notRegular) }
        if !kind.hasPrefix("/") {
            #expect(Files.kind(path) == (kind == "folder" ? .folder : .other))
            #expect(throws: FileError.self) { try Files.attributes(path) }
        }
    }

    @Test func `A stream hands over every byte in order, in chunks of the size asked for`() throws {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try scratch.write(bytes, to: "file")
        var seen: [UInt8] = []
        var longest = 0
        let size = try Files.stream(scratch.file("file"), chunkBytes: 999) {
            seen += $0
            longest = max(longest, $0.count)
        }
        #expect(size == 10_000)
        #expect(seen == bytes)
        #expect(longest == 999)
    }

    @Test func `Names are sorted by their bytes, whatever they are`() throws {
        for name in ["b", "a", "B", "ä", ".hidden", "a b", "\u{202E}x"] { try scratch.write("x", to: "names/\(name)") }
        #expect(try Files.names(in: scratch.file("names")) == [".hidden", "B", "a", "a b", "b", "ä", "\u{202E}x"])
        #expect(throws: FileError.self) { try Files.names(in: scratch.file("nowhere")) }
    }
}
