/// Why a set of files does not make a pool.
public struct LinkError: Error, Equatable, Sendable {
    /// What refers: the full name of a field, a method or a file.
    public let element: String
    public let problem: String
}

extension LinkError: CustomStringConvertible {
    public var description: String { "\(element): \(problem)" }
}
