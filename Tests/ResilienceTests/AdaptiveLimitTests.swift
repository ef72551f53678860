import Resilience
import Testing
import Timebase

/// A service with so many workers and one queue, in virtual time: calls come by chance, at a rate that is said.
struct QueueModel {
    var limit: AdaptiveLimit
    /// How many calls it works on at once; the others wait, first come first.
    var workers: Int
    /// How long one takes on average, in seconds.
    var work: Double
    /// Calls a second.
    var rate: Double
    private(set) var now = 0.0
    private(set) var refused = 0
    private(set) var done = 0
    private(set) var most = 0
    private var chance: Chance
    private var calm = AdaptiveLimit.Calm()
    private var nextArrival = 0.0
    private var queue: [(came: Double, inCalm: Bool)] = []
    private var working: [(ends: Double, came: Double, inCalm: Bool)] = []
    private let enforced: Bool

    init(
        workers: Int, work: Double, rate: Double, seed: UInt64, enforced: Bool = true,
        _ limits: AdaptiveLimit.Limits = AdaptiveLimit.Limits()
    ) {
        (self.workers, self.work, self.rate, self.enforced) = (workers, work, rate, enforced)
        limit = AdaptiveLimit(limits)
        chance = Chance(seed: seed)
    }

    /// A thousand equally likely values of an exponential distribution with the mean 1, by the series of the logarithm.
    private static let exponential: [Double] = (0..<1024).map { place in
        let survival = 1 - (Double(place) + 0.5) / 1024
        let power = survival > 0.25 ? 1.0 : 16
        let ratio = (survival * power - 1) / (survival * power + 1)
        let series = stride(from: 1, through: 99, by: 2).reduce(into: (sum: 0.0, power: ratio)) { state, odd in
            state.sum += state.power / Double(odd)
            state.power *= ratio * ratio
        }
        return -2 * series.sum + (power > 1 ? 2.772588722239781 : 0)
    }

    private mutating func spread() -> Double { Self.exponential[Int(chance.next() & 1023)] }

    /// The mean of four: real work varies, and is seldom nothing.
    private mutating func workOfOne() -> Double { (spread() + spread() + spread() + spread()) * work / 4 }

    private func instant(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    mutating func run(for seconds: Double) {
        let end = now + seconds
        (refused, done, most) = (0, 0, 0)
        while true {
            let finishes = working.last?.ends ?? .infinity
            now = min(nextArrival, finishes)
            guard now < end else { return now = end }
            if finishes <= nextArrival { finish() } else { arrive() }
            while working.count < workers, !queue.isEmpty {
                let next = queue.removeFirst()
                start((now + workOfOne(), next.came, next.inCalm))
            }
        }
    }

    private mutating func arrive() {
        nextArrival = now + spread() / rate
        switch limit.enter(enforced: enforced) {
        case .entered(let inCalm): queue.append((now, inCalm))
        case .refused: refused += 1
        }
        most = max(most, limit.inFlight)
    }

    /// In order, the next to finish last.
    private mutating func start(_ call: (ends: Double, came: Double, inCalm: Bool)) {
        var (low, high) = (0, working.count)
        while low < high {
            let middle = (low + high) / 2
            if working[middle].ends > call.ends { low = middle + 1 } else { high = middle }
        }
        working.insert(call, at: low)
    }

    private mutating func finish() {
        let call = working.removeLast()
        limit.leave(since: instant(call.came), inCalm: call.inCalm, as: .success, calm: &calm, at: instant(now))
        done += 1
    }
}

@Suite struct AdaptiveLimitTests {
    @Test("under twice what a service can do, the limit finds its capacity", arguments: [5, 20, 60], 0..<2)
    func converges(workers: Int, seed: UInt64) {
        var model = QueueModel(workers: workers, work: 0.02, rate: 2 * Double(workers) / 0.02, seed: seed)
        model.run(for: 60)
        for _ in 0..<2 {
            model.run(for: 10)
            #expect((workers...(2 * workers + 8)).contains(model.limit.limit), "\(workers): \(model.limit.limit)")
            // The service is kept busy, and nothing waits for long.
            #expect(Double(model.done) >= 0.93 * 10 * Double(workers) / 0.02, "\(model.done)")
            #expect(model.most <= 2 * workers + 12)
        }
    }

