import Descriptors
import Foundation
import ProtoWire

/// The official compiler, from PyPI: what we compare ourselves with.
struct Protoc {
    struct Failure: Error {
        let text: String
    }

    let roots: [URL]

    func descriptorSet(of paths: [String], sourceInfo: Bool, retain: Bool) throws -> FileDescriptorSet {
        let output = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString).binpb")
        defer { try? FileManager.default.removeItem(at: output) }
        var arguments = ["-m", "grpc_tools.protoc", "--include_imports", "--descriptor_set_out=\(output.path)"]
        if sourceInfo { arguments.append("--include_source_info") }
        if retain { arguments.append("--retain_options") }
        arguments += roots.map { "-I\($0.path)" } + paths
        let (code, errors) = try run(arguments)
        guard code == 0 else { throw Failure(text: errors) }
        return try FileDescriptorSet(decoding: [UInt8](Data(contentsOf: output)))
    }

    /// What protoc has against the files; empty if nothing.
    func complaints(about paths: [String]) throws -> String {
        let arguments = ["-m", "grpc_tools.protoc", "--descriptor_set_out=/dev/null"]
        let (code, errors) = try run(arguments + roots.map { "-I\($0.path)" } + paths)
        return code == 0 ? "" : errors
    }

    private func run(_ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = Files.python
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
