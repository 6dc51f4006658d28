import Foundation
import Glibc
import Support
import Testing

/// JSON of which a tree would take many times its size in memory is refused before there is one.
@Suite struct JSONBombTests {
    /// A sanitizer reserves more addresses than any limit allows.
    private static let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in dlsym(nil, name) != nil
    }
    private static let limitKilobytes = 300_000

    /// A copy of the shipped registry.
    private func folder() throws -> ScratchFolder {
        let scratch = ScratchFolder()
        for name in ["registry", "keys"] {
            try FileManager.default.copyItem(atPath: PackageRoot.file(name), toPath: scratch.file(name))
        }
        return scratch
    }

    private func run(_ arguments: String, _ scratch: ScratchFolder) throws -> CommandRun {
        let limit = Self.isSanitized ? "" : "ulimit -v \(Self.limitKilobytes); "
        return try CommandRun.run(
            "/bin/sh", ["-c", "\(limit)exec '\(CommandRun.program)' \(arguments)"], folder: scratch.path)
    }

    private func bomb(_ value: String, _ rest: String) -> String {
        "{\"agreements\":[],\"many\":[" + String(repeating: value + ",", count: 8_000_000 / (value.utf8.count + 1))
            + "0]"
            + rest + "}"
    }

    @Test(arguments: ["1", "[1]"])
    func `A file of countless values is refused in little memory`(value: String) throws {
        let scratch = try folder()
        try scratch.write(bomb(value, ""), to: "bomb.json")
        try scratch.write(bomb(value, ",\"format\":\"bitim-audit-trail\""), to: "trail.json")
        let document = try run("verify bomb.json", scratch)
        #expect(document.status == 1, "\(document.standardError)")
        #expect(document.standardOutput.contains("document.unknown"), "\(document.standardOutput)")
        let trail = try run("verify trail.json", scratch)
        #expect(trail.status == 1, "\(trail.standardError)")
        #expect(trail.standardOutput.contains("trail.malformed"), "\(trail.standardOutput)")
        #expect(trail.standardOutput.contains("are more than any sound file has"))
        let catalogue = try run("add --from bomb.json --sign KZ,UZ --yes", scratch)
        #expect(catalogue.status == 64, "\(catalogue.standardError)")
        #expect(catalogue.standardError.contains("bomb.json: "))
        #expect(catalogue.standardError.contains("are more than any sound file has"))
    }

    @Test func `A trail with an object of countless members is refused`() throws {
        let scratch = try folder()
        let members = (0..<1001).map { "\"a long name of the member \($0)\":0," }.joined()
        try scratch.write("{\(members)\"format\":\"bitim-audit-trail\"}", to: "trail.json")
        let trail = try run("verify trail.json", scratch)
        #expect(trail.status == 1)
        #expect(trail.standardOutput.contains("an object of more than 1000 members"), "\(trail.standardOutput)")
    }
}
