/// Collects lines of Swift and indents them; it knows nothing else.
package struct Printer {
    package private(set) var text = ""
    private var depth = 0

    package init() {}

    /// Writes lines at the current depth; an empty one stays empty.
    package mutating func line(_ lines: String...) {
        for line in lines { put(line) }
    }

    package mutating func put(_ line: String) {
        if !line.isEmpty {
            text += String(repeating: "    ", count: depth)
            text += line
        }
        text += "\n"
    }

    /// Writes `opening`, the body one step deeper, and `closing`.
    package mutating func block(_ opening: String, closing: String = "}", _ body: (inout Printer) -> Void) {
        put(opening)
        indented(body)
        put(closing)
    }

    /// Writes the body one step deeper.
    package mutating func indented(_ body: (inout Printer) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// Writes a contract's comment as a documentation comment.
    package mutating func comment(_ paragraphs: [String]) {
        for line in paragraphs { put(line.isEmpty ? "///" : "/// " + line) }
    }
}
