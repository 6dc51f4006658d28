internal import Foundation

/// A folder of a test's own, gone when nobody holds it any more.
package final class ScratchFolder: Sendable {
    package let path: String

    package init() {
        path = NSTemporaryDirectory() + "/bitim-test-" + UUID().uuidString
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            fatalError("no scratch folder: \(error)")
        }
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // Some tests take away permissions on purpose.
            _ = try? Process.run(URL(fileURLWithPath: "/bin/chmod"), arguments: ["-R", "u+rwX", path]).waitUntilExit()
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    package func write(_ bytes: [UInt8], to name: String) throws {
        let target = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: target)
    }

    package func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }
}

/// Where the package lies: what is shipped with it is tested too.
package enum PackageRoot {
    package static let path: String = {
        // Tests/Support/ScratchFolder.swift
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    package static func file(_ name: String) -> String { "\(path)/\(name)" }
}
