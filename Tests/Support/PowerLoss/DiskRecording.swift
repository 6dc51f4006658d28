internal import Foundation
internal import Testing

/// What a run of the program did to the files below its folder, in order, with all bytes: as strace saw it, so that
/// nothing depends on what the program says of itself.
package struct DiskRecording: Sendable {
    package enum Step: Sendable {
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
        /// A signature went out over the network.
        case answered
    }

    package private(set) var steps: [Step] = []

    private let folder: String
    private var fileCount = 0
    /// Files that this run has opened, by their names as they are now.
    private var files: [String: Int] = [:]
    /// How much of each was written.
    private var positions: [Int: Int] = [:]

    package static let strace = "/usr/bin/strace"

    /// What makes strace record the program into the file; the process that is started is the program's own.
    package static func arguments(log: String) -> [String] {
        let calls =
            "openat,write,pwrite64,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,"
            + "mkdirat,rmdir,ftruncate,fallocate,copy_file_range,sendfile,writev,sendto,sendmsg"
        return [
            "-D", "-f", "-q", "-y", "-xx", "-s", "2000000", "-o", log, "-e", "trace=" + calls, CommandRun.program,
        ]
    }

    /// Runs the program, which has to succeed.
    package init(_ arguments: [String], folder: String) throws {
        let log = folder + ".recording"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let run = try CommandRun.run(Self.strace, Self.arguments(log: log) + arguments, folder: folder)
        try #require(run.status == 0, "\(run.standardError)")
        try self.init(log: log, folder: folder)
    }

    /// Reads what a program that has ended did to the files below the folder.
    package init(log: String, folder: String) throws {
        self.folder = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let text = try Self.whole(log)
        // A call in whose time another thread made one is told of in two lines.
        var begun: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let thread = line.prefix { $0 != " " }
            if let cut = line.range(of: " <unfinished ...>") {
                begun[thread] = line[..<cut.lowerBound]
            } else if let resumed = line.range(of: " resumed>"), let start = begun.removeValue(forKey: thread) {
                // Aligned at a column, where the rest is short.
                let rest = line[resumed.upperBound...].replacingOccurrences(
                    of: "\\) += ", with: ") = ", options: .regularExpression)
                try take(start + rest)
            } else {
                try take(line)
            }
        }
    }

    private enum Fault: Error { case notUnderstood(String), endless(String) }

    /// strace ends a little after what it has traced.
    private static func whole(_ log: String) throws -> String {
        var text = ""
        for _ in 0..<1500 {
            text = try String(decoding: Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
            let process = text.prefix { $0 != " " }
            let last = text.split(separator: "\n").last ?? ""
            if !process.isEmpty, last.hasPrefix(process + " "), last.hasSuffix("+++"), text.hasSuffix("\n") {
                return text
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw Fault.endless(String(text.prefix(100)) + " … " + String(text.suffix(200)))
    }

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
        // Of the file that a descriptor is of: as the kernel says, for threads pass their numbers on.
        let opened = Self.described(arguments)
        if opened.hasPrefix("socket:") || opened.hasPrefix("TCP") {
            let mark = Array("\n\u{2014} ".utf8)
            if strings.contains(where: { ([0x0A] + $0).firstRange(of: mark) != nil }) { steps.append(.answered) }
            return
        }
        switch name {
        case "openat":
            // The lock is opened as it lies there; all else that is written is new.
            guard arguments.contains("O_EXCL"), let path = inside(path(strings.first)) else { return }
            fileCount += 1
            files[path] = fileCount
            steps.append(.made(file: fileCount, at: path))
        case "write", "pwrite64":
            guard let file = inside(opened).flatMap({ files[$0] }), let bytes = strings.first else { return }
            let position =
                name == "write" ? positions[file] ?? 0 : Int(arguments.split(separator: " ").last ?? "") ?? 0
            steps.append(.wrote(file: file, at: position, bytes))
            if name == "write" { positions[file] = position + bytes.count }
        case "ftruncate":
            guard let file = inside(opened).flatMap({ files[$0] }) else { return }
            steps.append(.cut(file: file, to: Int(arguments.split(separator: " ").last ?? "") ?? 0))
        case "fsync", "fdatasync":
            guard let path = inside(opened) else { return }
            steps.append(files[path].map { .syncedFile($0) } ?? .syncedFolder(path))
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
        case "fallocate", "copy_file_range", "sendfile", "writev":
            // Written otherwise than this recording follows: it would be told wrongly.
            if inside(opened).flatMap({ files[$0] }) != nil { throw Fault.notUnderstood(String(line.prefix(200))) }
        default: break
        }
    }

    /// `15<name>`: what a descriptor is of.
    private static func described(_ arguments: Substring) -> String {
        let name = arguments.prefix { $0 != "," }.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
        return String(decoding: bytes(name), as: UTF8.self)
    }

    private func path(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// Relative to the folder; nil for what lies elsewhere.
    private func inside(_ path: String?) -> String? {
        guard let path else { return nil }
        guard path.hasPrefix("/") else { return path.isEmpty ? nil : path }
        return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.utf8.count + 1)) : nil
    }

    /// What is quoted: `\x68\x69` each.
    private static func strings(in arguments: Substring) -> [[UInt8]] {
        let parts = arguments.split(separator: "\"", omittingEmptySubsequences: false)
        return stride(from: 1, to: parts.count, by: 2).map { position in
            bytes(parts[position])
        }
    }

    private static func bytes(_ text: Substring) -> [UInt8] {
        text.split(separator: "\\x").compactMap { UInt8($0.prefix(2), radix: 16) }
    }
}
