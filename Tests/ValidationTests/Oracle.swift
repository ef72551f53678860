import Foundation

/// protovalidate and RE2 in a Python process: `Peers/oracle.py`.
enum Oracle {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The oracle's answer to each line.
    static func ask(_ question: String, _ lines: [String]) throws -> [String] {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let given = ProcessInfo.processInfo.environment["WEFT_PYTHON"].map { URL(filePath: $0) }
        let python = given ?? root.appending(path: ".venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Missing(
                description: "no Python at \(python.path): set WEFT_PYTHON to one that has protovalidate and google-re2"
            )
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "weft-rules-\(UUID().uuidString)")
        try lines.joined(separator: "\n").write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = python
        process.arguments = [here.appending(path: "Peers/oracle.py").path, question, file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing(description: "the oracle failed; see above") }
        let answers = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        guard answers.count == lines.count else {
            throw Missing(description: "the oracle answered \(answers.count) lines")
        }
        return answers
    }

    static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func text(_ hex: some StringProtocol) -> String {
        var digits = hex.utf8.makeIterator()
        var bytes: [UInt8] = []
        while let high = digits.next(), let low = digits.next() {
            bytes.append(UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) ?? 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Chance from a seed (SplitMix64), so that a failure can be repeated.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}
