import Foundation
import Support
import Testing

/// The threat model names the tests that show what it says: each of them has to be there.
@Suite struct ThreatModelTests {
    @Test func `Every test that the threat model names is there`() throws {
        let page = try String(contentsOfFile: PackageRoot.file("docs/threat-model.md"), encoding: .utf8)
        let named = Set(page.matches(of: /`([A-Z][^`]* [^`]*)`/).map { String($0.output.1) })
        #expect(named.count > 40)
        let known = try Self.testNames()
        for name in named.sorted() {
            #expect(known.contains(name), "docs/threat-model.md names '\(name)', which is no test")
        }
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
