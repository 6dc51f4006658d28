import Agreements
import Foundation
import Registry
import Support

/// Paths of a restricted document and of its key within a registry.
struct RestrictedPlace {
    let document: String
    let key: String

    init(_ document: Document) throws {
        guard let commitment = document.commitment else { throw CocoaError(.fileNoSuchFile) }
        self.document = RegistryFolder.restrictedName(commitment)
        key = RegistryFolder.restrictedKeyName(commitment)
    }
}

/// Every spelling in which something could give a restricted document away, looked for in files and output.
struct LeakSearch {
    /// By name.
    let needles: [String: [UInt8]]

    /// - Parameters:
    ///   - content: the document's bytes.
    ///   - phrase: a part of it that is nowhere else.
    init(content: [UInt8], phrase: String) {
        let digest = ContentDigest.of(content)
        needles = [
            "digest in hex": Array(digest.hex.utf8), "digest in HEX": Array(digest.hex.uppercased().utf8),
            "digest in base 64": Array(Data(digest.bytes).base64EncodedString().dropLast().utf8),
            "digest in base 64 for URLs": Array(
                Data(digest.bytes).base64EncodedString().dropLast().replacing("+", with: "-").replacing("/", with: "_")
                    .utf8),
            "digest in bytes": digest.bytes, "content": Array(phrase.utf8),
        ]
    }

    /// What is found in some output or a file.
    func found(in bytes: Data) -> [String] {
        needles.filter { bytes.range(of: Data($0.value)) != nil }.map(\.key).sorted()
    }

    /// What is found in a folder, in files and in their names: `path: needle`.
    func found(under folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).flatMap { path -> [String] in
            var places = found(in: Data(path.utf8))
            var isFolder: ObjCBool = false
            let full = "\(folder)/\(path)"
            if FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue {
                places += found(in: try Data(contentsOf: URL(fileURLWithPath: full)))
            }
            return places.map { "\(path): \($0)" }
        }.sorted()
    }
}
