import ProtoWire
public import RPC

extension ValidatedMessage {
    /// Returns if the message keeps its rules, else throws what a handler answers its caller with: INVALID_ARGUMENT.
    public func requireValid() throws(RPCError) {
        let violations: [Violation]
        do {
            violations = try self.violations()
        } catch {
            // Not INTERNAL: the value brought it about, and a server fault would open the callers' breakers.
            throw RPCError(.invalidArgument, "\(Self.descriptor.fullName): \(error)")
        }
        guard let first = violations.first else { return }
        let count = violations.count == 1 ? "is not valid" : "is not valid in \(violations.count) places, first"
        throw RPCError(.invalidArgument, "\(Self.descriptor.fullName) \(count): \(first)")
    }
}
