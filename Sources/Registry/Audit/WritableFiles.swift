internal import Agreements
internal import TiledLog

/// What others than this user and root may change, of what is trusted and of where it is written.
enum WritableFiles {
    static func findings(_ keys: KeysFolder, _ registry: RegistryFolder) -> [Finding] {
        registryFindings(registry)
            + ([placeOfKeys(keys)] + trusted(keys).map { finding(keys, $0, ForeignWriter(of: path(keys, $0))) })
            .compactMap(\.self)
    }

    /// What is read there is checked, whoever owns it: many only read what belongs to the one who keeps it.
    private static func registryFindings(_ registry: RegistryFolder) -> [Finding] {
        switch ForeignWriter(of: registry.path) {
        case .owner, nil: []
        case let writer?:
            [
                Finding(
                    "registry.writable", .warning, path: ".", actual: mode(registry.path),
                    "\(writer) may put other files and folders there")
            ]
        }
    }

    private static func placeOfKeys(_ keys: KeysFolder) -> Finding? {
        finding(keys, "..", ForeignWriter(ofPlacesIn: path(keys, "..")))
    }

    /// Whoever may write there decides what is trusted here. Private keys are not used at all then: `PrivateFiles`.
    private static func trusted(_ keys: KeysFolder) -> [String] {
        var names = [""]
        for (name, kind) in contents(keys, "") {
            switch kind {
            case .folder: if PartyID(name) != nil { names += [name] + files(keys, name) }
            case .regular, .other:
                if name == KeysFolder.identityName || name.hasPrefix(KeysFolder.policyName) { names.append(name) }
            }
        }
        return names
    }

    private static func files(_ keys: KeysFolder, _ folder: String) -> [String] {
        contents(keys, folder).flatMap { name, kind in
            ["\(folder)/\(name)"] + (kind == .folder ? files(keys, "\(folder)/\(name)") : [])
        }
    }

    private static func contents(_ keys: KeysFolder, _ folder: String) -> [(name: String, kind: Files.Kind)] {
        (try? Files.contents(of: path(keys, folder))) ?? []
    }

    private static func path(_ keys: KeysFolder, _ name: String) -> String {
        name.isEmpty ? keys.path : keys.fullPath(name)
    }

    private static func finding(_ keys: KeysFolder, _ name: String, _ writer: ForeignWriter?) -> Finding? {
        writer.map {
            Finding(
                "keys.writable", .warning, path: name.isEmpty ? "keys" : "keys/\(name)",
                actual: mode(path(keys, name)), "\($0) may change what is trusted")
        }
    }

    private static func mode(_ path: String) -> String? {
        Files.permissions(path).map { "mode \(String($0 & 0o1777, radix: 8))" }
    }
}
