import Foundation
import Support
import Testing

/// The threat model names the tests that show what it says: each of them has to be there.
@Suite struct ThreatModelTests {
    @Test func `Every test that the threat model names is there`() throws {
        let named = Set(try Self.named(in: Self.page()))
        #expect(named.count > 40)
        let known = try Self.testNames()
        for name in named.sorted() {
            #expect(known.contains(name), "docs/threat-model.md names '\(name)', which is no test")
        }
    }

    @Test func `Every row of the threat model names a test that shows it, and so does what is left`()
        throws
    {
        let lines = try Self.page().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var rows = 0
        var tables = 0
        // A table is lines without a gap: its head, what divides it from the rest, and rows.
        for block in lines.split(whereSeparator: { !$0.hasPrefix("|") }) {
            tables += 1
            #expect(block.dropFirst().first?.hasPrefix("|---") ?? false, "no head: \(block.first ?? "")")
            for row in block.dropFirst(2) {
                rows += 1
                // In its last column.
                let last = row.split(separator: "|").last { !$0.allSatisfy(\.isWhitespace) } ?? ""
                #expect(!Self.named(in: String(last)).isEmpty, "docs/threat-model.md shows by no test: \(row)")
            }
        }
        #expect(tables > 6 && rows > 50, "\(tables) tables, \(rows) rows")
        let text = lines.joined(separator: " ")
        for start in ["What is left: the operator can refuse to add", "**All parties together**", "**A split view**"] {
            let end = text.range(of: start)?.upperBound
            let what = try #require(end.map { String(text[$0...].prefix(600)) }, "\(start)")
            #expect(!Self.named(in: what.components(separatedBy: " - **")[0]).isEmpty, "\(start)")
        }
    }

    private static func page() throws -> String {
        try String(contentsOfFile: PackageRoot.file("docs/threat-model.md"), encoding: .utf8)
    }

    /// A test's name is a sentence.
    private static func named(in text: String) -> [String] {
        text.matches(of: /`([A-Z][^`]* [^`]*)`/).map { String($0.output.1) }
    }

    private static func testNames() throws -> Set<String> {
        var names: Set<String> = []
        let tests = URL(fileURLWithPath: PackageRoot.file("Tests"))
        let files = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            names.formUnion(source.matches(of: /func `([^`]+)`/).map { String($0.output.1) })
            names.formUnion(source.matches(of: /@Test\(\s*"([^"]+)"/).map { String($0.output.1) })
        }
        return names
    }
}
