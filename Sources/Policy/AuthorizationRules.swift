import Bytes
public import Exchange

/// Who may call what at a service.
///
///     call ──▶ a deny rule fits? ──yes──▶ refused, by its name
///               │no
///               ▼
///              an allow rule fits? ──yes──▶ goes on
///               │no
///               ▼
///              an audit rule fits? ──yes──▶ goes on, and is told
///               │no
///               ▼
///              there are allow rules? ──no──▶ goes on
///               │yes
///               ▼
///              a health check? ──yes──▶ goes on          otherwise refused: no rule allows it
///
/// An audit rule is told of whatever else lets the call go on. In the mode `audit` nothing is refused, and what would be is
/// told. Identities come from certificates alone: who has none was refused by TLS before.
public struct AuthorizationRules: Sendable, Equatable {
    public enum Mode: Sendable, Equatable {
        case enforce
        case audit
    }

    public enum Action: Sendable, Equatable {
        case allow, deny, audit
    }

    public struct Rule: Sendable, Equatable {
        /// What a refusal names.
        public var name: String
        public var action: Action
        public var match: CallMatch

        public init(_ name: String, _ action: Action, _ match: CallMatch = .all) {
            self.name = name
            self.action = action
            self.match = match
        }
    }

    public var mode: Mode
    public var rules: [Rule]

    public init(_ mode: Mode = .enforce, _ rules: [Rule]) {
        self.mode = mode
        self.rules = rules
    }

    /// What the rules say of a call.
    public enum Decision: Sendable, Equatable {
        case allowed
        /// It goes on, and the rule of that name wants it told.
        case told(by: String)
        case refused(Failure)
    }

    /// The subject of a refusal that no rule made, but the lack of one.
    public static let noRule = "no_rule_allows"

    /// Health checks tell no more than the registry does, and who cannot make them takes a healthy instance for a dead one.
    /// A deny rule may forbid them all the same.
    static let health = MethodPattern("grpc.health.v1.Health/*")

    /// The rules that can matter for a caller and a method: their headers are all that is left to look at.
    func candidates(for call: CallHead) -> [Int] {
        rules.indices.filter { rules[$0].match.fits(caller: call.caller) && rules[$0].match.fitsMethod(of: call) }
    }

    public func decide(_ call: CallHead) -> Decision { decide(call, among: candidates(for: call)) }

    func decide(_ call: CallHead, among candidates: [Int]) -> Decision {
        var isAllowed = false
        var audit: String?
        for index in candidates where rules[index].match.fits(headers: call.request) {
            switch rules[index].action {
            case .deny: return .refused(denial(of: call, by: rules[index]))
            case .allow: isAllowed = true
            case .audit: audit = audit ?? rules[index].name
            }
        }
        if let audit { return .told(by: audit) }
        let mustBeAllowed = rules.contains { $0.action == .allow }
        if isAllowed || !mustBeAllowed || Self.health.fits(call.method.fullName) { return .allowed }
        return .refused(lack(of: call))
    }

    private func denial(of call: CallHead, by rule: Rule) -> Failure {
        Failure(
            .authorize, .policyDenied, subject: rule.name,
            detail: "the policy \(rule.name) keeps \(call.who) from calling \(call.what)", reach: .neverSent)
    }

    private func lack(of call: CallHead) -> Failure {
        var failure = Failure(
            .authorize, .policyDenied, subject: Self.noRule,
            detail: "no policy of \(call.method.service) allows \(call.who) to call \(call.what)", reach: .neverSent)
        failure.note = nearest(to: call)
        return failure
    }

    /// The allow rule that misses the call by least: what somebody who wonders most likely meant.
    private func nearest(to call: CallHead) -> String {
        var best: (rule: Rule, miss: Miss)?
        for rule in rules where rule.action == .allow {
            let miss = rule.match.miss(of: call)
            if miss.distance < best?.miss.distance ?? .max { best = (rule, miss) }
        }
        guard let best else { return "" }
        return "\(best.rule.name) would allow it but for \(best.miss.parts.joined(separator: " and "))"
    }
}

/// How far a rule is from a call: a header is sooner forgotten than a method, and a method sooner than the caller.
private struct Miss {
    var parts: [String] = []
    var distance = 0

    mutating func add(_ part: String, _ weight: Int) {
        parts.append(part)
        distance += weight
    }
}

extension CallHead {
    fileprivate var who: String { caller.isEmpty ? "an unknown caller" : caller }
    fileprivate var what: String {
        method.isCollective ? String((request[.path] ?? "").dropFirst()) : method.fullName
    }
}

extension CallMatch {
    fileprivate func miss(of call: CallHead) -> Miss {
        var miss = Miss()
        if !fits(caller: call.caller) { miss.add("the caller", 10_000) }
        if !fitsMethod(of: call) { miss.add("the method", 100) }
        for header in headers where !header.fits(call.request) { miss.add("the header \(header.name)", 1) }
        return miss
    }
}
