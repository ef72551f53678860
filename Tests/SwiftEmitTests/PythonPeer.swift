import Foundation
import ProtoWire

/// Google's protobuf for Python, which knows the contracts from the descriptors that generated code carries.
final class PythonPeer {
    /// What `WEFT_PYTHON` names, or the environment that `make setup` makes.
    static let python =
        ProcessInfo.processInfo.environment["WEFT_PYTHON"].map { URL(filePath: $0) }
        ?? Contract.folder.appending(path: "../../.venv/bin/python").standardized
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python.path) }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    struct Failure: Error {
        let answer: String
    }

    init(knowing files: [GeneratedFile]) throws {
        process.executableURL = PythonPeer.python
        process.arguments = [Contract.folder.appending(path: "Contracts/peer.py").path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var known: Set<String> = []
        for file in files { try add(file, &known) }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Parses and serializes a message there.
    func again(_ message: some Message) throws -> [UInt8] {
        try bytes(ask("again \(type(of: message).descriptor.fullName) \(Base64.encode(message.encoded()))"))
    }

    /// Parses bytes as a message and serializes it there.
    func again(_ type: any Message.Type, _ message: [UInt8]) throws -> [UInt8] {
        try bytes(ask("again \(type.descriptor.fullName) \(Base64.encode(message))"))
    }

    /// The paths of the required fields that a message lacks.
    func missing(_ message: some Message) throws -> [String] {
        let answer = try ask("missing \(type(of: message).descriptor.fullName) \(Base64.encode(message.encoded()))")
        return answer.split(separator: " ").map(String.init)
    }

    /// The canonical JSON of a message as it is read there.
    func json(_ message: some Message) throws -> String {
        try ask("json \(type(of: message).descriptor.fullName) \(Base64.encode(message.encoded()))")
    }

    /// The message that the JSON describes, made there.
    func make(_ type: any Message.Type, _ json: String) throws -> [UInt8] {
        try bytes(ask("make \(type.descriptor.fullName) \(json)"))
    }

    private func add(_ file: GeneratedFile, _ known: inout Set<String>) throws {
        guard known.insert(file.name).inserted else { return }
        for dependency in file.dependencies { try add(dependency, &known) }
        _ = try ask("file " + Base64.encode(file.descriptorBytes()))
    }

    private func bytes(_ answer: String) throws -> [UInt8] {
        guard let bytes = Base64.decode(answer) else { throw Failure(answer: answer) }
        return bytes
    }

    private func ask(_ question: String) throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let answer = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                guard !answer.hasPrefix("error ") else { throw Failure(answer: answer) }
                return answer
            }
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw Failure(answer: "the peer went away") }
            buffer.append(piece)
        }
    }
}
