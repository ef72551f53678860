import Bytes
import Exchange
import MeshAPI
import ProtoWire
import RPC
import ServiceKit
import Timebase

/// The calls of a sidecar that failed, or that needed more than one attempt, as they were when they ended.
///
/// What Weft made and what applications answered lie apart: a service that says NOT_FOUND all day must not push out the one
/// story that somebody looks for.
final class CallStories {
    /// A call that is over: nobody changes it any more.
    struct Told {
        let call: CallHead
        let outcome: Outcome
        let direction: Telemetry.Direction
        let teller: String
        let at: WallTime
    }

    private static let mostAnswered = 128
    private let made = StoryBook<Told>(mostStories: 384, mostBytes: 768 << 10)
    private let answered = StoryBook<Told>(mostStories: CallStories.mostAnswered, mostBytes: 256 << 10)

    func add(_ told: Told) {
        let weight = told.call.request.listSize + 256 * (1 + told.call.attempts.count)
        if told.outcome.failure == nil && told.call.attempts.count < 2 {
            answered.add(told, weight: weight)
        } else {
            made.add(told, weight: weight)
        }
    }

    /// What is known of an id: a request's, or a trace's; the latest first.
    func find(_ id: String, atMost limit: Int = 32) -> [WeftAdminV1.Story] {
        let isWanted = { (told: Told) in told.call.requestID == id || told.call.traceID == id }
        let found = made.latest(limit, where: isWanted) + answered.latest(limit, where: isWanted)
        return found.prefix(limit).map { WeftAdminV1.Story($0) }
    }

    var count: Int { made.count + answered.count }
}

extension WeftAdminV1.Story {
    fileprivate init(_ told: CallStories.Told) {
        let (call, outcome) = (told.call, told.outcome)
        self.init()
        atMs = told.at.milliseconds
        direction = told.direction.rawValue
        caller = call.caller
        callee = call.method.service
        method = call.method.fullName
        code = UInt32(outcome.status)
        tookUs = outcome.elapsed.clampedNanoseconds / 1000
        traceId = call.traceID
        teller = told.teller
        let explained = explanation(of: call, outcome, by: told.teller)
        let encoded = explained.encoded()
        why = (try? WeftWhyV1.Why(decoding: encoded)) ?? WeftWhyV1.Why()
    }
}

/// Why a call ended as it did, as this hop knows it.
func explanation(of call: CallHead, _ outcome: Outcome, by teller: String) -> Why {
    let failure = outcome.reasonOfFailure(call)
    let reporter = failure?.reporter ?? ""
    var why = Why()
    if let failure {
        why = Why(failure)
    } else {
        why.detail = "the call succeeded after \(call.attempts.count) attempts"
    }
    why.reporter = reporter.isEmpty ? teller : reporter
    why.requestID = call.requestID
    why.attempts = call.attempts.isEmpty ? failure?.attempts ?? [] : call.attempts
    why.state = call.state
    why.traceID = call.traceID
    return why
}

extension Outcome {
    /// The one reason of a call that did not succeed. What nobody of the mesh made is the application's own answer.
    func reasonOfFailure(_ call: CallHead) -> Failure? {
        if kind == .success { return nil }
        if let failure { return failure }
        return call.attempts.count > 1
            ? Failure(.retry, .appStatus, subject: call.method.service)
            : Failure(.receive, .appStatus, subject: call.endpoint)
    }
}
