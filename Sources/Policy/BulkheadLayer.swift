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

    /// A method and a caller by name: what stays when a contract's entries are made anew.
    private struct Name: Hashable {
        var method: String
        var caller: String
    }

    private let scope: Scope
    @exclusivity(unchecked) private var defaults: Bulkhead.Limits
    /// The position in `bulkheads` is the gate and the token. The first is everybody's whose own does not fit.
    @exclusivity(unchecked) private var bulkheads: [Bulkhead]
    @exclusivity(unchecked) private var keys: [MethodAndCaller?] = [nil]
    @exclusivity(unchecked) private var places: [MethodAndCaller: Int] = [:]
    @exclusivity(unchecked) private var named: [Name: Int] = [:]
    @exclusivity(unchecked) private var hand = 0
    /// Calls of one method and caller come in runs, and then nothing is hashed.
    @exclusivity(unchecked) private var last: (key: MethodAndCaller, place: Int)?
    /// Calls that had to share a bulkhead, because all were in use.
    @exclusivity(unchecked) public private(set) var overflows = 0

    public init(_ limits: Bulkhead.Limits = Bulkhead.Limits(), per scope: Scope) {
        self.scope = scope
        defaults = limits
        bulkheads = [Bulkhead(limits)]
    }

    public var hasGates: Bool { true }

    public func gate(of token: UInt64) -> Int { Int(token) }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        let place = waiting?.gate ?? place(of: call)
        if waiting == nil, scope == .methodAndCaller, !bulkheads[place].mayFinish(before: call.deadline, at: now) {
            return .refuse(hopeless(call, at: place, now))
        }
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
        let ending: Bulkhead.Ending =
            switch outcome.kind {
            case .success: .success
            case .fault: outcome.failure?.cause == .deadline ? .late : .noNews
            case .answered, .cancelled, .refused: .noNews
            }
        bulkheads[Int(token)].leave(since: outcome.admittedAt, as: ending, at: now)
        return .done
    }

    /// How many calls are in flight and waiting, over all bulkheads of the layer.
    public var occupancy: (inFlight: Int, waiting: Int) {
        bulkheads.reduce((0, 0)) { ($0.0 + $1.inFlight, $0.1 + $1.waiting) }
    }

    /// The bulkhead that has the least room left, in words for people; nil if nobody is in any.
    public var fullest: (method: String, caller: String, bulkhead: Bulkhead)? {
        var most: (share: Double, place: Int)?
        for (place, bulkhead) in bulkheads.enumerated() where !bulkhead.isIdle {
            let share = Double(bulkhead.inFlight + bulkhead.waiting) / Double(bulkhead.limits.inFlight)
            if share > most?.share ?? 0 { most = (share, place) }
        }
        return most.map { (keys[$0.place]?.method.fullName ?? "", keys[$0.place]?.caller ?? "", bulkheads[$0.place]) }
    }

    /// Other limits hold from now on; who is in flight stays, and what a method's own policy says still goes before.
    public func replace(_ limits: Bulkhead.Limits) {
        defaults = limits
        for place in bulkheads.indices { bulkheads[place].replace(own(keys[place]?.method.policy)) }
    }

    /// One that holds more than it ever may.
    package var firstOverfull: (inFlight: Int, waiting: Int)? {
        bulkheads.first { $0.isOverfull }.map { ($0.inFlight, $0.waiting) }
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        let place = scope == .whole ? 0 : places[MethodAndCaller(method: call.method, caller: call.caller)] ?? 0
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
                reach: .neverSent, retryAfter: bulkheads[place].retryAfter)
        case .queueFull:
            Failure(
                .queue, .queueFull, subject: subject,
                detail: "\(limits.inFlight) calls are in flight and \(limits.queue) wait", reach: .neverSent,
                retryAfter: bulkheads[place].retryAfter)
        case .noTime:
            Failure(
                .queue, .deadlineBudget, subject: subject,
                detail: "\(limits.inFlight) calls are in flight, and waiting would take too much of the call's time",
                reach: .neverSent)
        }
    }

    private func hopeless(_ call: CallHead, at place: Int, _ now: Instant) -> Failure {
        let left = now.duration(to: call.deadline ?? now).milliseconds
        return Failure(
            .admit, .deadlineBudget, subject: call.method.fullName,
            detail:
                "\(left) ms remain, and nine of ten calls take more than \(bulkheads[place].quickest.milliseconds) ms",
            reach: .neverSent)
    }

    private func place(of call: CallHead) -> Int {
        guard scope == .methodAndCaller else { return 0 }
        if let last, last.key.method === call.method, last.key.caller == call.caller { return last.place }
        let key = MethodAndCaller(method: call.method, caller: call.caller)
        guard let place = places[key] ?? newPlace(for: key) else {
            overflows += 1
            return 0
        }
        last = (key, place)
        return place
    }

    private func newPlace(for key: MethodAndCaller) -> Int? {
        let name = Name(method: key.method.fullName, caller: key.caller)
        // The contract changed, and the method is still the same: who is in flight counts on.
        if let place = named[name] {
            bulkheads[place].replace(own(key.method.policy))
            if let old = keys[place] { places[old] = nil }
            keys[place] = key
            places[key] = place
            return place
        }
        guard let place = freePlace() else { return nil }
        if let old = keys[place] {
            places[old] = nil
            named[Name(method: old.method.fullName, caller: old.caller)] = nil
        }
        bulkheads[place] = Bulkhead(own(key.method.policy))
        keys[place] = key
        places[key] = place
        named[name] = place
        last = nil
        return place
    }

    /// A place that nobody has yet, or that nobody uses. An idle bulkhead says nothing but what calls take there.
    private func freePlace() -> Int? {
        if bulkheads.count < Self.mostKeys {
            bulkheads.append(Bulkhead(defaults))
            keys.append(nil)
            return bulkheads.count - 1
        }
        // From where the last search ended: it is long only while nearly all are in use.
        for _ in 1..<bulkheads.count {
            hand = hand + 1 < bulkheads.count ? hand + 1 : 1
            if bulkheads[hand].isIdle { return hand }
        }
        return nil
    }

    private func own(_ policy: MethodPolicy?) -> Bulkhead.Limits {
        var limits = defaults
        guard scope == .methodAndCaller else { return limits }
        limits.inFlight = policy?.maxInFlight.map { max(1, $0) } ?? limits.inFlight
        limits.queue = policy?.maxQueue.map { max(0, $0) } ?? limits.queue
        return limits
    }
}
