package import Bytes
public import Exchange
import ProtoWire
import Timebase

/// The explanation of a failure that a member of the mesh made: the content of the trailer `weft-why-bin`.
///
/// It is `weft.why.v1.Why`, written and read by hand here, since generated code stands above this target. What is written
/// is bounded: trailers that are too large for a peer would lose the status with them.
public struct Why: Sendable, Equatable {
    /// Attempts past this many are cut from the middle: how it began and how it ended say most.
    static let attemptLimit = 8
    /// The longest message, before base64. Peers take 8 KiB of trailers and more (gRPC's own default).
    static let byteLimit = 4096
    /// The longest of its texts but `detail`, and of `detail`, in bytes.
    static let textLimit = 256
    static let detailLimit = 1024
    /// More than this is not read out of a peer's trailer.
    static let mostRead = 64

    public var phase = ""
    public var cause = ""
    public var subject = ""
    public var detail = ""
    /// The member that says so.
    public var reporter = ""
    public var requestID = ""
    public var attempts: [AttemptRecord] = []
    /// What the deciding parts of the reporter held.
    public var state: StackState?
    /// 32 hexadecimal digits, or empty where nobody traces.
    public var traceID = ""

    public init() {}

    public init(
        _ failure: Failure, reporter: String = "", requestID: String = "", attempts: [AttemptRecord] = [],
        state: StackState? = nil, traceID: String = ""
    ) {
        phase = failure.phase.rawValue
        cause = failure.cause.rawValue
        subject = failure.subject
        detail = failure.detail
        self.reporter = reporter
        self.requestID = requestID
        self.attempts = attempts
        self.state = state
        self.traceID = traceID
    }

    /// `PICK.no_endpoints[course]`
    public var reason: String {
        subject.isEmpty ? "\(phase).\(cause)" : "\(phase).\(cause)[\(subject)]"
    }

    /// The same as this process knows failures; nil if the phase or the cause is none that it knows.
    public var failure: Failure? {
        guard let phase = Failure.Phase(rawValue: phase), let cause = Failure.Cause(rawValue: cause) else { return nil }
        var failure = Failure(phase, cause, subject: subject, detail: detail)
        failure.reporter = reporter
        failure.attempts = attempts
        return failure
    }

    /// The reason that trailers carry, the innermost if several hops told theirs.
    package init?(in fields: Fields) {
        guard let bytes = fields[.weftWhy].flatMap({ Base64.decode($0) }), let why = Why(bytes: bytes) else {
            return nil
        }
        self = why
    }
}
