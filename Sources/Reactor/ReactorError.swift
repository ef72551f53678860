/// A call to the kernel that a loop needs failed.
public struct ReactorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call: `epoll_ctl`.
    public let call: String
    /// The `errno` that it left.
    public let code: Int32

    public init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    public var description: String { "\(call) failed: \(errorText(code))" }
}
