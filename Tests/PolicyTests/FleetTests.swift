import Exchange
import Policy
import Resilience
import Testing
import Timebase

/// Endpoints that take their time or fail, and a caller that goes on calling, on time that a queue of events moves.
private final class Fleet {
    struct Nature {
        var latency: Duration = .milliseconds(10)
        /// The share of calls that fail, and how fast they do.
        var faults = 0.0
        var faultLatency: Duration = .microseconds(200)
    }

    private struct Due {
        var at: Instant
        var endpoint: String
        var startedAt: Instant
        var isFault: Bool
    }

    let balancer: Balancer
    private(set) var now = Sample.now
    private var natures: [String: Nature] = [:]
    private var meters: [String: LoadLayer] = [:]
    private var dues: [Due] = []
    private var chance: Chance
    /// Calls by endpoint and second since the beginning.
    private(set) var calls: [Int: [String: Int]] = [:]

    init(seed: UInt64) {
        chance = Chance(seed: seed)
        let book = Book()
        balancer = Balancer(over: "course", chance: Chance(seed: seed &+ 1)) { endpoint, meter in
            book.meters[endpoint.address] = meter
            return Stack([meter], around: .refusal(Failure(.pick, .noEndpoints)), name: endpoint.address)
        }
        self.book = book
    }

    final class Book {
        var meters: [String: LoadLayer] = [:]
    }

    private let book: Book

    func set(_ natures: [String: Nature]) {
        self.natures = natures
        balancer.replace(natures.keys.sorted().map { Balancer.Endpoint(address: $0) }, at: now)
        meters = book.meters
    }

    /// Calls so often a second, for so long. Latencies vary by a half of themselves.
    func run(_ seconds: Int, rate: Int) {
        for _ in 0..<(seconds * rate) {
            now = now.advanced(by: .nanoseconds(1_000_000_000 / Int64(rate)))
            settle()
            guard case .use(let stack, _) = balancer.pick(for: Sample.call(), after: [], at: now) else { continue }
            let nature = natures[stack.name] ?? Nature()
            _ = meters[stack.name]?.admit(Sample.call(), waiting: nil, at: now)
            let isFault = chance.fraction() < nature.faults
            let latency = isFault ? nature.faultLatency : nature.latency * (0.75 + chance.fraction() / 2)
            enter(Due(at: now.advanced(by: latency), endpoint: stack.name, startedAt: now, isFault: isFault))
            let second = Int(Sample.now.duration(to: now) / .seconds(1))
            calls[second, default: [:]][stack.name, default: 0] += 1
        }
    }

    private func enter(_ due: Due) {
        dues.insert(due, at: (dues.lastIndex { $0.at <= due.at } ?? -1) + 1)
    }

    private func settle() {
        for due in dues.prefix(while: { $0.at <= now }) {
            var outcome = Outcome(due.isFault ? .fault : .success)
            outcome.admittedAt = due.startedAt
            _ = meters[due.endpoint]?.ended(Sample.call(), token: 0, as: outcome, at: due.at)
        }
        dues.removeFirst(dues.prefix { $0.at <= now }.count)
    }

    /// The share of the calls in some seconds that went to an endpoint.
    func share(of endpoint: String, in seconds: Range<Int>) -> Double {
        let all = seconds.reduce(0) { $0 + (calls[$1] ?? [:]).values.reduce(0, +) }
        return Double(seconds.reduce(0) { $0 + (calls[$1]?[endpoint] ?? 0) }) / Double(max(1, all))
    }
}

@Suite struct FleetTests {
    private static let names = "abcdefghij".map(String.init)

    private func natures(_ count: Int) -> [String: Fleet.Nature] {
        Dictionary(uniqueKeysWithValues: Self.names.prefix(count).map { ($0, Fleet.Nature()) })
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let from: Int
        let to: Int
        let rate: Int
        var testDescription: String { "\(from) to \(to) endpoints at \(rate) calls a second" }
    }

    @Test(
        arguments: [
            Change(from: 3, to: 4, rate: 200), Change(from: 3, to: 6, rate: 200), Change(from: 1, to: 4, rate: 400),
            Change(from: 2, to: 10, rate: 600), Change(from: 6, to: 3, rate: 500), Change(from: 4, to: 4, rate: 20),
        ], 0..<2)
    func `no endpoint has more than twice its fair part for more than five seconds after a change`(
        change: Change, seed: Int
    ) {
        let fleet = Fleet(seed: UInt64(seed))
        fleet.set(natures(change.from))
        fleet.run(20, rate: change.rate)
        fleet.set(natures(change.to))
        fleet.run(30, rate: change.rate)
        let fair = 1 / Double(change.to)
        for name in Self.names.prefix(change.to) {
            // Of six seconds in a row one at least must be within the bound.
            for start in 20..<44 {
                let excess = (start..<start + 6).allSatisfy { fleet.share(of: name, in: $0..<$0 + 1) > 2.1 * fair }
                #expect(!excess, "\(name) from second \(start)")
            }
            let settled = fleet.share(of: name, in: 35..<50)
            #expect(settled > 0.6 * fair && settled < 1.6 * fair, "\(name) has \(settled) in the end")
        }
    }

    @Test(arguments: 0..<4) func `a new endpoint comes in slowly, and then has its part, even where few call`(seed: Int)
    {
        for rate in [30, 300] {
            let fleet = Fleet(seed: UInt64(seed))
            fleet.set(natures(3))
            fleet.run(20, rate: rate)
            fleet.set(natures(4))
            fleet.run(30, rate: rate)
            let first = fleet.share(of: "d", in: 20..<22)
            let half = fleet.share(of: "d", in: 24..<27)
            let whole = fleet.share(of: "d", in: 32..<50)
            #expect(first < 0.15, "rate \(rate)")
            #expect(half > first && half < 0.3, "rate \(rate)")
            #expect(whole > 0.17 && whole < 0.36, "rate \(rate)")
        }
    }

    @Test(arguments: [0.3, 0.5, 0.9, 1.0], 0..<3)
    func `an endpoint that fails fast gets less than its fair part`(faults: Double, seed: Int) {
        for rate in [50, 500] {
            let fleet = Fleet(seed: UInt64(seed))
            var natures = natures(4)
            natures["b"]?.faults = faults
            fleet.set(natures)
            fleet.run(40, rate: rate)
            let share = fleet.share(of: "b", in: 5..<40)
            #expect(share < (faults > 0.4 ? 0.15 : 0.25), "at \(rate) a second it has \(share)")
        }
    }

    @Test func `an endpoint that was never anything but failing is left alone too`() {
        let fleet = Fleet(seed: 1)
        fleet.set(natures(3))
        fleet.run(10, rate: 200)
        var natures = natures(4)
        natures["d"]?.faults = 1
        fleet.set(natures)
        fleet.run(30, rate: 200)
        #expect(fleet.share(of: "d", in: 10..<40) < 0.08)
    }

    @Test func `a slow endpoint gets less, and is asked again from time to time`() {
        let fleet = Fleet(seed: 2)
        var natures = natures(4)
        natures["a"]?.latency = .milliseconds(200)
        fleet.set(natures)
        fleet.run(60, rate: 200)
        #expect(fleet.share(of: "a", in: 10..<60) < 0.1)
        natures["a"]?.latency = .milliseconds(10)
        fleet.set(natures)
        fleet.run(60, rate: 200)
        #expect(fleet.share(of: "a", in: 100..<120) > 0.17)
    }
}
