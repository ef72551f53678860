public import Exchange
public import Resilience
public import Timebase

/// Chooses an endpoint of one destination for each attempt: two by chance, of these the less loaded, or each in its turn.
///
/// Endpoints come and go with the registry; one that stays keeps its stack, with the connections and the history in it.
public final class Balancer: Picker, @unchecked Sendable {  // touched on its loop alone
    /// One endpoint: what the registry says of it.
    public struct Endpoint: Sendable, Hashable {
        public var address: String
        /// Who must answer there: a SPIFFE id, or empty if the assembly knows.
        public var identity: String

        public init(address: String, identity: String = "") {
            self.address = address
            self.identity = identity
        }
    }

    /// Which of the usable endpoints an attempt goes to.
    public enum Rule: Sendable, Equatable {
        /// The less loaded of two that chance chose.
        case leastLoaded
        /// One after the other, from one that chance chose.
        case inTurn
    }

    private struct Member {
        var endpoint: Endpoint
        var meter: LoadLayer
        var stack: Stack
    }

    public let destination: String
    @exclusivity(unchecked) private var all: [Member] = []
    @exclusivity(unchecked) private var usable: [Int] = []
    @exclusivity(unchecked) private var chance: Chance
    private let rule: Rule
    private let panics: Bool
    /// How new endpoints come into the choice, and when health is no longer believed. Changes hold from the next pick on.
    public var balancing: BalancingRule
    @exclusivity(unchecked) private var turn: Int
    private let make: (Endpoint, LoadLayer) -> Stack
    private var hasMembers = false
    /// Most endpoints look ill, and calls go to all of them: said in logs and metrics.
    @exclusivity(unchecked) public private(set) var isPanic = false
    private let panicChanged: (Balancer) -> Void

    /// `panicChanged` hears when calls begin to go to all endpoints, and when no longer. `make` assembles an endpoint's
    /// stack; the layer that it is given must be the outermost, and is needed where load decides. `panics: false` is for
    /// endpoints whose state is known and not guessed: those that are not connected.
    public init(
        over destination: String, by rule: Rule = .leastLoaded, panics: Bool = true,
        _ balancing: BalancingRule = BalancingRule(), chance: Chance,
        panicChanged: @escaping (Balancer) -> Void = { _ in }, make: @escaping (Endpoint, LoadLayer) -> Stack
    ) {
        var chance = chance
        self.rule = rule
        self.panics = panics
        self.balancing = balancing
        turn = Int(chance.next() >> 2)
        self.panicChanged = panicChanged
        self.destination = destination
        self.chance = chance
        self.make = make
    }

    public var endpoints: [Endpoint] { all.map(\.endpoint) }
    /// The endpoints with their stacks, for people who look.
    public var members: [(endpoint: Endpoint, stack: Stack)] { all.map { ($0.endpoint, $0.stack) } }
    /// What is measured of each endpoint, in the same order.
    public var meters: [LoadLayer] { all.map(\.meter) }

    /// Replaces the endpoints. Answers those that went, with their stacks, so that their pools can be drained.
    @discardableResult
    public func replace(_ endpoints: [Endpoint], at now: Instant) -> [(endpoint: Endpoint, stack: Stack)] {
        let before = all
        var old: [Endpoint: Member] = [:]
        for member in before { old[member.endpoint] = member }
        let ramp = hasMembers ? balancing.slowStart : .zero
        let usual = usualLatency(at: now)
        all = []
        for endpoint in endpoints where !all.contains(where: { $0.endpoint == endpoint }) {
            if let known = old.removeValue(forKey: endpoint) {
                all.append(known)
            } else {
                let meter = LoadLayer(EndpointLoad(latency: usual, ramp: ramp, at: now))
                all.append(Member(endpoint: endpoint, meter: meter, stack: make(endpoint, meter)))
            }
        }
        hasMembers = hasMembers || !all.isEmpty
        return before.filter { old[$0.endpoint] != nil }.map { ($0.endpoint, $0.stack) }
    }

