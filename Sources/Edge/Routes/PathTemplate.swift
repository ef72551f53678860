/// A path template of `google.api.http`, parsed: `/v1/courses/{id}/lessons/{lesson=**}:record`.
///
///     Template = "/" Segments [ Verb ]        Segment  = "*" | "**" | LITERAL | Variable
///     Verb     = ":" LITERAL                  Variable = "{" FieldPath [ "=" Segments ] "}"
///
/// Source: the comments of the public google/api/http.proto.
struct PathTemplate: Equatable {
    enum Segment: Equatable {
        case literal(String)
        /// `*`: exactly one segment.
        case one
        /// `**`: any number of segments, the last thing before the verb.
        case rest
    }

    /// A request field and the segments that fill it.
    struct Variable: Equatable {
        /// `course.id`
        let fieldPath: String
        let segments: Range<Int>
        /// Holds `**` or more than one segment: an escaped slash in it stays escaped.
        let isMulti: Bool
    }

    struct Fault: Error, Equatable {
        let message: String
    }

    private(set) var segments: [Segment] = []
    private(set) var variables: [Variable] = []
    private(set) var verb: String?

    init(_ text: String) throws(Fault) {
        guard text.hasPrefix("/") else { throw Fault(message: "a path template begins with '/'") }
        var rest = text.dropFirst()
        while true {
            try readSegment(&rest, inVariable: false)
            guard let next = rest.first else { break }
            if next == "/" {
                rest = rest.dropFirst()
                continue
            }
            guard next == ":" else { throw Fault(message: "expected '/' or ':' before '\(rest)'") }
            let name = rest.dropFirst()
            guard !name.isEmpty, !name.contains(where: { "/{}*:".contains($0) }) else {
                throw Fault(message: "'\(rest)' is not a verb")
            }
            verb = String(name)
            break
        }
        if let place = segments.firstIndex(of: .rest), place != segments.count - 1 {
            throw Fault(message: "'**' must be the last segment")
        }
        let names = variables.map(\.fieldPath)
        if let twice = names.first(where: { name in names.count(where: { $0 == name }) > 1 }) {
            throw Fault(message: "the variable '\(twice)' stands twice")
        }
    }

    private mutating func readSegment(_ rest: inout Substring, inVariable: Bool) throws(Fault) {
        switch rest.first {
        case "{":
            guard !inVariable else { throw Fault(message: "variables cannot nest") }
            try readVariable(&rest)
        case "*":
            let isRest = rest.hasPrefix("**")
            rest = rest.dropFirst(isRest ? 2 : 1)
            segments.append(isRest ? .rest : .one)
        default:
            let literal = rest.prefix { !"/{}*:=".contains($0) }
            guard !literal.isEmpty else { throw Fault(message: "an empty segment before '\(rest)'") }
            rest = rest.dropFirst(literal.count)
            segments.append(.literal(String(literal)))
        }
    }

    private mutating func readVariable(_ rest: inout Substring) throws(Fault) {
        rest = rest.dropFirst()
        let path = rest.prefix { $0 != "=" && $0 != "}" }
        guard Self.isFieldPath(path) else { throw Fault(message: "'\(path)' is not a field path") }
        rest = rest.dropFirst(path.count)
        let start = segments.count
        if rest.first == "=" {
            rest = rest.dropFirst()
            try readSegment(&rest, inVariable: true)
            while rest.first == "/" {
                rest = rest.dropFirst()
                try readSegment(&rest, inVariable: true)
            }
        } else {
            segments.append(.one)
        }
        guard rest.first == "}" else { throw Fault(message: "the variable '\(path)' is not closed") }
        rest = rest.dropFirst()
        let range = start..<segments.count
        variables.append(
            Variable(
                fieldPath: String(path), segments: range, isMulti: range.count > 1 || segments[range].contains(.rest)))
    }

    private static func isFieldPath(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { name in
            guard let first = name.utf8.first, first == UInt8(ascii: "_") || isLetter(first) else { return false }
            return name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLetter($0) || (48...57).contains($0) }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
