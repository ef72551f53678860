/// Why text is not the message that it was said to be, or why a message has no text form.
public struct TextFormatError: Error, Equatable, Sendable {
    /// Where in the message: `course.lessons[2].minutes`. Empty at the top.
    public let path: String
    /// What was expected and what was there.
    public let problem: String
    /// Where in the text, counted from 1 in characters; 0 if the input was not text.
    public let line: Int
    public let column: Int

    public init(path: String = "", problem: String, line: Int = 0, column: Int = 0) {
        self.path = path
        self.problem = problem
        self.line = line
        self.column = column
    }
}

extension TextFormatError: CustomStringConvertible {
    public var description: String {
        let place = line > 0 ? " (line \(line), column \(column))" : ""
        return (path.isEmpty ? problem : "\(path): \(problem)") + place
    }
}
