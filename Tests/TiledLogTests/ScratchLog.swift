import Foundation
import Support
import TiledLog
import TransparencyLog

/// A log in a scratch folder, grown as a registrar grows one, but without signatures.
final class ScratchLog {
    let scratch = ScratchFolder()
    let folder: DurableFolder
    private(set) var head = TreeHead.empty
    private(set) var entries: [[UInt8]] = []
    /// The sizes that a signer would have signed.
    private(set) var signedSizes: [Int] = []

    init() {
        folder = DurableFolder(
            path: scratch.file("registry"), temporaryFolder: scratch.file("registry/state/temporary"))
    }

    convenience init(steps: [Int], removing: Bool = true) throws {
        self.init()
        for step in steps { try grow(by: step, removing: removing) }
    }

    var ledger: String { scratch.file("registry/ledger") }
    var reader: LogReader { LogReader(path: ledger) }
    func writer() throws -> LogWriter { try LogWriter(folder: folder, head: head) }

    /// Entries of all lengths from none on, no two alike once they have four bytes.
    static func entry(_ number: Int) -> [UInt8] {
        Array(Array("entry \(number) of this log".utf8).prefix(number == 3 ? 0 : 8 + number % 17))
    }

    func nextEntries(_ count: Int) -> [[UInt8]] { (entries.count..<(entries.count + count)).map(Self.entry) }

    /// Appends, "signs", and removes what the larger tree makes superfluous. A new writer each time, as a new process
    /// would have it, unless one is given.
    func grow(by count: Int, removing: Bool = true) throws {
        var writer = try writer()
        try grow(by: count, writer: &writer, removing: removing)
    }

    func grow(by count: Int, writer: inout LogWriter, removing: Bool) throws {
        let new = nextEntries(count)
        let oldSize = head.size
        head = try writer.append(new)
        entries += new
        signedSizes.append(entries.count)
        if removing { try writer.removeSupersededPartials(from: oldSize) }
    }

    /// Every file of the ledger with its bytes, by its path within it.
    func files() throws -> [String: [UInt8]] { try ScratchLog.files(in: ledger) }

    static func files(in folder: String) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            found[path] = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
        }
        return found
    }

    func mode(_ path: String) throws -> UInt32 { try Files.attributes("\(ledger)/\(path)").mode }

    /// Overwrites a file whatever its mode.
    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(ledger)/\(path)") }

    func overwrite(_ path: String, _ bytes: [UInt8]) throws {
        let mode = try mode(path)
        try remove(path)
        try write(path, bytes, mode: mode)
    }

    func write(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o444) throws {
        guard
            FileManager.default.createFile(
                atPath: "\(ledger)/\(path)", contents: Data(bytes), attributes: [.posixPermissions: Int(mode)])
        else { throw CocoaError(.fileWriteUnknown) }
    }
}
