public import Exchange
public import Resilience
public import Timebase

/// Bounds calls in flight: for each method and caller, or for all calls of the stack together.
///
/// A place belongs to a method and a caller, so that neither a slow method nor a greedy caller takes all of a service.
/// On the way out it stands outside the breaker: a full house is not the endpoint's fault.
public final class BulkheadLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    public enum Scope: Sendable, Equatable {
        case methodAndCaller
        /// All calls that come through the stack: a destination's.
        case whole
    }

    /// How many pairs of method and caller are told apart; what is more shares one bulkhead until others are idle.
    static let mostKeys = 4096

    /// Keeps its method, so that no other can come to have the same address.
    private struct Key: Hashable {
        var method: MethodEntry
        var caller: String

        static func == (left: Key, right: Key) -> Bool {
            left.method === right.method && left.caller == right.caller
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(ObjectIdentifier(method))
            hasher.combine(caller)
        }
    }

    private let scope: Scope
    private let defaults: Bulkhead.Limits
    /// The position in `bulkheads` is the gate and the token. The first is everybody's whose own does not fit.
    @exclusivity(unchecked) private var bulkheads: [Bulkhead]
    private var names: [Key?] = [nil]
    private var places: [Key: Int] = [:]

    public init(_ limits: Bulkhead.Limits = Bulkhead.Limits(), per scope: Scope) {
        self.scope = scope
        defaults = limits
        bulkheads = [Bulkhead(limits)]
    }

    public var hasGates: Bool { true }

    public func gate(of token: UInt64) -> Int { Int(token) }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        let place = waiting?.gate ?? place(of: call)
        let answer =
            if let waiting {
                bulkheads[place].reenter(until: waiting.until, at: now)
            } else {
                bulkheads[place].enter(before: call.deadline, at: now)
            }
        switch answer {
        case .entered: return .go(token: UInt64(place))
        case .wait(let until): return .wait(Waiting(at: place, until: until))
        case .refused(let refusal): return .refuse(failure(refusal, call, at: place))
        }
    }

    public func left(_ call: CallHead, waiting: Waiting, at now: Instant) {
        bulkheads[waiting.gate].abandon()
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        bulkheads[Int(token)].leave(since: outcome.admittedAt, at: now)
        return .done
    }

    /// How many calls are in flight and waiting, over all bulkheads of the layer.
    public var occupancy: (inFlight: Int, waiting: Int) {
        bulkheads.reduce((0, 0)) { ($0.0 + $1.inFlight, $0.1 + $1.waiting) }
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        let place = scope == .whole ? 0 : places[Key(method: call.method, caller: call.caller)] ?? 0
        let bulkhead = bulkheads[place]
        state.bulkhead = StackState.Occupancy(
            inFlight: bulkhead.inFlight, waiting: bulkhead.waiting, limit: bulkhead.limits.inFlight)
    }

    private func failure(_ refusal: Bulkhead.Refusal, _ call: CallHead, at place: Int) -> Failure {
        let subject = scope == .whole ? call.method.service : call.method.fullName
        let limits = bulkheads[place].limits
        return switch refusal {
        case .full:
            Failure(
                .limit, .bulkheadFull, subject: subject, detail: "\(limits.inFlight) calls are in flight",
                reach: .neverSent)
        case .queueFull:
            Failure(
                .queue, .queueFull, subject: subject,
                detail: "\(limits.inFlight) calls are in flight and \(limits.queue) wait", reach: .neverSent)
        case .noTime:
            Failure(
                .queue, .deadlineBudget, subject: subject,
                detail: "\(limits.inFlight) calls are in flight, and waiting would take too much of the call's time",
                reach: .neverSent)
        }
    }

    private func place(of call: CallHead) -> Int {
        guard scope == .methodAndCaller else { return 0 }
        let key = Key(method: call.method, caller: call.caller)
        if let place = places[key] { return place }
        return newPlace(for: key, call.method.policy)
    }

    private func newPlace(for key: Key, _ policy: MethodPolicy) -> Int {
        var limits = defaults
        limits.inFlight = policy.maxInFlight.map { max(1, $0) } ?? limits.inFlight
        limits.queue = policy.maxQueue.map { max(0, $0) } ?? limits.queue
        if bulkheads.count < Self.mostKeys {
            bulkheads.append(Bulkhead(limits))
            names.append(key)
            places[key] = bulkheads.count - 1
            return bulkheads.count - 1
        }
        // An idle one says nothing but what it usually takes: it can begin again for somebody else.
        guard let idle = bulkheads.indices.dropFirst().first(where: { bulkheads[$0].isIdle }) else { return 0 }
        if let old = names[idle] { places[old] = nil }
        bulkheads[idle] = Bulkhead(limits)
        names[idle] = key
        places[key] = idle
        return idle
    }
}
