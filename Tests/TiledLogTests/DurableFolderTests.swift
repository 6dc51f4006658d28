import Foundation
import Support
import Testing
import TiledLog

/// The verbs that write: all of a file or nothing of it.
@Suite struct DurableFolderTests {
    private let scratch = ScratchFolder()
    private var folder: DurableFolder {
        DurableFolder(path: scratch.file("here"), temporaryFolder: scratch.file("here/state/temporary"))
    }

    private func read(_ name: String) throws -> [UInt8] { try Files.read(folder.fullPath(name), maximumBytes: 1 << 20) }
    private func expectNothingTemporary() throws {
        guard Files.kind(scratch.file("here/state/temporary")) != nil else { return }
        #expect(try Files.names(in: scratch.file("here/state/temporary")) == [])
    }

    enum Verb: CaseIterable {
        case replace, create, place, placeCopy

        /// Whether it puts other bytes in the place of what is there.
        var overwrites: Bool { self != .create }

        func write(_ bytes: [UInt8], to name: String, in folder: DurableFolder, _ scratch: ScratchFolder) throws {
            switch self {
            case .replace: try folder.replace(name, with: bytes)
            case .create: try folder.create(name, with: bytes)
            case .place: try folder.place(name, bytes)
            case .placeCopy:
                try scratch.write(bytes, to: "source")
                var seen: [UInt8] = []
                let placed = try folder.placeCopy(name, of: scratch.file("source")) {
                    seen += $0
                } isWanted: {
                    seen == bytes
                }
                #expect(placed)
                #expect(seen == bytes)
            }
        }
    }

