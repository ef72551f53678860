/// A rule that cannot be: it would never compile, or its author meant something else.
public struct RuleFault: Sendable, Equatable {
    /// The contract's file, as imports name it.
    public let file: String
    /// Where the field, oneof or message stands in its file's descriptor, as `SourceCodeInfo` has it.
    public let path: [Int32]
    /// What has the rule: `learn.course.v1.Course.title`.
    public let element: String
    /// The way to the rule in the options: `string.pattern`, `cel[0]`.
    public let rule: String
    /// Lower case, no full stop.
    public let message: String

    public init(file: String, path: [Int32], element: String, rule: String, message: String) {
        self.file = file
        self.path = path
        self.element = element
        self.rule = rule
        self.message = message
    }
}

extension RuleFault: CustomStringConvertible {
    public var description: String { "\(file): \(element): \(rule): \(message)" }
}
