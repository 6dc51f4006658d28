internal import ArgumentParser
internal import Glibc
internal import TiledLog

struct TreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Append entries of 2,560 bytes to a tiled log, durably, in batches of 4,096.")

    @Argument(help: "A folder on the disk that is measured; it must be empty.", completion: .directory)
    var folder: String

    @Option(help: "How many entries.")
    var count = 1_000_000

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        var writer = try LogWriter(
            folder: DurableFolder(path: folder, temporaryFolder: "\(folder)/temporary"), head: .empty)
        try BatchedRun(count: count) { _ = try writer.append($0) }.answer.print(json: measuring.json)
    }
}
