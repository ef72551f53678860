// swift-tools-version: 6.2
import PackageDescription

// Targets are walls: the compiler keeps the arrows of the design (an arrow means "imports"). Rows run from system libraries
// to mains, and every arrow points to an earlier row. Folders inside a target are rooms.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    // Views of messages cannot outlive their bytes, which the language says by attributes that are still experimental.
    .enableExperimentalFeature("Lifetimes"),
]

func library(_ name: String, at folder: String? = nil, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, path: folder ?? "Sources/\(name)", swiftSettings: strict)
}

func program(_ name: String, at folder: String, _ imports: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: imports, path: folder, swiftSettings: strict)
}

func system(_ name: String, _ package: String, pkgConfig: String? = nil) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig,
        providers: package.isEmpty ? [] : [.apt([package])])
}

func tests(
    _ name: String, _ imports: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: imports, path: "Tests/\(name)", exclude: exclude, resources: resources,
        swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "weft",
    products: [
        .executable(name: "weft", targets: ["weft"]),
        .executable(name: "protoc-gen-weft", targets: ["protoc-gen-weft"]),
        .executable(name: "weft-sidecar", targets: ["weft-sidecar"]),
        .executable(name: "weft-edge", targets: ["weft-edge"]),
        .executable(name: "weft-control", targets: ["weft-control"]),
        .library(name: "Weft", targets: ["ProtoWire", "RPC", "Client", "ServiceKit", "Transport"]),
        // What the code of contracts needs to run, and the plugin that makes it while building.
        .library(name: "WeftContracts", targets: ["ProtoWire", "WellKnown", "RulesAPI", "RPC", "Validation"]),
        .plugin(name: "WeftGenerate", targets: ["WeftGenerate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Row 0: system libraries
        system("CNghttp2", "libnghttp2-dev", pkgConfig: "libnghttp2"),
        system("COpenSSL", "libssl-dev", pkgConfig: "openssl"),
        system("CPostgres", "libpq-dev", pkgConfig: "libpq"),
        system("CProtobufC", "libprotobuf-c-dev", pkgConfig: "libprotobuf-c"),
        system("CLinux", ""),
        system("CZlib", "zlib1g-dev", pkgConfig: "zlib"),

        // Row 1: values
        library("Timebase"),
        library("Bytes"),
        library("ProtoWire", ["Bytes"]),
        library("ProtoSyntax", at: "codegen/ProtoSyntax"),
        library("CEL", at: "codegen/CEL"),

        // Row 2: machines without sockets, and the one that has them
        library("HTTP2", ["Timebase", "Bytes", "CNghttp2", collections]),
        library("HTTP1", ["Timebase", "Bytes"]),
        library("Resilience", ["Timebase"]),
        library("Exchange", ["Timebase", "Bytes", collections]),
        library("Descriptors", ["ProtoWire", "Bytes"]),
        library("Compression", ["Bytes", "CZlib"]),
        library("Reactor", ["Timebase", "Bytes", "CLinux", collections]),

        // Row 3: policies, gRPC, sockets
        library("Policy", ["Exchange", "Resilience", "Timebase", "Bytes", collections]),
        library("RPC", ["Exchange", "ProtoWire", "Timebase", "Bytes", "Compression", collections]),
        library("Transport", ["Exchange", "HTTP2", "Reactor", "Timebase", "Bytes", "COpenSSL", "CLinux"]),
        library("Postgres", ["Reactor", "Timebase", "CPostgres", "CLinux", collections]),
        library("PrivateCluster"),
        library("ProtoResolve", at: "codegen/ProtoResolve", ["ProtoSyntax", "Descriptors", "ProtoWire"]),
        library("SwiftEmit", at: "codegen/SwiftEmit", ["Descriptors", "ProtoWire"]),
        library("ProtoFormat", at: "codegen/ProtoFormat", ["ProtoSyntax"]),
        library("ProtoCheck", at: "codegen/ProtoCheck", ["ProtoSyntax", "Descriptors", "ProtoWire"]),
        library("ProtoBreaking", at: "codegen/ProtoBreaking", ["ProtoCheck", "Descriptors", "ProtoWire"]),

        // Row 4: contracts and the parts of a process
        library("WellKnown", at: "Sources/Generated/WellKnown", ["ProtoWire"]),
        library("RulesAPI", at: "Sources/Generated/RulesAPI", ["ProtoWire", "WellKnown"]),
        library("MeshAPI", at: "Sources/Generated/MeshAPI", ["RPC", "ProtoWire", "WellKnown"]),
        library("API", at: "Sources/Generated/API", ["RPC", "ProtoWire", "WellKnown"]),
        library("ProtoLint", at: "codegen/ProtoLint", ["ProtoCheck", "ProtoSyntax", "Descriptors", "ProtoWire"]),
        library("Validation", ["RPC", "ProtoWire", "WellKnown", "RulesAPI"]),
        library(
            "RuleEmit", at: "codegen/RuleEmit",
            ["CEL", "SwiftEmit", "Descriptors", "ProtoWire", "RulesAPI", "WellKnown", "Validation"]),
        library(
            "Generate", at: "codegen/Generate",
            ["ProtoSyntax", "ProtoResolve", "SwiftEmit", "RuleEmit", "Descriptors", "ProtoWire"]),
        library(
            "Client",
            [
                "RPC", "Policy", "Resilience", "Transport", "Reactor", "Exchange", "Timebase", "Bytes", "MeshAPI",
                "WellKnown", "Descriptors", "ProtoWire",
            ]),
        library(
            "WebProtocols",
            [
                "RPC", "Exchange", "Timebase", "Bytes", "Compression", "Descriptors", "ProtoWire", "HTTP1", "Transport",
                "Reactor",
            ]),
        library(
            "Simulation",
            [
                "Transport", "Reactor", "HTTP2", "Exchange", "Timebase", "Bytes", "RPC", "BenchAPI", "ProtoWire",
                "COpenSSL",
            ]),
        library("OTLPAPI", at: "Sources/Generated/OTLPAPI", ["RPC", "ProtoWire"]),
        library(
            "Traces",
            ["Client", "OTLPAPI", "RPC", "Transport", "Reactor", "Exchange", "Timebase", "Bytes", "ProtoWire"]),
        library("Reflection", ["RPC", "Descriptors", "MeshAPI", "ProtoWire"]),
        library(
            "ServiceKit",
            [
                "RPC", "Policy", "Transport", "Reactor", "Exchange", "Timebase", "Bytes", "MeshAPI",
                "Reflection", "WebProtocols", "WellKnown", "Traces",
                "ProtoWire", "Descriptors", logging,
            ]),
        library(
            "MeshPolicy",
            [
                "MeshAPI", "Policy", "Resilience", "Exchange", "Timebase", "ProtoWire", "WellKnown", "Descriptors",
            ]),
        library(
            "Membership",
            ["RPC", "Transport", "Reactor", "MeshAPI", "Exchange", "Timebase", "Bytes", "ProtoWire", "Policy", logging]),
        library(
            "Edge",
            [
                "RPC", "Descriptors", "Policy", "Transport", "Reactor", "HTTP1", "HTTP2", "Exchange", "Timebase",
                "Bytes",
                "MeshAPI", "WellKnown", "ProtoWire", "ServiceKit", "Traces", logging, collections,
            ]),
        library(
            "Sidecar", at: "sidecar/Sidecar",
            [
                "RPC", "Policy", "Resilience", "Transport", "Reactor", "Exchange", "Timebase", "Bytes", "MeshAPI",
                "Membership", "MeshPolicy", "WellKnown",
                "Traces", "CLinux", "ServiceKit", "ProtoWire", "Descriptors", logging,
            ]),
        library(
            "Control",
            [
                "RPC", "Transport", "Reactor", "Descriptors", "Exchange", "Timebase", "Bytes", "MeshAPI", "WellKnown",
                "MeshPolicy", "ServiceKit", "ProtoWire", logging,
            ]),
        library(
            "MeshSimulation",
            [
                "Simulation", "Sidecar", "Control", "Membership", "MeshPolicy", "MeshAPI", "ServiceKit", "RPC",
                "Policy",
                "Resilience", "Transport", "Reactor", "HTTP2", "Exchange", "Timebase", "Bytes", "ProtoWire", "BenchAPI",
                "WellKnown", "Descriptors", logging,
            ]),

        // Row 5: services and mains
        library(
            "Services",
            [
                "API", "WellKnown", "ServiceKit", "Postgres", "Reflection", "RPC", "Reactor", "Timebase", "ProtoWire",
                logging,
            ]),
        program("course-service", at: "Sources/course-service", ["Services", "ServiceKit"]),
        program("progress-service", at: "Sources/progress-service", ["Services", "ServiceKit"]),
        program(
            "weft", at: "Sources/weft",
            [
                "ProtoSyntax", "ProtoResolve", "SwiftEmit", "RuleEmit", "Generate", "ProtoFormat", "ProtoCheck",
                "ProtoLint",
                "ProtoBreaking",
                "Descriptors", "RPC", "Transport", "Reactor", "Reflection",
                "MeshAPI", "MeshPolicy", "MeshSimulation", "Policy", "Resilience",
                "Membership", "PrivateCluster", "Exchange", "Timebase", "Bytes", "ProtoWire", "Compression",
                argumentParser, logging,
                .product(name: "Yams", package: "Yams"),
            ]),
        program(
            "weft-generate", at: "Sources/weft-generate", ["Generate", "ProtoSyntax", "SwiftEmit"]),
        .plugin(
            name: "WeftGenerate", capability: .buildTool(), dependencies: ["weft-generate"], path: "codegen/Plugin"),
        program(
            "protoc-gen-weft", at: "Sources/protoc-gen-weft", ["SwiftEmit", "RuleEmit", "Descriptors", "ProtoWire"]),
        program("weft-sidecar", at: "sidecar/weft-sidecar", ["Sidecar"]),
        program("weft-edge", at: "Sources/weft-edge", ["Edge"]),
        program("weft-control", at: "Sources/weft-control", ["Control"]),
        library("InteropAPI", at: "Sources/Generated/InteropAPI", ["RPC", "ProtoWire", "WellKnown"]),
        program(
            "interop-server", at: "Sources/interop-server",
            [
                "InteropAPI", "RPC", "Transport", "Reactor", "Reflection", "MeshAPI", "ServiceKit", "ProtoWire",
                "Exchange", "Timebase",
                "Bytes", "Compression",
            ]),
        program(
            "interop-client", at: "Sources/interop-client",
            ["InteropAPI", "RPC", "Transport", "Reactor", "ServiceKit", "Exchange", "Timebase", "Bytes", "Compression"]),
        program(
            "bench-echo-server", at: "Sources/Benchmarks/bench-echo-server",
            ["BenchAPI", "RPC", "Transport", "Reactor", "Exchange", "Timebase", "Bytes"]),
        program(
            "bench-client", at: "Sources/Benchmarks/bench-client",
            ["BenchAPI", "RPC", "Transport", "Reactor", "Timebase", "ProtoWire", "CLinux"]),
        program("bench-http2", at: "Sources/Benchmarks/bench-http2", ["HTTP2", "Bytes"]),
        program(
            "soak", at: "Sources/Benchmarks/soak",
            ["Simulation", "RPC", "BenchAPI", "ProtoWire", "Transport", "Reactor", "Timebase", "CLinux"]),
        program(
            "simulate", at: "Sources/simulate", ["Simulation", "MeshSimulation", "Transport", "Reactor", "Timebase"]),
        library("BenchAPI", at: "Sources/Generated/BenchAPI", ["RPC", "ProtoWire"]),
        program(
            "bench-idle-connections", at: "Sources/Benchmarks/bench-idle-connections",
            ["Transport", "Reactor", "Exchange", "Timebase", "Bytes", "CLinux"]),
        program(
            "bench-codec", at: "Sources/Benchmarks/bench-codec", ["BenchAPI", "ProtoWire", "Descriptors", "Bytes"]),

        // Tests
        tests("TidyTests", []),
        tests("TimebaseTests", ["Timebase"]),
        tests("BytesTests", ["Bytes"]),
        tests("ProtoWireTests", ["ProtoWire", "Bytes"]),
        tests("DescriptorsTests", ["Descriptors", "ProtoWire", "Bytes"]),
        tests("ProtoSyntaxTests", ["ProtoSyntax"]),
        tests(
            "ProtoResolveTests", ["ProtoResolve", "ProtoSyntax", "Descriptors", "ProtoWire"],
            exclude: ["Contracts", "Diagnostics"]),
        tests(
            "SwiftEmitTests",
            ["SwiftEmit", "ProtoResolve", "ProtoSyntax", "Descriptors", "ProtoWire", "WellKnown", "RPC"],
            exclude: ["Contracts"]),
        tests(
            "ProtoFormatTests", ["ProtoFormat", "ProtoResolve", "ProtoSyntax", "Descriptors", "ProtoWire"],
            exclude: ["Contracts"]),
        tests(
            "ProtoLintTests", ["ProtoLint", "ProtoCheck", "ProtoResolve", "ProtoSyntax", "Descriptors", "ProtoWire"],
            exclude: ["Contracts"]),
        tests(
            "ProtoBreakingTests",
            ["ProtoBreaking", "ProtoCheck", "ProtoResolve", "ProtoSyntax", "Descriptors", "ProtoWire"],
            exclude: ["Contracts"]),
        tests("ProtocPluginTests", ["protoc-gen-weft"]),
        tests("GenerateTests", ["Generate", "ProtoSyntax", "SwiftEmit", "Descriptors", "ProtoWire"]),
        tests("CELTests", ["CEL"]),
        tests(
            "CodecOracleTests",
            [
                "Descriptors", "ProtoWire", "Bytes", "Timebase", "WellKnown", "API", "MeshAPI", "BenchAPI",
                "InteropAPI",
                "CProtobufC",
            ]),
        tests("ValidationTests", ["Validation", "RPC", "ProtoWire", "WellKnown", "RulesAPI"], exclude: ["Peers"]),
        tests(
            "RuleEmitTests",
            [
                "RuleEmit", "CEL", "SwiftEmit", "ProtoResolve", "ProtoSyntax", "Descriptors", "ProtoWire", "Validation",
                "RulesAPI", "WellKnown", "RPC",
            ],
            exclude: ["Contracts"]),
        tests("HTTP1Tests", ["HTTP1", "Timebase", "Bytes"]),
        tests("HTTP2Tests", ["HTTP2", "Timebase", "Bytes", "CNghttp2"]),
        tests("CompressionTests", ["Compression", "Bytes"]),
        tests(
            "ClientTests",
            [
                "Client", "RPC", "BenchAPI", "MeshAPI", "Transport", "Reactor", "Policy", "Resilience", "Exchange",
                "Timebase", "Bytes", "ProtoWire", "Simulation", "Descriptors",
            ], exclude: ["Peers"]),
        tests(
            "WebProtocolsTests",
            [
                "WebProtocols", "RPC", "API", "InteropAPI", "WellKnown", "Transport", "Reactor", "Exchange", "Timebase",
                "Bytes", "ProtoWire", "Compression", "Descriptors", "Reflection", "Simulation",
            ], exclude: ["Peers"]),
        tests(
            "SimulationTests",
            [
                "Simulation", "RPC", "BenchAPI", "Transport", "Reactor", "HTTP2", "Exchange", "Timebase", "Bytes",
                "ProtoWire", "Policy", "Resilience", "Client", "soak",
            ]),
        tests("ReactorTests", ["Reactor", "Timebase", "Bytes"]),
        tests(
            "TransportTests", ["Transport", "Exchange", "HTTP2", "Reactor", "Timebase", "Bytes"], exclude: ["Peers"]),
        tests(
            "MembershipTests",
            [
                "Membership", "Control", "Simulation", "MeshAPI", "RPC", "ServiceKit", "Transport", "Reactor",
                "Exchange", "Timebase", "Bytes", "ProtoWire", logging,
            ]),
        tests("ResilienceTests", ["Resilience", "Timebase"]),
        tests("ExchangeTests", ["Exchange", "Timebase", "Bytes"]),
        tests("PolicyTests", ["Policy", "Exchange", "Resilience", "Timebase", "Bytes"]),
        tests(
            "MeshPolicyTests",
            ["MeshPolicy", "MeshAPI", "Policy", "Resilience", "Exchange", "Timebase", "WellKnown", "Descriptors"]),
        tests(
            "MeshSimulationTests",
            [
                "MeshSimulation", "Simulation", "Sidecar", "Control", "Policy", "Resilience", "Exchange", "RPC",
                "Timebase",
                "Transport", "Reactor",
            ]),
        tests(
            "SidecarTests",
            [
                "Traces", "OTLPAPI",
                "Sidecar", "Policy", "Resilience", "Exchange", "Timebase", "Bytes", "Transport", "Reactor", "RPC",
                "ProtoWire", "ServiceKit", "MeshAPI", "WellKnown", "MeshPolicy", "Membership", "Descriptors", logging,
            ]),
        tests("PostgresTests", ["Postgres", "PrivateCluster", "Reactor", "Timebase"]),
        tests(
            "ServicesTests",
            [
                "Services", "API", "WellKnown", "Postgres", "PrivateCluster", "RPC", "Transport", "Exchange", "Bytes",
                "Reactor", "Timebase", "ProtoWire", logging,
            ]),
        tests(
            "ReflectionTests",
            [
                "Reflection", "MeshAPI", "API", "WellKnown", "RPC", "Transport", "Reactor", "Descriptors", "Exchange",
                "ProtoWire", "Timebase",
            ]),
        tests(
            "ServiceKitTests", ["ServiceKit", "Reflection", "Transport", "Reactor", "Timebase", logging],
            exclude: ["Peers"]),
        tests(
            "ControlTests",
            [
                "Control", "MeshAPI", "MeshPolicy", "WellKnown", "Timebase", "Reactor", "RPC", "Transport",
                "ServiceKit", "ProtoWire", "Exchange", "Simulation", logging,
            ]),
        tests("EdgeTests", ["Edge", "RPC", "Exchange", "Bytes", "ProtoWire"]),
        tests(
            "TracesTests",
            [
                "Traces", "OTLPAPI", "RPC", "Transport", "Reactor", "Exchange", "Timebase", "Bytes", "ProtoWire",
                "ServiceKit", logging,
            ]),
        tests(
            "RPCTests",
            ["RPC", "BenchAPI", "WellKnown", "ProtoWire", "Exchange", "Compression", "Timebase", "Bytes"]),
        tests("InteropTests", ["interop-server", "interop-client"], exclude: ["Peers"]),
        tests(
            "WeftTests",
            [
                "weft", "Generate", "SwiftEmit", "Timebase", "Descriptors", "MeshAPI", "ProtoWire", "Compression",
                "Bytes",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// The testee of protobuf's conformance runner is built by .ci/conformance alone, which first makes the code of the
// runner's contracts: that code is in no checkout.
if Context.environment["WEFT_CONFORMANCE"] != nil {
    package.targets += [
        library("ConformanceAPI", at: ".conformance/ConformanceAPI", ["ProtoWire", "WellKnown"]),
        program(
            "conformance-testee", at: "Sources/conformance-testee", ["ConformanceAPI", "Descriptors", "ProtoWire"]),
    ]
}

// The peer of the differential tests, whose contracts are random: Tests/Differential/differential.py makes and builds it.
if Context.environment["WEFT_DIFFERENTIAL"] != nil {
    package.targets += [
        program("differential-peer", at: ".differential/Peer", ["Descriptors", "ProtoWire", "WellKnown"])
    ]
}

// The readers of what comes over a network, under libFuzzer: .ci/fuzz lays out their folders.
if Context.environment["WEFT_FUZZ"] != nil {
    let fuzzers: [(String, [Target.Dependency])] = [
        ("HTTP2", ["HTTP2", "Bytes"]), ("HPACK", ["HTTP2", "Bytes", "CNghttp2"]), ("HTTP1", ["HTTP1", "Bytes"]),
        ("Framing", ["RPC", "Bytes"]), ("Metadata", ["RPC", "Bytes", "Timebase"]),
        ("Inflate", ["Compression", "Bytes"]),
        ("Web", ["WebProtocols", "Bytes"]),
    ]
    package.targets += fuzzers.map { program("\($0)Fuzz", at: ".fuzz/\($0)", $1) }
}
