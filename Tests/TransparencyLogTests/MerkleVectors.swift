import Foundation
import Testing

/// The proofs published by transparency-dev/merkle, which lie beside the package's folder on some machines only.
enum MerkleVectors {
    static let folder: URL? = {
        let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["BITIM_VECTORS"].map { URL(filePath: $0) }
        let folder = (named ?? packageRoot.appending(path: "../shared/vectors")).appending(path: "merkle")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static var arePresent: Bool { folder != nil }

    // Read where they are used, and not kept until the process ends: LeakSanitizer does not see what the marked pointers
    // of Data hold.
    static var inclusion: [String] { paths("inclusion") }
    static var consistency: [String] { paths("consistency") }

    struct Inclusion: Decodable, Sendable {
        let leafIdx: UInt64
        let treeSize: UInt64
        let root: Data
        let leafHash: Data
        let proof: [Data]?
        let wantErr: Bool
    }

    struct Consistency: Decodable, Sendable {
        let size1: UInt64
        let size2: UInt64
        let root1: Data
        let root2: Data
        let proof: [Data]?
        let wantErr: Bool
    }

    /// Relative to the folder.
    private static func paths(_ kind: String) -> [String] {
        guard let folder = folder?.appending(path: kind),
            let files = FileManager.default.enumerator(atPath: folder.path)
        else { return [] }
        return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.map { "\(kind)/\($0)" }.sorted()
    }

    static func read<Vector: Decodable>(_ path: String) throws -> Vector {
        let folder = try #require(folder)
        return try JSONDecoder().decode(Vector.self, from: Data(contentsOf: folder.appending(path: path)))
    }
}
