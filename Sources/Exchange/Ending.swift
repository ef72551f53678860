/// Why a stream is given up: the HTTP/2 error codes (RFC 9113 §7), which every transport here can carry.
public struct ResetCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let noError = ResetCode(rawValue: 0x0)
    public static let protocolError = ResetCode(rawValue: 0x1)
    public static let internalError = ResetCode(rawValue: 0x2)
    public static let flowControlError = ResetCode(rawValue: 0x3)
    public static let settingsTimeout = ResetCode(rawValue: 0x4)
    public static let streamClosed = ResetCode(rawValue: 0x5)
    public static let frameSizeError = ResetCode(rawValue: 0x6)
    /// The peer did not process the exchange at all: it may be tried again (RFC 9113 §8.7).
    public static let refusedStream = ResetCode(rawValue: 0x7)
    public static let cancel = ResetCode(rawValue: 0x8)
    public static let compressionError = ResetCode(rawValue: 0x9)
    public static let connectError = ResetCode(rawValue: 0xa)
    public static let enhanceYourCalm = ResetCode(rawValue: 0xb)
    public static let inadequateSecurity = ResetCode(rawValue: 0xc)
    public static let http11Required = ResetCode(rawValue: 0xd)
}

/// How an exchange ended, below any protocol's own status.
public enum Ending: Sendable, Equatable {
    /// Both halves were sent to their end.
    case complete
    /// The exchange broke off.
    case failed(Failure)
}

/// A refusal or failure that Weft or its transport made, with its one reason `phase.cause[subject]` (DESIGN §7).
///
/// What is known of it lies in an object that copies share until one changes: it is part of what every layer and every
/// ending of a call answers, and copying so many parts there was a tenth of what all layers cost, where most calls do not
/// fail.
public struct Failure: Error, Sendable, Equatable {
    fileprivate struct Facts: Sendable, Equatable {
        var phase: Phase
        var cause: Cause
        var subject: String
        var detail: String
        var reach: Reach
        var code: ResetCode?
        var retryAfter: Duration?
        var attempts: [AttemptRecord] = []
        var status: Int?
        var note: String = ""
        var reporter: String = ""
    }

    fileprivate final class Shared: Sendable {
        let facts: Facts
        init(_ facts: Facts) { self.facts = facts }
    }

    fileprivate var shared: Shared

    public init(
        _ phase: Phase, _ cause: Cause, subject: String = "", detail: String = "", reach: Reach = .unknown,
        code: ResetCode? = nil, retryAfter: Duration? = nil
    ) {
        shared = Shared(
            Facts(
                phase: phase, cause: cause, subject: subject, detail: detail, reach: reach, code: code,
                retryAfter: retryAfter))
    }

    public static func == (left: Failure, right: Failure) -> Bool {
        left.shared === right.shared || left.shared.facts == right.shared.facts
    }

    /// `PICK.no_endpoints[course]`
    public var reason: String {
        let name = "\(phase.rawValue).\(cause.rawValue)"
        return subject.isEmpty ? name : "\(name)[\(subject)]"
    }

    /// Where on its way a call was when it failed.
    public enum Phase: String, Sendable, CaseIterable {
        case admit = "ADMIT"
        case authorize = "AUTHZ"
        case route = "ROUTE"
        case limit = "LIMIT"
        case queue = "QUEUE"
        case pick = "PICK"
        case connect = "CONNECT"
        case tls = "TLS"
        case send = "SEND"
        case wait = "WAIT"
        case receive = "RECV"
        case relay = "RELAY"
        case retry = "RETRY"
    }

    public enum Cause: String, Sendable, CaseIterable {
        case noRoute = "no_route"
        case noEndpoints = "no_endpoints"
        case allEjected = "all_ejected"
        case deadline
        case deadlineBudget = "deadline_budget"
        case peerReset = "peer_reset"
        case peerGoAway = "peer_goaway"
        case peerClosed = "peer_closed"
        case refused
        case connectRefused = "connect_refused"
        case connectTimeout = "connect_timeout"
        case connectFailed = "connect_failed"
        case tlsUntrusted = "tls_untrusted"
        case tlsIdentityMismatch = "tls_identity_mismatch"
        case tlsExpired = "tls_expired"
        case tlsFailed = "tls_failed"
        case quota
        case bulkheadFull = "bulkhead_full"
        case queueFull = "queue_full"
        /// The process or the service behind it has more to do than it can.
        case overload
        case policyDenied = "policy_denied"
        case breakerOpen = "breaker_open"
        case faultInjected = "fault_injected"
        case bodyTooLarge = "body_too_large"
        case headersTooLarge = "headers_too_large"
        case invalidMessage = "invalid_message"
        case unknownMethod = "unknown_method"
        case protocolError = "protocol_error"
        case draining
        case cancelled
        /// The peer answered with a status of its own, and that is all that is known.
        case appStatus = "app_status"
    }

    /// What a request is known to have caused at the peer (gRFC A6, "transparent retries").
    public enum Reach: Sendable {
        /// No byte of it left this process.
        case neverSent
        /// It left, and the peer said or showed that it did not process it: REFUSED_STREAM, or above GOAWAY's last id.
        case notProcessed
        /// It may have been processed.
        case unknown
    }
}

/// The facts, one by one. Whoever changes one has the others copied: failures are made seldom, and passed on often.
extension Failure {
    public var phase: Phase {
        get { shared.facts.phase }
        set { change { $0.phase = newValue } }
    }

    public var cause: Cause {
        get { shared.facts.cause }
        set { change { $0.cause = newValue } }
    }

    /// What the reason is about: an endpoint, a method, a limit. Empty when there is nothing to name.
    public var subject: String {
        get { shared.facts.subject }
        set { change { $0.subject = newValue } }
    }

    /// One sentence for a person, lower case, without secrets.
    public var detail: String {
        get { shared.facts.detail }
        set { change { $0.detail = newValue } }
    }

    /// How far the request got: decides whether it may be tried again.
    public var reach: Reach {
        get { shared.facts.reach }
        set { change { $0.reach = newValue } }
    }

    /// The reset code that was sent or received, if the failure is a reset.
    public var code: ResetCode? {
        get { shared.facts.code }
        set { change { $0.code = newValue } }
    }

    /// When the caller may come back, if that is known: it hears it as `grpc-retry-pushback-ms`.
    public var retryAfter: Duration? {
        get { shared.facts.retryAfter }
        set { change { $0.retryAfter = newValue } }
    }

    /// What was tried before the call failed so, the failing attempt last; empty below a driver.
    public var attempts: [AttemptRecord] {
        get { shared.facts.attempts }
        set { change { $0.attempts = newValue } }
    }

    /// The protocol's status that the answer must have, where the reason alone does not decide it: a failure that was
    /// injected.
    public var status: Int? {
        get { shared.facts.status }
        set { change { $0.status = newValue } }
    }

    /// What helps whoever runs this side, and is nobody else's business: logged, and not sent.
    public var note: String {
        get { shared.facts.note }
        set { change { $0.note = newValue } }
    }

    /// The member of the mesh that told of it; empty for what this process found itself.
    public var reporter: String {
        get { shared.facts.reporter }
        set { change { $0.reporter = newValue } }
    }

    private mutating func change(_ body: (inout Facts) -> Void) {
        var facts = shared.facts
        body(&facts)
        shared = Shared(facts)
    }
}
