internal import Hummingbird
internal import Logging

/// What a request brings along.
struct ServerContext: InitializableFromSource {
    let logger: Logger

    init(source: ApplicationRequestContextSource) { logger = source.logger }
}
