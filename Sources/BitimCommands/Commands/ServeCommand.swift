internal import ArgumentParser
internal import BitimServer
internal import Registry
internal import TiledLog

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the registry to readers over HTTP.",
        discussion: HelpText.text(
            """
            The ledger (C2SP tlog-tiles), every published checkpoint, public documents and certificates; nothing \
            restricted, and nothing of state/. Readers need not trust the server: they check what they get. TLS is for a \
            web server in front of it; any web server over the same folder does as well: docs/serving.md.
            """, example: "bitim serve --listen 127.0.0.1:8080",
            "bitim serve --listen 127.0.0.1:8080 --metrics 127.0.0.1:9100"))

    @OptionGroup var server: ServerOptions
    @OptionGroup var folders: FolderOptions

    func run() async throws {
        let registry = folders.registryFolder
        guard Files.kind(registry.path) == .folder else {
            throw RegistryError(
                .unavailable, "there is no registry in \(registry.path)",
                hint: "name its folder with --registry or BITIM_REGISTRY")
        }
        try await server.process().serve(registry)
    }
}
