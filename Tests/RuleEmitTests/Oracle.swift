import Descriptors
import Foundation
import ProtoWire
import RulesAPI

/// protovalidate for Python, which knows the contracts from the descriptors that our compiler makes.
final class Oracle {
    static let python = URL(
        filePath: ProcessInfo.processInfo.environment["WEFT_PYTHON"]
            ?? Contract.folder.appending(path: "../../.venv/bin/python").standardized.path)
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python.path) }

    enum Answer: Equatable {
        case violations([String])
        /// The rules are wrong.
        case compilation(String)
        /// A rule has no value for this message.
        case evaluation(String)
    }

    struct Failure: Error {
        let answer: String
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    init(knowing files: [FileDescriptorProto]) throws {
        process.executableURL = Oracle.python
        process.arguments = [Contract.folder.appending(path: "Contracts/oracle.py").path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        for file in files {
            var bare = file
            bare.sourceCodeInfo = nil
            guard try ask("file " + Base64.encode(bare.encoded())) == "ok" else {
                throw Failure(answer: file.name ?? "")
            }
        }
    }

    /// The package's own `buf/validate/validate.proto`.
    static func contract() throws -> [UInt8] {
        guard let bytes = Base64.decode(try Oracle(knowing: []).ask("contract")) else {
            throw Failure(answer: "contract")
        }
        return bytes
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func check(_ type: String, _ bytes: [UInt8]) throws -> Answer {
        let answer = try ask("check \(type) \(Base64.encode(bytes))")
        let parts = answer.split(separator: " ", maxSplits: 1)
        switch parts.first {
        case "valid": return .violations([])
        case "violations":
            guard parts.count == 2, let bytes = Base64.decode(String(parts[1])) else { throw Failure(answer: answer) }
            return .violations(try BufValidate.Violations(decoding: bytes).violations.map(Shape.text))
        case "compilation": return .compilation(String(parts.last ?? ""))
        case "evaluation": return .evaluation(String(parts.last ?? ""))
        default: throw Failure(answer: answer)
        }
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
