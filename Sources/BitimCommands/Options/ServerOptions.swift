internal import ArgumentParser
internal import BitimServer
internal import Logging
internal import Registry

/// Where a server listens, and what it tells.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "address:port"))
    var listen: String

    @Option(
        help: ArgumentHelp(
            "Where to serve metrics for Prometheus; nowhere, if it is left out.", valueName: "address:port"))
    var metrics: String?

    @Option(
        help: ArgumentHelp(
            "What is logged on stderr, as JSON lines: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "level"))
    var logLevel = "info"

    func validate() throws {
        for address in [listen, metrics].compactMap({ $0 }) where ListenAddress(address) == nil {
            throw ValidationError(
                "'\(address)' is no address to listen at: write it as in 127.0.0.1:8080 or [::1]:8080")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError(
                "--log-level is one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func process() throws -> ServerProcess {
        guard let address = ListenAddress(listen) else {
            throw RegistryError(.usage, "'\(listen)' is no address to listen at", hint: "as in 127.0.0.1:8080")
        }
        return ServerProcess(
            address: address, metricsAddress: metrics.flatMap { ListenAddress($0) },
            logLevel: Logger.Level(rawValue: logLevel) ?? .info)
    }
}
