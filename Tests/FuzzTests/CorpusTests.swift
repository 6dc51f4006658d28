import Foundation
import FuzzProperties
import Support
import Testing

/// What fuzzing has found worth keeping is held against every build: docs/reliability.md.
@Suite(.hangLimit) struct CorpusTests {
    private static func files(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let path = PackageRoot.file(folder)
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { name in
            (name, try Array(Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))))
        }
    }

    @Test(arguments: ParserProperty.all.map(\.name))
    func `What the corpus holds is taken and printed as it was, or refused`(name: String) throws {
        let property = try #require(ParserProperty.named(name))
        var taken = 0
        for (file, bytes) in try Self.files("Fuzz/Corpus/\(name)") {
            do {
                if try property.check(bytes) { taken += 1 }
            } catch {
                Issue.record("\(name)/\(file): \(error)")
            }
        }
        // A corpus of which nothing is taken leads a fuzzer nowhere.
        #expect(taken > 0)
    }

    /// `make corpus` takes every byte of every input; the ordinary run some 150 of each that the corpus began with.
    @Test(arguments: ParserProperty.all.map(\.name))
    func `No changed, removed or doubled byte of a good input breaks the property`(name: String) throws {
        let property = try #require(ParserProperty.named(name))
        var count = 0
        for (file, bytes) in try Self.files("Fuzz/Corpus/\(name)") where Campaign.isWhole || file.hasPrefix("seed-") {
            for position in stride(from: 0, to: bytes.count, by: Campaign.isWhole ? 1 : max(1, bytes.count / 150)) {
                var changed = bytes
                changed[position] ^= 1 << UInt8(position % 8)
                var removed = bytes
                removed.remove(at: position)
                var doubled = bytes
                doubled.insert(bytes[position], at: position)
                let cut = Array(bytes.prefix(position))
                for (kind, input) in [("changed", changed), ("removed", removed), ("doubled", doubled), ("cut", cut)] {
                    count += 1
                    do {
                        _ = try property.check(input)
                    } catch {
                        Issue.record("\(name)/\(file): byte \(position) \(kind): \(error)")
                    }
                }
            }
        }
        print("corpus: \(name): \(count) inputs")
    }

    /// Each file is an input that once broke a parser's property.
    @Test(arguments: ParserProperty.all.map(\.name))
    func `What was found once does not come back`(name: String) throws {
        let property = try #require(ParserProperty.named(name))
        for (file, bytes) in try Self.files("Fuzz/Found/\(name)") {
            #expect(throws: Never.self, "\(name)/\(file)") { _ = try property.check(bytes) }
        }
    }

    @Test func `Every folder of a corpus is a parser's, and every parser has one`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: PackageRoot.file("Fuzz/Corpus"))
        #expect(folders.sorted() == ParserProperty.all.map(\.name).sorted())
    }
}
