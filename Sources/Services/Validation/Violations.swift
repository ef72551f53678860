/// What is wrong with a request, each with the field it is about: `lessons[2].title: must not be empty`.
///
/// Parsing goes on after a fault, so that one answer shows all of them, up to a bound.
struct Violations: Equatable {
    /// More faults than a person reads; a request of ten thousand bad lessons does not get ten thousand sentences.
    private static let most = 10

    private(set) var lines: [String] = []
    private var left = 0

    var isEmpty: Bool { lines.isEmpty }

    /// All of it in one line.
    var text: String {
        lines.joined(separator: "; ") + (left > 0 ? "; and \(left) more" : "")
    }

    mutating func add(_ field: String, _ fault: String) {
        if lines.count < Violations.most { lines.append("\(field): \(fault)") } else { left += 1 }
    }
}

/// What texts from outside must be like. Lengths count Unicode scalars, as Postgres's `length` does.
extension Violations {
    /// A line of text: a title.
    mutating func checkLine(_ text: String, _ field: String, longest: Int) {
        if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            add(field, "must not be empty")
        } else if text.unicodeScalars.contains(where: { Violations.isControl($0) }) {
            add(field, "must not hold control characters or line breaks")
        } else {
            checkLength(text, field, longest: longest)
        }
    }

    /// Text with line breaks, or none at all: a summary.
    mutating func checkText(_ text: String, _ field: String, longest: Int) {
        if text.unicodeScalars.contains(where: { Violations.isControl($0) && $0 != "\n" && $0 != "\r" && $0 != "\t" }) {
            add(field, "must not hold control characters")
        } else {
            checkLength(text, field, longest: longest)
        }
    }

    /// A name that machines use and that stands in paths.
    mutating func checkName(_ text: String, _ field: String, longest: Int) {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_.".utf8.contains(byte)
        }
        if text.isEmpty {
            add(field, "must not be empty")
        } else if !isPlain {
            add(field, "may hold letters, digits, '-', '_' and '.' only")
        } else {
            checkLength(text, field, longest: longest)
        }
    }

    mutating func checkLength(_ text: String, _ field: String, longest: Int) {
        let count = text.unicodeScalars.count
        if count > longest { add(field, "is \(count) characters long, at most \(longest) are allowed") }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }
}
