public import Bytes
public import Exchange
import ProtoWire
import Timebase

/// gRPC, as a driver of calls needs to know it: what remains of the time, how an answer is judged, how a failure is told.
///
/// Sidecars and direct clients judge with the same one. An application's own status is never replaced. Only what Weft itself
/// refuses, or what ends without any status, gets one from here, with the reason beside it in `weft-why-bin` (DESIGN §7).
public final class GRPCDialect: CallDialect {
    /// Longer messages could make the trailers too large for the peer, and the status would be lost with them.
    private static let messageLimit = 1024

    /// Milliseconds. A server that asks for more means that the caller should not come back.
    private static let longestPushback: Int64 = 300_000

    /// Who says so: `course-1/outbound`.
    private let reporter: String
    /// Attempts after the first go out under spans of their own, since somebody here tells of them.
    private let tracesAttempts: Bool

    public init(reporter: String, tracesAttempts: Bool = false) {
        self.reporter = reporter
        self.tracesAttempts = tracesAttempts
    }

    // MARK: The request

    public func timeout(of head: Fields) -> Duration? {
        head.withValue(.grpcTimeout, GRPCTimeout.parse) ?? nil
    }

    public func prepare(_ head: inout Fields, remaining: Duration?, attempt: Int) {
        if let remaining { head.set(.grpcTimeout, GRPCTimeout.text(for: remaining)) }
        guard attempt > 1 else { return }
        head.set(.grpcPreviousAttempts, String(attempt - 1))
        guard tracesAttempts, var trace = head.withValue(.traceParent, { TraceParent($0) }) ?? nil else { return }
        trace.span = TraceParent.span(ofAttempt: attempt, after: trace.span)
        trace.withBytes { head.set(.traceParent, $0) }
    }

    // MARK: The answer

    public func judge(head: Fields, trailers: Fields?) -> Outcome {
        let fields = trailers ?? head
        guard let code = fields.withValue(.grpcStatus, Self.code) else { return judgeWithoutStatus(head) }
        if code == .ok { return Outcome(.success) }
        var outcome = Outcome(code.isFault ? .fault : .answered, status: code.rawValue)
        if let pushback = fields[.grpcRetryPushback] { outcome.pushback = Self.pushback(pushback) }
        outcome.failure = Why(in: fields)?.failure
        switch fields[.weftRetries] {
        case RetryAdvice.safe:
            outcome.failure = outcome.failure ?? Failure(.relay, .refused)
            outcome.failure?.reach = .notProcessed
        case RetryAdvice.spent: outcome.pushback = .never
        default: break
        }
        return outcome
    }

    /// Nobody who speaks gRPC answered: a fault of the endpoint, unless HTTP says that it is the caller's.
    private func judgeWithoutStatus(_ head: Fields) -> Outcome {
        let code = StatusCode(httpStatus: Int(head[.status] ?? "") ?? 0)
        return Outcome(code == .unknown || code.isFault ? .fault : .answered, status: code.rawValue)
    }

    public func judge(_ failure: Failure) -> Outcome {
        let code = StatusCode(failure)
        let kind: Outcome.Kind =
            switch failure.phase {
            case .admit, .authorize, .route, .limit, .pick: .refused
            // A pool's queue, that is: its endpoint has too much to do, and is not ill.
            case .queue: failure.cause == .cancelled ? .cancelled : .answered
            case .connect, .tls: .fault
            case .send, .wait, .receive, .relay, .retry:
                failure.reach == .notProcessed || code.isFault ? .fault : .answered
            }
        return Outcome(kind, status: code.rawValue, failure: failure)
    }

    // MARK: Our own words

    public func answer(to failure: Failure, of call: CallHead, after attempts: [AttemptRecord]) -> Fields {
        var head = Fields()
        head.append(.status, "200")
        head.append(.contentType, "application/grpc")
        append(failure, call, attempts, to: &head)
        return head
    }