    @Test("at low load nobody is refused", arguments: [(5, 0.4), (10, 0.6), (20, 0.6)], 0..<2)
    func lowLoad(scene: (workers: Int, load: Double), seed: UInt64) {
        let rate = scene.load * Double(scene.workers) / 0.02
        var model = QueueModel(workers: scene.workers, work: 0.02, rate: rate, seed: seed)
        model.run(for: 100)
        #expect(model.refused * 1000 <= model.done, "\(model.refused) of \(model.done)")
    }

    @Test("capacity that comes and goes is followed", arguments: 0..<2)
    func follows(seed: UInt64) {
        var model = QueueModel(workers: 40, work: 0.02, rate: 4000, seed: seed)
        model.run(for: 30)
        model.workers = 10
        model.run(for: 40)
        #expect((10...32).contains(model.limit.limit), "\(model.limit.limit)")
        model.workers = 40
        model.run(for: 30)
        #expect((40...90).contains(model.limit.limit), "\(model.limit.limit)")
    }

    /// What it depends on becomes five times slower, and it could do more at the same time: that is no load of its own.
    @Test("a service that becomes slower by itself is not throttled for long", arguments: 0..<4)
    func slower(seed: UInt64) {
        var model = QueueModel(workers: 1000, work: 0.02, rate: 400, seed: seed)
        model.run(for: 30)
        #expect(model.refused == 0)
        model.work = 0.1
        model.run(for: 20)
        model.run(for: 30)
        #expect(model.refused * 100 <= model.done, "\(model.refused) of \(model.done)")
    }

    @Test("in shadow nobody is refused, and the limit is found while load comes and goes")
    func shadow() {
        var model = QueueModel(workers: 20, work: 0.02, rate: 500, seed: 1, enforced: false)
        model.run(for: 60)
        #expect(model.refused == 0 && model.limit.limit >= 20)
        model.rate = 1300
        model.run(for: 5)
        #expect(model.refused == 0 && model.limit.refusals > 0)
        #expect(model.limit.limit <= 60)
    }

    @Test func `the limit stays within its bounds`() {
        let limits = AdaptiveLimit.Limits(first: 20, least: 6, most: 25)
        var tight = QueueModel(workers: 2, work: 0.02, rate: 1000, seed: 1, limits)
        tight.run(for: 120)
        #expect((6...14).contains(tight.limit.limit), "\(tight.limit.limit)")
        var roomy = QueueModel(workers: 1000, work: 0.02, rate: 5000, seed: 1, limits)
        roomy.run(for: 10)
        #expect(roomy.limit.limit == 25 && roomy.most == 25)
        #expect(AdaptiveLimit.Limits(first: 1, least: 0, most: -1).first == 1)
    }

    @Test func `errors say nothing about the limit, and calls out of time do`() {
        func limit(after ending: AdaptiveLimit.Ending) -> Int {
            var limit = AdaptiveLimit()
            var calm = AdaptiveLimit.Calm()
            var now = Instant(nanoseconds: 0)
            for round in 0..<400 {
                let start = now
                now = now.advanced(by: .milliseconds(round < 100 ? 10 : 100))
                for _ in 0..<30 { _ = limit.enter(enforced: false) }
                for _ in 0..<30 {
                    limit.leave(
                        since: start, inCalm: false, as: round < 100 ? .success : ending, calm: &calm, at: now)
                }
            }
            return limit.limit
        }
        #expect(limit(after: .noNews) > 20)
        #expect(limit(after: .late) < 15)
    }
}
