import ArgumentParser
import Foundation
import Support
import Testing

@testable import BitimCommands

/// Command lines in pages that cannot be run as they stand: the program understands them all the same.
@Suite struct PagesTests {
    private static let pages = ["serving", "witness", "evidence", "two-capitals"]

    private static func lines(_ page: String) throws -> [String] {
        try String(contentsOfFile: PackageRoot.file("docs/\(page).md"), encoding: .utf8)
            .split(separator: "\n").map(String.init).filter { $0.hasPrefix("    bitim ") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test(arguments: pages) func `Every command of the page is one`(page: String) throws {
        let lines = try Self.lines(page)
        #expect(!lines.isEmpty)
        for line in lines {
            // An identity that is left out stands for any.
            let words = line.replacing("sha256:…", with: "sha256:\(String(repeating: "0", count: 64))")
                .split(separator: " ").dropFirst().map { String($0).replacing("\"", with: "") }
            do {
                _ = try BitimCommand.parseAsRoot(words)
            } catch {
                Issue.record("'\(line)': \(BitimCommand.message(for: error))")
            }
        }
    }

    @Test func `Units are hardened, start commands that there are, and keep secrets out of their lines`() throws {
        let folder = PackageRoot.file("packaging/systemd")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".service") }
        #expect(names.count >= 4)
        for name in names {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            for setting in [
                "NoNewPrivileges=yes", "PrivateTmp=yes", "ProtectSystem=strict", "ProtectHome=yes",
                "CapabilityBoundingSet=\n", "RestrictAddressFamilies=AF_INET AF_INET6", "User=",
            ] {
                #expect(text.contains(setting), "\(name): \(setting)")
            }
            let start = try #require(text.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
            let words = start.dropFirst("ExecStart=/usr/local/bin/bitim ".count)
                .replacing("%i", with: "KZ").replacing("${BITIM_MIRROR_URL}", with: "https://treaties.example")
                .split(separator: " ").map(String.init)
            #expect(start.hasPrefix("ExecStart=/usr/local/bin/bitim "))
            do {
                _ = try BitimCommand.parseAsRoot(words)
            } catch {
                Issue.record("\(name): \(BitimCommand.message(for: error))")
            }
        }
    }
}