    /// What the endpoints take that were measured, in seconds: newcomers are thought to be like them.
    private func usualLatency(at now: Instant) -> Double {
        let measured = all.lazy.map(\.meter.load).filter(\.isMeasured)
        guard !measured.isEmpty else { return EndpointLoad.startLatency }
        return measured.reduce(0) { $0 + $1.usualLatency(at: now) } / Double(measured.count)
    }

    /// What endpoints' stacks are made by has changed: `make` is asked for each anew. Calls under way keep theirs.
    public func renewStacks() {
        for index in all.indices { all[index].stack = make(all[index].endpoint, all[index].meter) }
    }

    public func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick {
        if all.isEmpty {
            return .refuse(
                Failure(
                    .pick, .noEndpoints, subject: destination, detail: "no instance of \(destination) is registered",
                    reach: .neverSent))
        }
        if rule == .leastLoaded, !isPanic, attempts.isEmpty, call.avoids.isEmpty, let place = likelyPlace(at: now) {
            return .use(all[place].stack)
        }
        findUsable(at: now)
        let choice = EndpointChoice(usable: usable.count, of: all.count, panicShare: balancing.panicShare)
        if isPanic != (panics && choice == .panic) {
            isPanic.toggle()
            panicChanged(self)
        }
        switch choice {
        case .none where all.count == 1:
            // Its own layers know better than this one why it is not usable.
            return .use(all[0].stack)
        case .none:
            return .refuse(allEjected(at: now))
        case .panic where panics:
            usable = Array(all.indices)
        case .usable, .panic:
            break
        }
        avoid(attempts, call.avoids)
        return .use(all[usable[place(at: now)]].stack, isPanic: isPanic)
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        state.endpoints = all.count
        state.usableEndpoints = all.count { $0.stack.isUsable(at: now) }
        state.isPanic = isPanic
    }

    /// The pick where all is well, which looks at two endpoints, however many there are. nil if one of them cannot be used:
    /// with most of them ill that comes about at once, and then all are looked at.
    private func likelyPlace(at now: Instant) -> Int? {
        let (first, second) = TwoChoices.candidates(count: all.count, &chance) { all[$0].meter.load.share(at: now) }
        guard all[first].stack.isUsable(at: now) else { return nil }
        guard let second else { return first }
        guard all[second].stack.isUsable(at: now) else { return nil }
        return all[second].meter.load.load(at: now) < all[first].meter.load.load(at: now) ? second : first
    }

    private func place(at now: Instant) -> Int {
        switch rule {
        case .leastLoaded:
            return TwoChoices.pick(
                count: usable.count, &chance, share: { all[usable[$0]].meter.load.share(at: now) },
                load: { all[usable[$0]].meter.load.load(at: now) })
        case .inTurn:
            turn &+= 1
            return turn % usable.count
        }
    }

    /// Some endpoint would take a call that came now.
    public func isReady(at now: Instant) -> Bool { all.contains { $0.stack.isUsable(at: now) } }

    /// The scratch array keeps its memory: picking allocates nothing.
    private func findUsable(at now: Instant) {
        usable.removeAll(keepingCapacity: true)
        for index in all.indices where all[index].stack.isUsable(at: now) {
            usable.append(index)
        }
    }

    /// Another try goes to an endpoint that the call has not met, while there is one.
    private func avoid(_ attempts: [AttemptRecord], _ others: [String]) {
        guard !(attempts.isEmpty && others.isEmpty) else { return }
        let fresh = usable.filter { index in
            let name = all[index].stack.name
            return !others.contains(name) && !attempts.contains { $0.endpoint == name }
        }
        if !fresh.isEmpty { usable = fresh }
    }

    /// Names each endpoint with its breaker's reason: who reads it wants to know why, not that.
    private func allEjected(at now: Instant) -> Failure {
        let named = all.prefix(8).map { member in
            let breaker = member.stack.layers.lazy.compactMap { $0 as? BreakerLayer }.first { !$0.isUsable(at: now) }
            let reason = breaker?.reason(at: now) ?? member.stack.unreachableReason ?? "cannot be reached"
            return "\(member.endpoint.address) (\(reason))"
        }
        return Failure(
            .pick, .allEjected, subject: destination,
            detail: "all \(all.count) endpoints failed lately: \(named.joined(separator: ", "))", reach: .neverSent)
    }
}
