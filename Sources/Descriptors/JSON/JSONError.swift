/// Why JSON is not the message that it was said to be, or why a message has no JSON form.
public struct JSONError: Error, Equatable, Sendable {
    /// Where in the message: `course.lessons[2].minutes`. Empty at the top.
    public internal(set) var path: String
    /// What was expected and what was there.
    public let problem: String
    /// Where in the text, counted from 1 in characters; 0 if the input was not JSON.
    public let line: Int
    public let column: Int

    public init(path: String = "", problem: String, line: Int = 0, column: Int = 0) {
        self.path = path
        self.problem = problem
        self.line = line
        self.column = column
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        let place = line > 0 ? " (line \(line), column \(column))" : ""
        return (path.isEmpty ? problem : "\(path): \(problem)") + place
    }
}

extension JSONError {
    /// An error at a byte of JSON text.
    ///
    /// The place and the path are found only now, by reading the text again up to the byte, so that reading without an
    /// error keeps no track of them.
    init(_ problem: String, in text: UnsafeRawBufferPointer, at offset: Int) {
        var line = 1
        var column = 1
        for byte in text[..<min(offset, text.count)] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(path: JSONError.path(in: text, to: offset), problem: problem, line: line, column: column)
    }

    /// The keys and indices on the way to a byte of well-formed text.
    private static func path(in text: UnsafeRawBufferPointer, to offset: Int) -> String {
        enum Step {
            case object(key: String)
            case list(index: Int)
        }
        var steps: [Step] = []
        var expectsKey = false
        var index = 0
        while index < min(offset, text.count) {
            switch text[index] {
            case UInt8(ascii: "{"):
                steps.append(.object(key: ""))
                expectsKey = true
            case UInt8(ascii: "["):
                steps.append(.list(index: 0))
                expectsKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = steps.popLast()
            case UInt8(ascii: ","):
                if case .list(let position)? = steps.last {
                    steps[steps.count - 1] = .list(index: position + 1)
                } else if !steps.isEmpty {
                    steps[steps.count - 1] = .object(key: "")
                    expectsKey = true
                }
            case UInt8(ascii: "\""):
                let start = index + 1
                index = start
                while index < text.count, text[index] != UInt8(ascii: "\"") {
                    index += text[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                if expectsKey, !steps.isEmpty {
                    let key = String(decoding: text[start..<min(index, text.count)], as: UTF8.self)
                    steps[steps.count - 1] = .object(key: key)
                    expectsKey = false
                }
            default: break
            }
            index += 1
        }
        return steps.reduce(into: "") { path, step in
            switch step {
            case .object(let key): path = joined(path, key)
            case .list(let index): path += "[\(index)]"
            }
        }
    }

    /// A path and one more name; a name that is not an identifier is quoted in brackets.
    static func joined(_ path: String, _ name: String) -> String {
        guard !name.isEmpty else { return path }
        if name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 }) {
            return path.isEmpty ? name : "\(path).\(name)"
        }
        return path + "[\"\(name)\"]"
    }

    /// The same error, seen from one level further out.
    func inside(_ name: String) -> JSONError {
        var error = self
        error.path = path.isEmpty || path.hasPrefix("[") ? name + path : "\(name).\(path)"
        return error
    }
}