    public func trailers(for failure: Failure, of call: CallHead, after attempts: [AttemptRecord]) -> Fields? {
        var trailers = Fields()
        append(failure, call, attempts, to: &trailers)
        return trailers
    }

    private func append(
        _ failure: Failure, _ call: CallHead, _ attempts: [AttemptRecord], to fields: inout Fields
    ) {
        let message = failure.detail.isEmpty ? failure.reason : "\(failure.reason): \(failure.detail)"
        fields.append(.grpcStatus, String(StatusCode(failure).rawValue))
        fields.append(.grpcMessage, PercentCoding.encode(String(message.prefix(Self.messageLimit))))
        append(failure, call, attempts, whyTo: &fields)
        if let pause = failure.retryAfter { fields.append(.grpcRetryPushback, Self.text(ofPushback: pause)) }
        // A member further out must know what it may do: nothing was done yet, or everything was tried already. Who is over
        // a quota gets no further by being tried elsewhere: that is the application's to wait for.
        if call.retriesAreSpent || attempts.count > 1 || failure.cause == .quota {
            fields.append(.weftRetries, RetryAdvice.spent)
        } else if failure.reach == .neverSent || failure.reach == .notProcessed {
            fields.append(.weftRetries, RetryAdvice.safe)
        }
    }

    /// What several attempts ended in is the peer's answer as it is; only the reason stands beside it, behind the peer's own.
    public func accompany(_ answer: inout Fields, of call: CallHead) {
        if call.retriesAreSpent { answer.set(.weftRetries, RetryAdvice.spent) }
        let attempts = call.attempts
        guard attempts.count > 1 else { return }
        let failure = Failure(
            .retry, .appStatus, subject: call.method.service,
            detail: "the peer's own answer, after \(attempts.count) attempts")
        append(failure, call, attempts, whyTo: &answer)
    }

    private func append(
        _ failure: Failure, _ call: CallHead, _ attempts: [AttemptRecord], whyTo fields: inout Fields
    ) {
        let why = Why(
            failure, reporter: reporter, requestID: call.requestID, attempts: attempts, state: call.state,
            traceID: call.traceID)
        fields.append(.weftWhy, Base64.encode(why.encoded(), padded: false))
    }

    // MARK: Reading

    /// A status that is no number of gRPC's counts as UNKNOWN.
    private static func code(_ digits: UnsafeBufferPointer<UInt8>) -> StatusCode {
        var number = 0
        for digit in digits.prefix(3) {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return .unknown }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return digits.isEmpty ? .unknown : StatusCode(rawValue: number) ?? .unknown
    }

    /// Whole milliseconds, upwards: who comes back earlier would be refused again.
    private static func text(ofPushback pause: Duration) -> String {
        String(min(max(1, (pause.clampedNanoseconds + 999_999) / 1_000_000), longestPushback))
    }

    /// What cannot be read, or is negative, means never (gRFC A6); so does a wait of more than five minutes.
    private static func pushback(_ text: String) -> Outcome.Pushback {
        guard let milliseconds = Int64(text), (0...longestPushback).contains(milliseconds) else { return .never }
        return .after(.milliseconds(milliseconds))
    }
}

extension StatusCode {
    /// The endpoint's fault, and not its caller's or its application's (DESIGN §6).
    package var isFault: Bool {
        self == .unavailable || self == .internal || self == .dataLoss || self == .deadlineExceeded
    }
}

extension StatusCode {
    /// The codes that are, as a set: another endpoint may do better.
    package static let faults = StatusSet((0...16).filter { StatusCode(rawValue: $0)?.isFault == true })
}

/// What an answer of Weft says of trying again, in `weft-retries`: only the layer nearest to a failure repeats calls.
package enum RetryAdvice {
    /// The request was not processed: whoever stands before may try elsewhere.
    package static let safe = "safe"
    /// It was tried as often as was useful.
    package static let spent = "spent"
}
