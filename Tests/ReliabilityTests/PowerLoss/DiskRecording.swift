import Foundation
import Support
import Testing

/// What a run of the program did to the files below its folder, in order, with all bytes: as strace saw it, so that
/// nothing depends on what the program says of itself.
struct DiskRecording {
    enum Step {
        /// A name that was free got a new, empty file.
        case made(file: Int, at: String)
        case wrote(file: Int, at: Int, [UInt8])
        case cut(file: Int, to: Int)
        case linked(from: String, to: String)
        case renamed(from: String, to: String)
        case removed(String)
        case madeFolder(String)
        case removedFolder(String)
        case syncedFile(Int)
        case syncedFolder(String)
        case syncedAll
    }

    private(set) var steps: [Step] = []

    private let folder: String
    private var fileCount = 0
    /// Files that this run has opened, by their names as they are now.
    private var files: [String: Int] = [:]
    private var descriptors: [Int: (file: Int?, path: String, position: Int)] = [:]

    /// Runs the program, which has to succeed.
    init(_ arguments: [String], folder: String) throws {
        self.folder = folder
        let log = folder + ".recording"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let calls =
            "openat,write,pwrite64,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,"
            + "mkdirat,rmdir,ftruncate,close,lseek,fallocate,copy_file_range,sendfile"
        let run = try CommandRun.run(
            "/usr/bin/strace",
            ["-f", "-qq", "-y", "-xx", "-s", "2000000", "-o", log, "-e", "trace=" + calls, CommandRun.program]
                + arguments, folder: folder, environment: ["LIBDISPATCH_COOPERATIVE_POOL_STRICT": "1"])
        try #require(run.status == 0, "\(run.standardError)")
        // A call in whose time another thread made one is told of in two lines.
        var begun: [Substring: Substring] = [:]
        for line in String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self).split(
            separator: "\n")
        {
            let thread = line.prefix { $0 != " " }
            if let cut = line.range(of: " <unfinished ...>") {
                begun[thread] = line[..<cut.lowerBound]
            } else if let resumed = line.range(of: " resumed>"), let start = begun.removeValue(forKey: thread) {
                try take(start + line[resumed.upperBound...])
            } else {
                try take(line)
            }
        }
    }

    private enum Fault: Error { case notUnderstood(String) }

    private mutating func take(_ line: Substring) throws {
        let call = line.drop { $0 != " " }.drop { $0 == " " }
        guard let open = call.firstIndex(of: "("), let end = call.range(of: ") = ", options: .backwards) else {
            return
        }
        let name = String(call[..<open])
        let result = call[end.upperBound...]
        guard !result.hasPrefix("-1") else { return }
        let arguments = call[call.index(after: open)..<end.lowerBound]
        let strings = Self.strings(in: arguments)
        let number = Int(arguments.prefix { $0.isNumber })
        switch name {
        case "openat": opened(path(strings.first), arguments, Int(result.prefix { $0.isNumber }))
        case "close": if let number { descriptors[number] = nil }
        case "write", "pwrite64":
            guard let number, let descriptor = descriptors[number], let file = descriptor.file,
                let bytes = strings.first
            else { return }
            let position =
                name == "write" ? descriptor.position : Int(arguments.split(separator: " ").last ?? "") ?? 0
            steps.append(.wrote(file: file, at: position, bytes))
            if name == "write" { descriptors[number]?.position += bytes.count }
        case "ftruncate":
            guard let number, let file = descriptors[number]?.file else { return }
            steps.append(.cut(file: file, to: Int(arguments.split(separator: " ").last ?? "") ?? 0))
        case "fsync", "fdatasync":
            guard let number, let descriptor = descriptors[number] else { return }
            steps.append(descriptor.file.map { .syncedFile($0) } ?? .syncedFolder(descriptor.path))
        case "syncfs": steps.append(.syncedAll)
        case "rename", "renameat", "renameat2", "link", "linkat":
            guard let from = inside(path(strings.first)), let to = inside(path(strings.last)) else { return }
            files[to] = files[from]
            if name.hasPrefix("rename") { files[from] = nil }
            steps.append(name.hasPrefix("rename") ? .renamed(from: from, to: to) : .linked(from: from, to: to))
        case "unlink", "unlinkat":
            guard let path = inside(path(strings.first)) else { return }
            files[path] = nil
            steps.append(arguments.contains("AT_REMOVEDIR") ? .removedFolder(path) : .removed(path))
        case "rmdir": if let path = inside(path(strings.first)) { steps.append(.removedFolder(path)) }
        case "mkdir", "mkdirat": if let path = inside(path(strings.first)) { steps.append(.madeFolder(path)) }
        case "lseek", "fallocate", "copy_file_range", "sendfile":
            // Written otherwise than this recording follows: it would be told wrongly.
            if let number, descriptors[number]?.file != nil, name != "lseek" {
                throw Fault.notUnderstood(String(line.prefix(200)))
            }
        default: break
        }
    }

    private mutating func opened(_ path: String?, _ arguments: Substring, _ descriptor: Int?) {
        guard let path = inside(path), let descriptor else { return }
        guard arguments.contains("O_WRONLY") || arguments.contains("O_RDWR") else {
            descriptors[descriptor] = (arguments.contains("O_DIRECTORY") ? nil : files[path], path, 0)
            return
        }
        if let file = files[path] {
            descriptors[descriptor] = (file, path, 0)
            return
        }
        fileCount += 1
        files[path] = fileCount
        descriptors[descriptor] = (fileCount, path, 0)
        // The lock is opened as it lies there; all else that is written is new.
        if arguments.contains("O_EXCL") { steps.append(.made(file: fileCount, at: path)) }
    }

    private func path(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// Relative to the folder; nil for what lies elsewhere.
    private func inside(_ path: String?) -> String? {
        guard let path else { return nil }
        guard path.hasPrefix("/") else { return path }
        return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.utf8.count + 1)) : nil
    }

    /// What is quoted: `\x68\x69` each.
    private static func strings(in arguments: Substring) -> [[UInt8]] {
        let parts = arguments.split(separator: "\"", omittingEmptySubsequences: false)
        return stride(from: 1, to: parts.count, by: 2).map { position in
            parts[position].split(separator: "\\x").compactMap { UInt8($0.prefix(2), radix: 16) }
        }
    }
}
