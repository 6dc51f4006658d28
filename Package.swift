// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// Rooms that touch C pointers, descriptors or bytes of the ledger.
let strictMemory = strict + [SwiftSetting.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

// Benchmarks, and what only they need, exist when they are asked for: BITIM_BENCHMARKS=1 swift build …
// BITIM_BENCHMARKS=parts for those that need a foreign package.
let benchmarks = Context.environment["BITIM_BENCHMARKS"]
let rooms: [Target.Dependency] = ["OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "Registry"]
let benchmarkTargets: [Target] =
    benchmarks == nil
    ? []
    : [
        .executableTarget(
            name: "bitim-bench",
            // COpenSSL for the limits: loops with nothing of ours around them.
            dependencies: rooms + ["COpenSSL", argumentParser],
            path: "Benchmarks/BitimBench",
            // Repeatable keys need OpenSSL's older way of replacing its randomness.
            swiftSettings: strict + [.treatWarning("DeprecatedDeclaration", as: .warning)]
        )
    ]
let partsDependencies: [Package.Dependency] =
    benchmarks == "parts" ? [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])] : []
let partsTargets: [Target] =
    benchmarks == "parts"
    ? [
        .executableTarget(
            name: "BitimParts",
            dependencies: rooms + ["Support", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/BitimParts",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ] : []
// What a fuzzer feeds, likewise: `make fuzz`.
let fuzzes = Context.environment["BITIM_FUZZ"] != nil
let fuzzTargets: [Target] = [
    .executableTarget(
        name: "bitim-fuzz", dependencies: ["COpenSSL", "OpenSSLKit", "Registry"], path: "Fuzz/EntryFuzz",
        swiftSettings: strict),
    .executableTarget(
        name: "bitim-fuzz-parsers", dependencies: ["FuzzProperties"], path: "Fuzz/ParserFuzz", swiftSettings: strict),
]

let package = Package(
    name: "bitim",
    products: [
        .executable(name: "bitim", targets: ["bitim"]),
        // Loaded into the program by tests.
        .library(name: "FaultInjector", type: .dynamic, targets: ["FaultInjector"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Without its traits: they need Foundation, which is slow to start.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ] + partsDependencies,
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "OpenSSLKit", dependencies: ["COpenSSL", asn1], swiftSettings: strictMemory),
        .target(name: "HTTPClient", dependencies: ["CCurl"], swiftSettings: strictMemory),
        .target(name: "TransparencyLog", dependencies: ["OpenSSLKit"], swiftSettings: strictMemory),
        .target(
            name: "TiledLog", dependencies: ["CLinux", "OpenSSLKit", "TransparencyLog"], swiftSettings: strictMemory),
        .target(name: "Agreements", swiftSettings: strict),
        .target(name: "LedgerIndex", dependencies: ["Agreements", grdb], swiftSettings: strict),
        .target(
            name: "Registry",
            dependencies: ["HTTPClient", "OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "LedgerIndex"],
            swiftSettings: strict
        ),
        .target(
            name: "BitimServer",
            dependencies: [
                "CZlib", "OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "Registry", hummingbird,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "BitimCommands",
            dependencies: [
                "HTTPClient", "OpenSSLKit", "TiledLog", "Registry", "BitimServer", "Agreements", argumentParser,
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Support",
            dependencies: ["OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "Registry"],
            path: "Tests/Support",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BitimCommandsTests",
            // The program itself is run, as a user would.
            dependencies: ["Support", "BitimCommands", "bitim", argumentParser],
            exclude: ["Golden", "Manners/schema-steps.txt", "Transcripts"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "Support", "OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "LedgerIndex", "Registry",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OpenSSLKitTests",
            // COpenSSL for an independent referee, Registry for the fast path that it judges.
            dependencies: ["Support", "COpenSSL", "OpenSSLKit", "Registry"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TransparencyLogTests", dependencies: ["OpenSSLKit", "TransparencyLog"], swiftSettings: strict),
        .testTarget(
            name: "TiledLogTests",
            dependencies: ["Support", "OpenSSLKit", "TransparencyLog", "TiledLog"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "NetworkTests",
            // The program itself is run: servers, witnesses and mirrors are processes on loopback.
            dependencies: [
                "Support", "HTTPClient", "OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "Registry",
                "BitimServer", "bitim",
            ],
            exclude: ["Golden", "Scripts"],
            swiftSettings: strict
        ),
        .target(
            name: "FuzzProperties",
            dependencies: ["OpenSSLKit", "TransparencyLog", "Agreements", "Registry"],
            path: "Fuzz/Properties",
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["Support", "FuzzProperties", "OpenSSLKit", "TransparencyLog", "Agreements", "Registry"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ReliabilityTests",
            // The program itself is run: it is killed, its calls fail, its disk is full.
            dependencies: [
                "Support", "OpenSSLKit", "TransparencyLog", "TiledLog", "Agreements", "Registry", "bitim",
            ],
            swiftSettings: strict
        ),
        .target(name: "FaultInjector", path: "Tests/FaultInjector"),
        .testTarget(name: "AgreementsTests", dependencies: ["Support", "Agreements"], swiftSettings: strict),
        .executableTarget(name: "bitim", dependencies: ["BitimCommands"], swiftSettings: strict),
    ] + benchmarkTargets + partsTargets + (fuzzes ? fuzzTargets : []),
    swiftLanguageModes: [.v6]
)
