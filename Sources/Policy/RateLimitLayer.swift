public import Exchange
public import Resilience
public import Timebase

/// Refuses callers that call more often than a rule allows, and tells them when to come back.
///
///     call ──▶ plan (which rules concern this method and caller, and their buckets; made once)
///          ──▶ every rule asked ──all agree──▶ every bucket counts it, on
///                               └──one says no──▶ none counts it; refused until that rule would agree
///
/// A layer holds at most `mostBuckets`: a bucket that is idle says nothing and goes to somebody else, and while none is idle
/// those who come new share one per rule. Rules in shadow count and tell, and refuse nobody.
public final class RateLimitLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    /// One rule of a service: how often whom may call what.
    public struct Rule: Sendable, Equatable {
        /// What refusals and metrics call it.
        public var name: String
        public var match: CallMatch
        public var limit: RateLimit
        public var scope: Scope
        public var isShadow: Bool

        public init(
            _ name: String, _ limit: RateLimit, for match: CallMatch = .all, per scope: Scope = .callerAndMethod,
            isShadow: Bool = false
        ) {
            self.name = name
            self.match = match
            self.limit = limit
            self.scope = scope
            self.isShadow = isShadow
        }
    }

    /// What shares a bucket.
    public enum Scope: Sendable, Equatable {
        case callerAndMethod
        case caller
        case service
    }

    /// Rules that one service may have: each that concerns a call is asked. A plan's mask has a bit for each.
    public static let mostRules = 64
    /// Buckets of all rules together, besides one a rule that is shared when they are used up: 0.6 MiB at most.
    public static let mostBuckets = 8192
    /// Pairs of method and caller whose rules are known without looking; when there are more, all are looked up again.
    static let mostPlans = 4096
    /// How many buckets are looked at to find an idle one: a flood of new callers must not make each of them dear.
    private static let mostLooks = 64

    /// A rule that concerns a call, and the bucket that it goes by.
    private struct Use: BitwiseCopyable {
        var rule: Int32
        var bucket: Int32
        /// The bucket is still the one that was meant.
        var generation: UInt32
        var looksAtHeaders: Bool
        var isShadow: Bool
    }

    /// Where the uses of one method and caller lie in `uses`.
    private struct Plan: BitwiseCopyable {
        var first: Int
        var count: Int
    }

    private struct BucketKey: Hashable {
        var rule: Int
        /// By name, since entries are made anew when a contract changes. Empty where methods share.
        var method: String
        var caller: String
    }

    @exclusivity(unchecked) public private(set) var rules: [Rule]
    @exclusivity(unchecked) private var limits: [RateLimit]
    /// The first are those that each rule's newcomers share while no bucket is idle.
    @exclusivity(unchecked) private var buckets: [RateLimit.Bucket]
    @exclusivity(unchecked) private var generations: [UInt32]
    @exclusivity(unchecked) private var owners: [BucketKey?]
    @exclusivity(unchecked) private var places: [BucketKey: Int] = [:]
    @exclusivity(unchecked) private var hand = 0
    @exclusivity(unchecked) private var plans: [MethodAndCaller: Plan] = [:]
    @exclusivity(unchecked) private var uses: [Use] = []
    /// Calls of one method and caller come in runs, and then nothing is hashed.
    @exclusivity(unchecked) private var last: (key: MethodAndCaller, plan: Plan)?
    /// Plans that had to share a bucket because none was idle.
    @exclusivity(unchecked) public private(set) var overflows = 0
    private let limited: (CallHead, Rule, Failure) -> Void

    /// `limited` hears of each call that a rule refused, or would have refused if it were not in shadow.
    public init(_ rules: [Rule], limited: @escaping (CallHead, Rule, Failure) -> Void = { _, _, _ in }) {
        let rules = Array(rules.prefix(Self.mostRules))
        self.rules = rules
        self.limited = limited
        limits = rules.map(\.limit)
        buckets = rules.map { _ in RateLimit.Bucket() }
        generations = rules.map { _ in 0 }
        owners = rules.map { _ in nil }
    }

    public var hearsEndings: Bool { false }
    public var judgesUse: Bool { false }

    /// Buckets that somebody has for himself.
    public var ownBuckets: Int { places.count }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        let plan = plan(of: call, at: now)
        // Who agreed and is to count the call: a bit for each use.
        var agreed: UInt64 = 0
        var refusal: (rule: Int, pause: Duration)?
        for index in 0..<plan.count {
            let use = uses[plan.first + index]
            if use.looksAtHeaders, !rules[Int(use.rule)].match.fits(headers: call.request) { continue }
            switch limits[Int(use.rule)].ask(buckets[Int(use.bucket)], at: now) {
            case .go: agreed |= 1 << UInt64(index)
            case .refused(let pause) where use.isShadow: tell(call, rules[Int(use.rule)], pause)
            case .refused(let pause): if pause > refusal?.pause ?? .zero { refusal = (Int(use.rule), pause) }
            }
        }
        if let refusal { return .refuse(tell(call, rules[refusal.rule], refusal.pause)) }
        for index in 0..<plan.count where agreed & 1 << UInt64(index) != 0 {
            let use = uses[plan.first + index]
            limits[Int(use.rule)].take(from: &buckets[Int(use.bucket)], at: now)
        }
        return .go()
    }

    /// Other rules hold from now on. Who had a bucket of a rule that stays keeps it.
    public func replace(_ next: [Rule]) {
        let old = self
        let fresh = RateLimitLayer(next)
        for (key, place) in old.places {
            let rule = old.rules[key.rule]
            guard let index = fresh.rules.firstIndex(where: { $0.sharesBuckets(with: rule) }) else { continue }
            fresh.insert(BucketKey(rule: index, method: key.method, caller: key.caller), old.buckets[place])
        }
        rules = fresh.rules
        limits = fresh.limits
        buckets = fresh.buckets
        generations = fresh.generations
        owners = fresh.owners
        places = fresh.places
        hand = 0
        forgetPlans()
    }

    @discardableResult
    private func tell(_ call: CallHead, _ rule: Rule, _ pause: Duration) -> Failure {
        let limit = rule.limit
        let who =
            switch rule.scope {
            case .service: "all callers together"
            case .caller, .callerAndMethod: call.caller.isEmpty ? "an unknown caller" : call.caller
            }
        let failure = Failure(
            .limit, .quota, subject: rule.name,
            detail: "\(who) may make \(limit.calls) calls in \(limit.period), \(limit.burst) at once",
            reach: .neverSent, retryAfter: pause)
        limited(call, rule, failure)
        return failure
    }

    // MARK: Plans

    private func plan(of call: CallHead, at now: Instant) -> Plan {
        if let last, last.key.method === call.method, last.key.caller == call.caller, isCurrent(last.plan) {
            return last.plan
        }
        let key = MethodAndCaller(method: call.method, caller: call.caller)
        if let known = plans[key], isCurrent(known) {
            last = (key, known)
            return known
        }
        return newPlan(for: key, call, at: now)
    }

    private func isCurrent(_ plan: Plan) -> Bool {
        for use in uses[plan.first..<plan.first + plan.count] where generations[Int(use.bucket)] != use.generation {
            return false
        }
        return true
    }

    private func newPlan(for key: MethodAndCaller, _ call: CallHead, at now: Instant) -> Plan {
        if plans.count >= Self.mostPlans || uses.count >= Self.mostPlans * 4 { forgetPlans() }
        let first = uses.count
        var isShared = false
        for (index, rule) in rules.enumerated() where rule.match.fits(caller: call.caller) {
            guard rule.match.fitsMethod(of: call) else { continue }
            let place = bucket(of: index, rule.scope, key, at: now)
            if place < rules.count { isShared = true }
            uses.append(
                Use(
                    rule: Int32(index), bucket: Int32(place), generation: generations[place],
                    looksAtHeaders: !rule.match.headers.isEmpty, isShadow: rule.isShadow))
        }
        let plan = Plan(first: first, count: uses.count - first)
        // What was looked up for one path does not hold for another, and who shares gets his own as soon as there is one.
        if !call.method.isCollective, !isShared {
            plans[key] = plan
            last = (key, plan)
        }
        return plan
    }

    private func forgetPlans() {
        plans.removeAll(keepingCapacity: true)
        uses.removeAll(keepingCapacity: true)
        last = nil
    }

    // MARK: Buckets

    private func bucket(of rule: Int, _ scope: Scope, _ key: MethodAndCaller, at now: Instant) -> Int {
        let key = BucketKey(
            rule: rule, method: scope == .callerAndMethod ? key.method.fullName : "",
            caller: scope == .service ? "" : key.caller)
        if let place = places[key] { return place }
        if places.count < Self.mostBuckets { return insert(key, RateLimit.Bucket()) }
        guard let idle = idleBucket(at: now) else {
            overflows += 1
            return rule
        }
        if let old = owners[idle] { places[old] = nil }
        owners[idle] = key
        places[key] = idle
        buckets[idle] = RateLimit.Bucket()
        generations[idle] &+= 1
        return idle
    }

    @discardableResult
    private func insert(_ key: BucketKey, _ bucket: RateLimit.Bucket) -> Int {
        buckets.append(bucket)
        generations.append(0)
        owners.append(key)
        places[key] = buckets.count - 1
        return buckets.count - 1
    }

    private func idleBucket(at now: Instant) -> Int? {
        for _ in 0..<Self.mostLooks {
            hand += 1
            if hand >= buckets.count { hand = rules.count }
            if buckets[hand].isIdle(at: now) { return hand }
        }
        return nil
    }
}

extension RateLimitLayer.Rule {
    /// What somebody used up of one he used up of the other: the name may change, and whether it is in shadow.
    fileprivate func sharesBuckets(with other: RateLimitLayer.Rule) -> Bool {
        match == other.match && limit == other.limit && scope == other.scope
    }
}
