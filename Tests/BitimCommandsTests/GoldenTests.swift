import Agreements
import Foundation
import Support
import Testing

/// Registries that earlier versions of the formats made, and what was said of them: both stay as they are.
@Suite struct GoldenTests {
    static let folder = PackageRoot.file("Tests/BitimCommandsTests/Golden")
    static let versions = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

    private static let cases: [(file: String, arguments: [String])] = [
        ("audit.json", ["audit", "--json", "-q"]),
        ("list.json", ["list", "--json", "-q"]),
        ("list.tsv", ["list"]),
        ("show-G-1.json", ["show", "G-1", "--json", "-q"]),
        ("verify-contract.json", ["verify", "contract.txt", "--json", "-q"]),
        ("keys.json", ["keys", "list", "--json", "-q"]),
        ("trail.json", ["export", "-q"]),
        ("trail.csv", ["export", "--format", "csv", "-q"]),
        ("G-1.cms", ["export", "G-1", "--format", "cms", "-q", "-o", "-"]),
    ]

    /// Which they are, the readers are asked: what a reader does not call unknown, well formed or not, it has to go on reading.
    @Test func `There is a golden registry, with drafts, of every version that is read`() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/v1/drafts/half-signed.draft", encoding: .utf8)
        let draft = try DraftFile(bytes: Array(text.utf8))
        let place = try #require(text.range(of: "\"version\":1}", options: .backwards))
        let content = String(decoding: draft.statement.canonicalBytes, as: UTF8.self).dropLast("1}".count)
        for number in 1...20 {
            let numbered = text.replacingCharacters(in: place, with: "\"version\":\(number)}")
            let isDraft = Self.isKnown { _ = try DraftFile(bytes: Array(numbered.utf8)) }
            let isStatement = Self.isKnown {
                let statement = try Statement(canonicalBytes: Array("\(content)\(number)}".utf8))
                if case .unrecognised = statement.event { throw StatementError("not known") }
            }
            let version = "v\(number)"
            #expect(Self.versions.contains(version) == (isDraft || isStatement), "\(version)")
            let drafts = "\(Self.folder)/\(version)/drafts"
            #expect(FileManager.default.fileExists(atPath: drafts) == isDraft, "\(drafts)")
        }
    }

    private static func isKnown(_ read: () throws -> Void) -> Bool {
        do {
            try read()
            return true
        } catch {
            return !"\(error)".contains("not known")
        }
    }

    @Test(arguments: versions, cases.indices)
    func `What was written then is read now, and the same is said of it`(version: String, number: Int) throws {
        let (file, arguments) = Self.cases[number]
        let folder = "\(Self.folder)/\(version)"
        let run = try CommandRun.bitim(arguments, folder: folder)
        #expect(run.status == 0, "\(run.standardError)")
        let expected = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/expected/\(file)"))
        let actual = Data(run.standardOutput.utf8)
        if file == "audit.json" {
            // The one figure that is another each time.
            let timeless = run.standardOutput.replacing(/"seconds":[0-9.]+,/, with: "\"seconds\":0,")
            #expect(timeless == String(decoding: expected, as: UTF8.self))
        } else if file == "G-1.cms" {
            // Not UTF-8: as text it differs only where both have lost the same bytes.
            #expect(run.standardOutput == String(decoding: expected, as: UTF8.self))
        } else {
            #expect(actual == expected, "\(run.standardOutput)")
        }
    }
}
