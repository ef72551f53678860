public import Exchange
public import Resilience
public import Timebase

/// Bounds the calls that a service works on, by a limit that finds itself.
///
/// One limit for all methods, because they share what the service has; what a call takes is compared with its own method's
/// measure, so that slow methods do not look like load. The less critical a call is, the smaller the part of the limit that
/// its kind may use. Streams and health checks do not count: how long they last says nothing, and they would fill the limit.
public final class AdaptiveLimitLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    public enum Mode: Sendable, Equatable {
        /// The limit is worked out and shown, and refuses nobody.
        case shadow
        case enforce
    }

    public struct Rules: Sendable, Equatable {
        public var mode: Mode
        public var limits: AdaptiveLimit.Limits

        public init(_ mode: Mode = .shadow, _ limits: AdaptiveLimit.Limits = AdaptiveLimit.Limits()) {
            self.mode = mode
            self.limits = limits
        }
    }

    /// Methods that are told apart; the rest share the first measure.
    static let mostMethods = 1024
    /// The token of a call that does not count.
    private static let uncounted = UInt64.max
    /// The parts of the limit that calls may use, by criticality.
    static let shares = [0.8, 0.9, 1, 1.1]

    @exclusivity(unchecked) public private(set) var value: AdaptiveLimit
    @exclusivity(unchecked) public private(set) var mode: Mode
    @exclusivity(unchecked) private var calm = [AdaptiveLimit.Calm()]
    @exclusivity(unchecked) private var places: [ObjectIdentifier: Int] = [:]
    /// Kept, so that no other can come to have the same address.
    @exclusivity(unchecked) private var methods: [MethodEntry] = []
    @exclusivity(unchecked) private var last: (method: MethodEntry, place: Int)?

    public init(_ rules: Rules = Rules()) {
        value = AdaptiveLimit(rules.limits)
        mode = rules.mode
    }

    public var judgesUse: Bool { false }

    /// Other rules hold from now on. What was learned stays.
    public func replace(_ rules: Rules) {
        mode = rules.mode
        value.replace(rules.limits)
    }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        guard let place = place(of: call.method) else { return .go(token: Self.uncounted) }
        let share = value.isCrowded ? Self.shares[Int(call.criticality.rawValue)] : 1
        switch value.enter(share: share, enforced: mode == .enforce) {
        case .entered(let inCalm): return .go(token: UInt64(place) << 1 | (inCalm ? 1 : 0))
        case .refused:
            return .refuse(
                Failure(
                    .limit, .overload, subject: call.method.service,
                    detail: "\(value.inFlight) calls are in flight, and the service is slower with more than "
                        + "\(value.limit) (adaptive limit; this call is \(call.criticality.text))",
                    reach: .neverSent))
        }
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        guard token != Self.uncounted else { return .done }
        let ending: AdaptiveLimit.Ending =
            switch outcome.kind {
            case .success: .success
            case .fault: outcome.failure?.cause == .deadline ? .late : .noNews
            case .answered, .cancelled, .refused: .noNews
            }
        value.leave(
            since: outcome.admittedAt, inCalm: token & 1 == 1, as: ending, calm: &calm[Int(token >> 1)], at: now)
        return .done
    }

    private func place(of method: MethodEntry) -> Int? {
        if let last, last.method === method { return last.place }
        if let known = places[ObjectIdentifier(method)] {
            last = (method, known)
            return known
        }
        if method.policy.streamsAnswers || method.isHealthCheck { return nil }
        return newPlace(for: method)
    }

    private func newPlace(for method: MethodEntry) -> Int {
        // The same method with another contract takes as long as before.
        if let before = methods.firstIndex(where: { $0.fullName == method.fullName }) {
            let old = ObjectIdentifier(methods[before])
            let place = places[old] ?? 0
            places[old] = nil
            places[ObjectIdentifier(method)] = place
            methods[before] = method
            last = nil
            return place
        }
        guard methods.count < Self.mostMethods else { return 0 }
        methods.append(method)
        calm.append(AdaptiveLimit.Calm())
        places[ObjectIdentifier(method)] = calm.count - 1
        return calm.count - 1
    }
}
