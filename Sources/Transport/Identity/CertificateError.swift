/// A key, certificate or request that cannot be read, made or used.
public struct CertificateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried: `parse certificate`.
    public let action: String
    /// Why it failed, in words.
    public let reason: String

    public init(_ action: String, _ reason: String) {
        self.action = action
        self.reason = reason
    }

    public var description: String { "cannot \(action): \(reason)" }
}
