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

    static let inclusion: [Case<Inclusion>] = cases("inclusion")
    static let consistency: [Case<Consistency>] = cases("consistency")

    struct Case<Vector: Decodable & Sendable>: Sendable, CustomTestStringConvertible {
        let path: String
        let vector: Vector
        var testDescription: String { path }
    }

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

    private static func cases<Vector: Decodable>(_ kind: String) -> [Case<Vector>] {
        guard let folder = folder?.appending(path: kind),
            let files = FileManager.default.enumerator(atPath: folder.path)
        else { return [] }
        return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted().compactMap { path in
            guard let data = FileManager.default.contents(atPath: folder.appending(path: path).path) else { return nil }
            guard let vector = try? JSONDecoder().decode(Vector.self, from: data) else { return nil }
            return Case(path: path, vector: vector)
        }
    }
}