    @Test(arguments: Verb.allCases, [0, 1, 65_536, 1_048_577 * 2])
    func `A file is whole when the verb returns, its folders are made and nothing temporary stays`(
        verb: Verb, count: Int
    ) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try verb.write(bytes, to: "a/b/c", in: folder, scratch)
        #expect(try Files.read(folder.fullPath("a/b/c"), maximumBytes: count) == bytes)
        #expect(try Files.attributes(folder.fullPath("a/b/c")).mode == 0o644)
        #expect(try Files.names(in: folder.fullPath("a/b")) == ["c"])
        try expectNothingTemporary()
    }

    @Test(arguments: Verb.allCases)
    func `What was there is replaced whole, or not at all when the name must be free`(verb: Verb) throws {
        try folder.replace("name", with: [1, 2, 3])
        if verb.overwrites {
            try verb.write([4], to: "name", in: folder, scratch)
            #expect(try read("name") == [4])
        } else {
            #expect(throws: FileError(path: folder.fullPath("name"), operation: "create", reason: .exists)) {
                try verb.write([4], to: "name", in: folder, scratch)
            }
            #expect(try read("name") == [1, 2, 3])
        }
        try expectNothingTemporary()
    }

    @Test(arguments: Verb.allCases)
    func `A link at the name is never written through`(verb: Verb) throws {
        try scratch.write("elsewhere", to: "elsewhere")
        try folder.makeFolder(folder.path, mode: 0o755)
        try FileManager.default.createSymbolicLink(
            atPath: folder.fullPath("name"), withDestinationPath: scratch.file("elsewhere"))
        if verb.overwrites {
            try verb.write([4], to: "name", in: folder, scratch)
            #expect(try read("name") == [4])
            #expect(Files.kind(folder.fullPath("name")) == .regular)
        } else {
            #expect(throws: FileError.self) { try verb.write([4], to: "name", in: folder, scratch) }
        }
        #expect(try Files.read(scratch.file("elsewhere"), maximumBytes: 100) == Array("elsewhere".utf8))
        try expectNothingTemporary()
    }

    @Test(arguments: Verb.allCases)
    func `A dangling link is something that is there`(verb: Verb) throws {
        guard !verb.overwrites else { return }
        try folder.makeFolder(folder.path, mode: 0o755)
        try FileManager.default.createSymbolicLink(
            atPath: folder.fullPath("name"), withDestinationPath: scratch.file("nowhere"))
        #expect(throws: FileError.self) { try verb.write([4], to: "name", in: folder, scratch) }
        #expect(Files.kind(scratch.file("nowhere")) == nil)
    }

    @Test(arguments: Verb.allCases)
    func `A folder at the name is refused, and stays as it was`(verb: Verb) throws {
        try scratch.write("inside", to: "here/name/inside")
        #expect(throws: FileError.self) { try verb.write([4], to: "name", in: folder, scratch) }
        #expect(try Files.names(in: folder.fullPath("name")) == ["inside"])
        try expectNothingTemporary()
    }

    @Test(arguments: Verb.allCases)
    func `A file where a folder should be is refused, and stays as it was`(verb: Verb) throws {
        try scratch.write("a file", to: "here/a")
        #expect(throws: FileError.self) { try verb.write([4], to: "a/b", in: folder, scratch) }
        #expect(try read("a") == Array("a file".utf8))
        try expectNothingTemporary()
    }

    @Test(arguments: Verb.allCases)
    func `A linked folder on the way is not gone through`(verb: Verb) throws {
        try folder.makeFolder(folder.path, mode: 0o755)
        try scratch.write("x", to: "other/deep/x")
        try FileManager.default.createSymbolicLink(
            atPath: folder.fullPath("a"), withDestinationPath: scratch.file("other"))
        for name in ["a/b", "a/deep/b", "a/new/b"] {
            #expect(throws: FileError.self, "\(name)") { try verb.write([4], to: name, in: folder, scratch) }
        }
        folder.remove("a/deep/x")
        #expect(throws: FileError.self) { try folder.removeAll("a/deep") }
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: scratch.file("other")).sorted() == ["deep", "deep/x"])
    }

    @Test(arguments: [0o600, 0o644, 0o444] as [UInt32])
    func `Modes are what was asked for`(mode: UInt32) throws {
        try folder.replace("first", with: [1], mode: mode)
        #expect(try Files.attributes(folder.fullPath("first")).mode == mode)
        try folder.place("second", [1], mode: mode)
        #expect(try Files.attributes(folder.fullPath("second")).mode == mode)
        try folder.create("third", with: [1], mode: mode)
        #expect(try Files.attributes(folder.fullPath("third")).mode == mode)
    }

    @Test func `Secrets lie in folders of their owner's alone`() throws {
        try folder.replace("private/key", with: [1], mode: 0o600)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.fullPath("private"))
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        let temporary = try FileManager.default.attributesOfItem(atPath: scratch.file("here/state/temporary"))
        #expect(temporary[.posixPermissions] as? Int == 0o700)
    }

    @Test func `Bytes that are there already are not written again`() throws {
        try folder.place("name", [1, 2, 3])
        let before =
            try FileManager.default.attributesOfItem(atPath: folder.fullPath("name"))[.systemFileNumber] as? Int
        try folder.place("name", [1, 2, 3])
        let after = try FileManager.default.attributesOfItem(atPath: folder.fullPath("name"))[.systemFileNumber] as? Int
        #expect(before == after)
        // A longer file that begins so is another one.
        try folder.place("name", [1, 2])
        #expect(try read("name") == [1, 2])
    }

    @Test func `A read-only file gives way to its successor`() throws {
        try folder.place("tile", [1], mode: 0o444)
        try folder.place("tile", [2], mode: 0o444)
        #expect(try read("tile") == [2])
        #expect(try Files.attributes(folder.fullPath("tile")).mode == 0o444)
    }

    @Test func `A copy that is not wanted in the end leaves nothing`() throws {
        try scratch.write([1, 2, 3], to: "source")
        let placed = try folder.placeCopy("a/name", of: scratch.file("source")) { _ in
        } isWanted: {
            false
        }
        #expect(!placed)
        #expect(Files.kind(folder.fullPath("a/name")) == nil)
        try folder.replace("a/name", with: [9])
        _ = try folder.placeCopy("a/name", of: scratch.file("source")) { _ in
        } isWanted: {
            false
        }
        #expect(try read("a/name") == [9])
        try expectNothingTemporary()
    }

    @Test(arguments: ["missing", "folder", "pipe"])
    func `A copy of what is no file fails and leaves nothing`(source: String) throws {
        try FileManager.default.createDirectory(atPath: scratch.file("folder"), withIntermediateDirectories: true)
        _ = try CommandRun.run("/usr/bin/mkfifo", [scratch.file("pipe")], folder: "/")
        #expect(throws: FileError.self) {
            try folder.placeCopy("name", of: scratch.file(source)) { _ in
            } isWanted: {
                true
            }
        }
        #expect(Files.kind(folder.fullPath("name")) == nil)
        try expectNothingTemporary()
    }

    @Test func `A copy follows a link to its source, for a user may name one`() throws {
        try scratch.write([1, 2, 3], to: "real")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("link"), withDestinationPath: scratch.file("real"))
        #expect(
            try folder.placeCopy("name", of: scratch.file("link")) { _ in
            } isWanted: {
                true
            })
        #expect(try read("name") == [1, 2, 3])
        #expect(Files.kind(folder.fullPath("name")) == .regular)
    }

    @Test func `Making a folder is idempotent, makes its parents and never takes a file or a link for one`() throws {
        try folder.makeFolder(scratch.file("here/a/b/c"), mode: 0o755)
        try folder.makeFolder(scratch.file("here/a/b/c"), mode: 0o755)
        #expect(Files.kind(scratch.file("here/a/b/c")) == .folder)
        try scratch.write("x", to: "here/file")
        #expect(throws: FileError.self) { try folder.makeFolder(scratch.file("here/file"), mode: 0o755) }
        #expect(throws: FileError.self) { try folder.makeFolder(scratch.file("here/file/under"), mode: 0o755) }
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("here/link"), withDestinationPath: scratch.file("here/a"))
        #expect(throws: FileError.self) { try folder.makeFolder(scratch.file("here/link"), mode: 0o755) }
    }

    @Test func `Sweeping removes what a killed process left, and nothing else`() throws {
        try folder.replace("kept", with: [1])
        try scratch.write("half", to: "here/state/temporary/123-456")
        try scratch.write("half", to: "here/state/temporary/another")
        try scratch.write("mine", to: "here/state/pending")
        try folder.sweepTemporaryFiles()
        try expectNothingTemporary()
        #expect(try read("kept") == [1])
        #expect(try read("state/pending") == Array("mine".utf8))
        // Where there is nothing to sweep, nothing happens.
        try DurableFolder(path: scratch.file("new"), temporaryFolder: scratch.file("new/temporary"))
            .sweepTemporaryFiles()
        #expect(Files.kind(scratch.file("new")) == nil)
    }

    @Test func `Sweeping does not follow a link`() throws {
        try scratch.write("precious", to: "elsewhere/precious")
        try folder.makeFolder(scratch.file("here/state"), mode: 0o755)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("here/state/temporary"), withDestinationPath: scratch.file("elsewhere"))
        try folder.sweepTemporaryFiles()
        #expect(try Files.names(in: scratch.file("elsewhere")) == ["precious"])
    }

    @Test func `Readers beside a writer see the old bytes or the new ones, never a part`() async throws {
        let old = [UInt8](repeating: 1, count: 100_000)
        let new = [UInt8](repeating: 2, count: 150_000)
        try folder.replace("name", with: old)
        let folder = folder
        let path = folder.fullPath("name")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<40 { try folder.replace("name", with: round.isMultiple(of: 2) ? new : old) }
            }
            group.addTask {
                for _ in 0..<400 {
                    let seen = try Files.read(path, maximumBytes: 1 << 20)
                    #expect(seen == old || seen == new)
                }
            }
            try await group.waitForAll()
        }
    }
}
