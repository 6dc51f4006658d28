internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
package import Registry
internal import ServiceLifecycle
internal import UnixSignals

/// Where a server listens.
package struct ListenAddress: Sendable {
    package let host: String
    package let port: Int

    /// `127.0.0.1:8080`, `[::1]:8080`; port 0 takes any that is free.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
    }
}

/// Runs a server until it is asked to end: SIGTERM and SIGINT let what is under way come to its end.
package struct ServerProcess {
    private let address: ListenAddress
    private let metricsAddress: ListenAddress?
    private let logger: Logger
    private let metrics = Metrics()

    private static let mostConnections = 1024
    private static let idleSeconds: Int64 = 60

    /// - Parameter metricsAddress: where metrics are served; nil for nowhere.
    package init(address: ListenAddress, metricsAddress: ListenAddress?, logLevel: Logger.Level) {
        LoggingSystem.bootstrap { _ in ServerLog(logLevel: logLevel) }
        logger = Logger(label: "bitim")
        self.address = address
        self.metricsAddress = metricsAddress
    }

    /// Serves a registry to readers.
    package func serve(_ registry: RegistryFolder) async throws {
        let responder = RegistryResponder(registry, metrics: metrics)
        try await run(application(responder, at: address, named: "the registry \(registry.path)"))
    }

    /// Answers logs as a witness.
    ///
    /// - Parameter following: work beside it that goes on until the server ends; it is handed what counts evidence.
    package func witness(
        _ witnesses: WitnessSet, following: @escaping @Sendable (Logger, @escaping @Sendable () -> Void) async -> Void
    ) async throws {
        let responder = WitnessResponder(witnesses: witnesses, metrics: metrics)
        let logger = logger
        try await run(
            application(responder, at: address, named: "the witness"),
            services: [
                BesideService { [metrics] in
                    await following(logger) { metrics.count("bitim_evidence_total", ["origin": "unknown"]) }
                }
            ])
    }

    private func run(_ application: some Service, services: [any Service] = []) async throws {
        var all: [any Service] = services + [application]
        if let metricsAddress {
            let text = metrics
            let responder = CallbackResponder<ServerContext> { request, _ in
                guard request.head.path == "/metrics" else { return Response(status: .notFound) }
                return Response(
                    status: .ok,
                    headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
            }
            all.append(self.application(responder, at: metricsAddress, named: "metrics"))
        }
        var configuration = ServiceGroupConfiguration(
            services: all, gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "bitim.services"))
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        do {
            try await ServiceGroup(configuration: configuration).run()
            logger.info("ended")
        } catch let error as IOError {
            throw RegistryError(
                .unavailable, "cannot listen at \(address.host):\(address.port): \(error)",
                hint: "another process may listen there already: choose another with --listen")
        }
    }

    private func application(
        _ responder: some HTTPResponder<ServerContext>, at address: ListenAddress, named name: String
    ) -> some Service {
        let logger = logger
        return Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: .seconds(Self.idleSeconds))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "bitim",
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections, logger: logger)),
            onServerRunning: { channel in
                let host = address.host.contains(":") ? "[\(address.host)]" : address.host
                logger.info(
                    "listening",
                    metadata: [
                        "url": "http://\(host):\(channel.localAddress?.port ?? address.port)", "serving": "\(name)",
                    ])
            },
            logger: logger)
    }
}

/// Work that ends with the server.
private struct BesideService: Service {
    let work: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
        // A service that ends would end the others.
        try? await gracefulShutdown()
    }
}
