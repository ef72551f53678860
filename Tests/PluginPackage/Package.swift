// swift-tools-version: 6.2
import PackageDescription

// A package as a team would write it that has contracts and wants their code: the plugin generates it while building.
let package = Package(
    name: "PluginPackage",
    dependencies: [.package(name: "weft", path: "../..")],
    targets: [
        // Contracts in the folder itself, in two sub-folders with equal base names.
        .target(
            name: "Shop",
            dependencies: [.product(name: "WeftContracts", package: "weft")],
            plugins: [.plugin(name: "WeftGenerate", package: "weft")]),
        // Contracts elsewhere, by `weft.gen.json`; they import the others', whose code is in another module.
        .target(
            name: "Reports",
            dependencies: ["Shop", .product(name: "WeftContracts", package: "weft")],
            plugins: [.plugin(name: "WeftGenerate", package: "weft")]),
        .executableTarget(
            name: "shop-check",
            dependencies: ["Shop", "Reports", .product(name: "WeftContracts", package: "weft")]),
    ],
    swiftLanguageModes: [.v6]
)
