// swift-tools-version: 6.1
import PackageDescription

// The codecs of apple/swift-protobuf as a peer of Weft's. A package of its own, so that Weft does not depend on it: the
// benchmark copies it to an ignored folder, generates `codec.pb.swift` there, and builds it.

let package = Package(
    name: "codec-peer-swift",
    dependencies: [.package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0")],
    targets: [
        .executableTarget(
            name: "codec-peer-swift",
            dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")])
    ]
)
