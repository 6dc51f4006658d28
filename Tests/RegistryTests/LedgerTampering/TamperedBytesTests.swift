import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// No byte of a registry can be changed without an audit saying so, and saying where.
@Suite struct TamperedBytesTests {
    struct Position {
        let file: String
        let offset: Int
    }

    /// First and last byte of every file, and others spread over all of them; every byte when it is to be exhaustive.
    private func positions(_ copy: RegistryCopy, count: Int) throws -> [Position] {
        let files = try copy.checkedFiles()
        let all = try files.flatMap { file in
            (0..<(try copy.bytes(file).count)).map { Position(file: file, offset: $0) }
        }
        guard !Campaign.isWhole else { return all }
        var chosen = try files.flatMap { file in
            let last = try copy.bytes(file).count - 1
            return [Position(file: file, offset: 0), Position(file: file, offset: last)]
        }
        // A checkpoint's text decides what is looked at next: origin, size and root.
        let text = try copy.bytes("ledger/checkpoint").split(separator: 0x0A).prefix(3).map(\.count).reduce(3, +)
        chosen += (0..<text).map { Position(file: "ledger/checkpoint", offset: $0) }
        let more = max(0, count - chosen.count)
        chosen += (0..<more).map { all[($0 * all.count + all.count / 2) / more] }
        return chosen
    }

    /// Changes one bit or all of a byte at each position, and nothing else at the time.
    private func expectEveryChangeFound(_ folder: String, now: Int64, count: Int) async throws {
        let first = try RegistryCopy(of: folder, now: now)
        #expect(try await first.audit().verdict == .passed)
        let positions = try positions(first, count: count)
        #expect(positions.count >= count)
        // One copy for each core.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<2 {
                let share = positions.enumerated().filter { $0.offset % 2 == worker }
                group.addTask {
                    let copy = try worker == 0 ? first : RegistryCopy(of: folder, now: now)
                    for (number, position) in share { try await expectFound(copy, position, number: number) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await first.audit().verdict == .passed)
    }

    private func expectFound(_ copy: RegistryCopy, _ position: Position, number: Int) async throws {
        let bytes = try copy.bytes(position.file)
        var changed = bytes
        // All bits in turn; and now and then the whole byte.
        changed[position.offset] ^= number % 9 == 8 ? 0xFF : 1 << UInt8(number % 9)
        try copy.put(position.file, changed)
        let report = try await copy.audit()
        let place =
            "byte \(position.offset) of \(position.file), \(bytes[position.offset]) became \(changed[position.offset])"
        #expect(report.verdict != .passed, "\(place)")
        #expect(isNamed(position.file, in: report), "\(place): \(report.faults.map { "\($0.key) \($0.path ?? "")" })")
        try copy.put(position.file, bytes)
    }

    /// By its path, or by an entry in it.
    private func isNamed(_ file: String, in report: AuditReport) -> Bool {
        if report.names(path: file) { return true }
        guard file.hasPrefix("ledger/"), let tile = TilePath(path: String(file.dropFirst(7))), tile.content == .entries
        else { return false }
        let first = tile.index * 256
        return report.faults.contains { $0.entry.map { (first..<(first + Int64(tile.width))).contains($0) } ?? false }
    }

    @Test func `Every changed byte of a registry is found, and its file or entry named`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [3, 4, 1, 5, 6])
        try await expectEveryChangeFound(registry.scratch.path, now: registry.now, count: 400)
    }

    private static let hasShipped =
        Files.kind(PackageRoot.file("registry/ledger")) == .folder
        && Files.kind(PackageRoot.file("keys/identity")) == .regular

    @Test(.enabled(if: hasShipped, "no registry is shipped"))
    func `Every changed byte of the shipped registry is found, and its file or entry named`() async throws {
        try await expectEveryChangeFound(
            PackageRoot.path, now: Int64(Date().timeIntervalSince1970), count: 200)
    }
}
