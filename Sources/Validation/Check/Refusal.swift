import ProtoWire
public import RPC
import RulesAPI
public import WellKnown

extension ValidatedMessage {
    /// Returns if the message keeps its rules, else throws what a handler answers its caller with: INVALID_ARGUMENT, with
    /// `google.rpc.BadRequest` and `buf.validate.Violations` as details.
    public func requireValid(now: GoogleProtobuf.Timestamp? = nil) throws(RPCError) {
        let violations: [Violation]
        do {
            violations = try self.violations(now: now)
        } catch {
            // Not INTERNAL: the value brought it about, and a server fault would open the callers' breakers.
            throw RPCError(.invalidArgument, "\(Self.descriptor.fullName): \(error)")
        }
        if !violations.isEmpty { throw RPCError(violations, of: Self.descriptor.fullName) }
    }
}

extension RPCError {
    /// How a message was refused. `violations` must hold one.
    public init(_ violations: [Violation], of type: String) {
        let count =
            violations.count == 1 ? "is not valid" : "is not valid in \(violations.count) places, the first"
        let first = violations.first.map { ": \($0)" } ?? ""
        let message = "\(type) \(count)\(first)".bounded(RPCError.refusalLimit)
        var status = GoogleRpc.Status()
        status.code = Int32(StatusCode.invalidArgument.rawValue)
        status.message = message
        status.details = RPCError.details(of: violations)
        self.init(.invalidArgument, message, details: status.encoded())
    }

    /// The longest sentence about what is wrong, which names a field that may have a long key.
    private static let refusalLimit = 512

    /// The most bytes of each detail. Both stand in the trailers, in base64, and peers refuse trailers of 8 KiB (gRPC's
    /// default `max_metadata_size`): the status itself would be lost.
    private static let detailLimit = 2048

    /// As many violations as there is room for, from the first.
    private static func details(of violations: [Violation]) -> [GoogleProtobuf.AnyMessage] {
        var request = GoogleRpc.BadRequest()
        var complete = BufValidate.Violations()
        var room = detailLimit
        var completeRoom = detailLimit
        for violation in violations {
            let described = GoogleRpc.BadRequest.FieldViolation(violation)
            room -= described.encoded().count
            guard room > 0 else { break }
            request.fieldViolations.append(described)
            let exact = BufValidate.Violation(violation)
            completeRoom -= exact.encoded().count
            if completeRoom > 0 { complete.violations.append(exact) }
        }
        return [packed(request), packed(complete)]
    }

    private static func packed<Detail: Message>(_ detail: Detail) -> GoogleProtobuf.AnyMessage {
        var packed = GoogleProtobuf.AnyMessage()
        packed.typeUrl = "type.googleapis.com/" + Detail.descriptor.fullName
        packed.value = detail.encoded()
        return packed
    }
}
