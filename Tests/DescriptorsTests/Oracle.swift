import Foundation
import ProtoWire
import Testing

@testable import Descriptors

/// Python's protobuf, in a process of its own: `Tests/Support/oracle.py`.
struct Oracle {
    /// A message that Python made.
    struct Case {
        let type: String
        let binary: [UInt8]
        let json: String
        /// Which of the printer's options made `json`.
        let variant: Int
        let text: String
    }

    /// An answer of ours, for Python to compare with the original.
    struct Answer {
        let type: String
        let original: [UInt8]
        let kind: String
        let payload: [UInt8]
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// Random messages of each type in turn, and the contracts that they are of.
    static func make(seed: Int, count: Int, types: [String]) throws -> (pool: DescriptorPool, cases: [Case]) {
        try make(["make", String(seed), String(count)] + types)
    }

    /// Random messages of the types of a random contract.
    static func make(schema seed: Int, count: Int) throws -> (pool: DescriptorPool, cases: [Case]) {
        try make(["schema", String(seed), String(count)])
    }

    private static func make(_ arguments: [String]) throws -> (pool: DescriptorPool, cases: [Case]) {
        let lines = try run(arguments).split(separator: "\n")
        let set = try FileDescriptorSet(decoding: bytes(lines[0]))
        let cases = lines.dropFirst().map { line in
            let parts = line.split(separator: " ")
            return Case(
                type: String(parts[0]), binary: bytes(parts[1]), json: String(decoding: bytes(parts[2]), as: UTF8.self),
                variant: Int(parts[3]) ?? 0, text: String(decoding: bytes(parts[4]), as: UTF8.self))
        }
        return (try DescriptorPool(set), cases)
    }

    /// What Python finds different; empty if nothing is. The answers are of a random contract if its seed is given.
    static func check(_ answers: [Answer], schema seed: Int? = nil) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "weft-oracle-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let lines = answers.map { "\($0.type) \(text($0.original)) \($0.kind) \(text($0.payload))" }
        try lines.joined(separator: "\n").write(to: file, atomically: false, encoding: .utf8)
        return try run(["check", file.path] + (seed.map { [String($0)] } ?? []))
    }

    private static func bytes(_ text: Substring) -> [UInt8] {
        text == "=" ? [] : Array(Data(base64Encoded: String(text)) ?? Data())
    }

    private static func text(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "=" : Data(bytes).base64EncodedString()
    }

    private static func run(_ arguments: [String]) throws -> String {
        let root = tests.deletingLastPathComponent()
        let given = ProcessInfo.processInfo.environment["WEFT_PYTHON"].map { URL(filePath: $0) }
        let python = given ?? root.appending(path: ".venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Missing(
                description: "no Python at \(python.path): set WEFT_PYTHON to one that has protobuf and grpcio-tools")
        }
        let process = Process()
        process.executableURL = python
        process.arguments = [tests.appending(path: "Support/oracle.py").path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing(description: "the oracle failed; see above") }
        return String(decoding: data, as: UTF8.self)
    }
}
