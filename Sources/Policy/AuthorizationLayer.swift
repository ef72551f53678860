public import Exchange
public import Timebase

/// Lets only calls through that the service's rules allow.
///
/// What the rules say of a caller and a method is worked out once and kept: rules do not change under a layer (others make
/// a new one), so a call costs a look at what was decided for the last call of its kind. Rules that name headers are left
/// to look at on each call.
public final class AuthorizationLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    private enum Known {
        case decided(AuthorizationRules.Decision)
        case byHeaders([Int])
    }

    private struct Key: Hashable {
        let method: ObjectIdentifier
        let caller: String
    }

    /// It holds the method, so that no other one can take its place in memory and with it its answer.
    private struct Entry {
        let method: MethodEntry
        let answer: Known
    }

    /// Callers times methods of one service: more are forgotten, and worked out again.
    private static let mostKnown = 4096

    public let rules: AuthorizationRules
    private let told: (CallHead, Failure) -> Void
    @exclusivity(unchecked) private var known: [Key: Entry] = [:]
    @exclusivity(unchecked) private var last: (method: MethodEntry, caller: String, answer: Known)?

    /// `told` hears of calls that go on and would have been refused, or that a rule wants told.
    public init(_ rules: AuthorizationRules, told: @escaping (CallHead, Failure) -> Void = { _, _ in }) {
        self.rules = rules
        self.told = told
    }

    public var hearsEndings: Bool { false }
    public var judgesUse: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        guard let refusal = refusal(of: call) else { return .go() }
        return .refuse(refusal)
    }

    /// Why the call may not go on; nil if it may.
    public func refusal(of call: CallHead) -> Failure? {
        switch decision(for: call) {
        case .allowed:
            return nil
        case .told(let name):
            told(call, Failure(.authorize, .policyDenied, subject: name, detail: "the policy \(name) audits it"))
            return nil
        case .refused(let failure):
            if rules.mode == .enforce { return failure }
            told(call, failure)
            return nil
        }
    }

    private func decision(for call: CallHead) -> AuthorizationRules.Decision {
        // One entry stands for many methods: what holds for the one does not hold for the next.
        if call.method.isCollective { return rules.decide(call) }
        switch answer(for: call) {
        case .decided(let decision): return decision
        case .byHeaders(let candidates): return rules.decide(call, among: candidates)
        }
    }

    private func answer(for call: CallHead) -> Known {
        if let last, last.method === call.method, last.caller == call.caller { return last.answer }
        let key = Key(method: ObjectIdentifier(call.method), caller: call.caller)
        let answer = known[key]?.answer ?? work(out: call, key)
        last = (call.method, call.caller, answer)
        return answer
    }

    private func work(out call: CallHead, _ key: Key) -> Known {
        let candidates = rules.candidates(for: call)
        // Without headers to look at, the answer is the same for the next call.
        let looksAtHeaders = candidates.contains { !rules.rules[$0].match.headers.isEmpty }
        let answer = looksAtHeaders ? Known.byHeaders(candidates) : .decided(rules.decide(call, among: candidates))
        if known.count >= Self.mostKnown { known.removeAll() }
        known[key] = Entry(method: call.method, answer: answer)
        return answer
    }
}
