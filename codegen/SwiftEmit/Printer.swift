/// Collects lines of Swift and indents them; it knows nothing else.
struct Printer {
    private(set) var text = ""
    private var depth = 0

    /// Writes lines at the current depth; an empty one stays empty.
    mutating func line(_ lines: String...) {
        for line in lines { put(line) }
    }

    mutating func put(_ line: String) {
        if !line.isEmpty {
            text += String(repeating: "    ", count: depth)
            text += line
        }
        text += "\n"
    }

    /// Writes `opening`, the body one step deeper, and `closing`.
    mutating func block(_ opening: String, closing: String = "}", _ body: (inout Printer) -> Void) {
        put(opening)
        indented(body)
        put(closing)
    }

    /// Writes the body one step deeper.
    mutating func indented(_ body: (inout Printer) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// Writes a contract's comment as a documentation comment.
    mutating func comment(_ paragraphs: [String]) {
        for line in paragraphs { put(line.isEmpty ? "///" : "/// " + line) }
    }
}
