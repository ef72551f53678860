/// Why text does not go into a field: a path variable or a query parameter that does not fit the contract.
public struct BindError: Error, Equatable, Sendable {
    /// As it was given: `course.level`.
    public let path: String
    /// What was expected and what was there.
    public let problem: String
}

extension BindError: CustomStringConvertible {
    public var description: String { "\(path): \(problem)" }
}
