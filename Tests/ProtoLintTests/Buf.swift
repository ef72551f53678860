import Foundation
import ProtoCheck

/// The other linter, from PyPI: what we compare ourselves with. It lies beside the interpreter that `WEFT_PYTHON` names.
enum Buf {
    /// What both say of a finding. The words differ, and so do the ends of some regions.
    struct Mark: Hashable, Comparable, CustomStringConvertible {
        let rule: String
        let file: String
        let line: Int
        let column: Int

        var description: String { "\(file):\(line):\(column): \(rule)" }

        static func < (left: Mark, right: Mark) -> Bool { left.description < right.description }
    }

    static let program: URL? = {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python =
            ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? top.appending(path: ".venv/bin/python").path
        let buf = URL(filePath: python).deletingLastPathComponent().appending(path: "buf")
        return FileManager.default.isExecutableFile(atPath: buf.path) ? buf : nil
    }()

    static func marks(of findings: [Finding]) -> Set<Mark> {
        Set(
            findings.map { finding in
                Mark(
                    rule: finding.rule, file: finding.file ?? "", line: (finding.region?.startLine ?? 0) + 1,
                    column: (finding.region?.startColumn ?? 0) + 1)
            })
    }

    /// The categories of its rules, by name.
    static func rules(_ command: String) throws -> [String: Set<String>] {
        let arguments = ["config", command, "--version", "v2", "--format", "json"]
        let objects = try objects(arguments, in: FileManager.default.temporaryDirectory)
        return Dictionary(
            uniqueKeysWithValues: objects.map { object in
                (object["id"] as? String ?? "", Set(object["categories"] as? [String] ?? []))
            })
    }

    /// Runs it in a folder; its findings are lines of JSON.
    static func marks(_ arguments: [String], in folder: URL) throws -> Set<Mark> {
        try Set(
            objects(arguments + ["--error-format", "json"], in: folder).map { object in
                guard let rule = object["type"] as? String else { throw Failure(text: "\(object)") }
                return Mark(
                    rule: rule, file: object["path"] as? String ?? "", line: object["start_line"] as? Int ?? 1,
                    column: object["start_column"] as? Int ?? 1)
            })
    }

    private static func objects(_ arguments: [String], in folder: URL) throws -> [[String: Any]] {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let lines = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard [0, 100].contains(process.terminationStatus) else { throw Failure(text: complaint) }
        return try String(decoding: lines, as: UTF8.self).split(separator: "\n").map { line in
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw Failure(text: String(line))
            }
            return object
        }
    }

    struct Failure: Error {
        let text: String
    }
}
