internal import Glibc
internal import TiledLog
internal import TransparencyLog

/// Leaves and documents of a registry, read plainly and believed: what the limits are measured over.
enum LedgerBytes {
    static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw BenchError("\(path) cannot be read") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let count = ftell(file)
        rewind(file)
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = fread(buffer.baseAddress, 1, count, file)
            guard filled == count else { throw BenchError("\(path) cannot be read") }
        }
    }

    static func bundles(of registry: String) throws -> [TilePath] {
        let note = try SignedNote(parsing: read("\(registry)/ledger/checkpoint"))
        return Array(TilePath.bundles(forSize: try Checkpoint(parsing: note.text).size))
    }

    static func leaves(of bundle: TilePath, in registry: String) throws -> [[UInt8]] {
        let bytes = try read("\(registry)/ledger/\(bundle.path)")
        var leaves: [[UInt8]] = []
        var position = 0
        while position + 2 <= bytes.count, leaves.count < bundle.width {
            let end = position + 2 + Int(bytes[position]) << 8 + Int(bytes[position + 1])
            leaves.append(Array(bytes[(position + 2)..<end]))
            position = end
        }
        return leaves
    }

    /// SignedData one after the other, as `bitim-bench generate --entries` writes them.
    static func leaves(ofFile path: String) throws -> [[UInt8]] {
        let bytes = try read(path)
        var leaves: [[UInt8]] = []
        var position = 0
        while position + 4 <= bytes.count {
            // A leaf is always longer than 127 bytes.
            let lengthBytes = Int(bytes[position + 1] & 0x7F)
            let length = bytes[(position + 2)..<(position + 2 + lengthBytes)].reduce(0) { $0 << 8 | Int($1) }
            let end = position + 2 + lengthBytes + length
            leaves.append(Array(bytes[position..<end]))
            position = end
        }
        return leaves
    }

    /// The first `count` leaves of a registry, or all of a file of entries.
    static func leaves(registry: String, entries: String?, count: Int) async throws -> [[UInt8]] {
        if let entries { return Array(try leaves(ofFile: entries).prefix(count)) }
        let bundles = try bundles(of: registry).prefix(count / TilePath.fullWidth + 1)
        let parts = try await Parallel.map(0..<bundles.count, pieces: Parallel.coreCount) { piece in
            try piece.flatMap { try leaves(of: bundles[$0], in: registry) }
        }
        return Array(parts.joined().prefix(count))
    }

    static func names(in folder: String) throws -> [String] {
        try Files.names(in: folder).filter { !$0.hasPrefix(".") }
    }

    static func documents(of registry: String) throws -> [String] {
        let folder = "\(registry)/documents"
        guard access(folder, R_OK) == 0 else { return [] }
        return try names(in: folder).flatMap { part in
            try names(in: "\(folder)/\(part)").map { "\(folder)/\(part)/\($0)" }
        }
    }
}
