internal import ArgumentParser
internal import Glibc

struct LimitAppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append-fsync", abstract: "Append 2 KB to one file and fsync it, again and again.")

    @Argument(help: "A folder on the disk that is measured.", completion: .directory)
    var folder: String

    @Option(help: "How often.")
    var count = 200

    @OptionGroup var measuring: MeasuringOptions

    func run() async throws {
        let path = "\(folder)/append-fsync.tmp"
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw BenchError("\(path) cannot be written") }
        defer {
            close(file)
            unlink(path)
        }
        let bytes = [UInt8](repeating: 0x42, count: 2_048)
        var times: [Double] = []
        for _ in 0..<count {
            let watch = Stopwatch()
            guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
                throw BenchError("\(path) cannot be written")
            }
            times.append(watch.seconds)
        }
        times.sort()
        Answer(["count": .integer(count), "seconds": .number(times[count / 2])]).print(json: measuring.json)
    }
}
