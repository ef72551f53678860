public import Timebase

/// How many calls a service works on at once before they only wait: a limit that finds itself, from how latency grows.
///
///     slowdown = what calls took / what they take in calm        (over a window of calls, each by its method's own measure)
///     limit'   = 4/5 limit + 1/5 (limit · clamp(tolerance / slowdown, 1/2, 1) + √limit/2 + 1)
///
/// The gradient of Netflix's Gradient2 and Envoy's adaptive concurrency, with three differences that their users asked for:
/// - *Calm* is measured from calls that came and went while at most half of the limit was in flight. There is no window in which
///   everybody is refused to find out (Envoy lets 3 calls in); under lasting load, every five seconds, the limit dips to a half
///   for a window, which lets the queue run dry while the service stays busy.
/// - The limit never falls below the concurrency that the service shows by its successes: what they took in calm, over the
///   window's length (Little's law). A dependency that slows down does not make a service refuse what it can do.
/// - A window in which less than half of the limit was used changes nothing, so that nothing is refused at low load.
///
/// With latency that grows in proportion to what is beyond its capacity N, it comes to rest between 1.5 N and 2 N; it takes a minute
/// or two from a first limit far above, and some seconds from below.
public struct AdaptiveLimit: Sendable {
    public struct Limits: Sendable, Equatable {
        public var first: Int
        public var least: Int
        public var most: Int
        /// Calls may take so many times what they take in calm.
        public var tolerance = 1.5

        public init(first: Int = 20, least: Int = 3, most: Int = 1000) {
            self.least = max(1, least)
            self.most = max(self.least, most)
            self.first = min(max(self.least, first), self.most)
        }
    }

    /// How a call ended, as far as it says what calls take.
    public enum Ending: Sendable {
        case success
        /// Its time was over: it took at least so long, and is no success.
        case late
        case noNews
    }

    /// At least so long is a window, or as long as a call takes: changes show only then.
    static let window: Int64 = 100_000_000
    /// And so many calls.
    static let leastCalls = 16
    /// How often the limit dips while it is used up. A dip lasts for a window or four calls: in a shorter one only the quick
    /// calls would come and go.
    static let dipInterval: Int64 = 5_000_000_000
    /// The share of the limit up to which there is calm, and to which it dips. With the tolerance, below 1: a measure that was
    /// taken under load is corrected dip by dip (1.5 · 1/2 = 3/4).
    static let calm = 0.5

    public private(set) var limits: Limits
    public private(set) var inFlight = 0
    /// Calls that were refused, or would have been.
    public private(set) var refusals = 0
    private var exact: Double
    /// What holds at the moment: the limit, or a dip of it.
    private var bound: Int
    private var calmBound: Int
    private var isDipping = false
    private var lastDip = Int64.min
    private var measure = Window()

    /// What was seen since the limit was worked out last.
    private struct Window {
        var start = Int64.min
        var due = Int64.min
        var calls = 0
        /// What they took, and what they would have in calm; of the latter, those that succeeded.
        var taken: Int64 = 0
        var calm: Int64 = 0
        var calmOfSuccesses: Int64 = 0
        var peak = 0
    }

    /// What a method's calls take in calm.
    public struct Calm: Sendable {
        private var nanoseconds: Int64 = 0
        private var seen: Int64 = 0

        public init() {}

        /// The mean of so many calls, and a moving average from then on: a dip is to be heard.
        static let memory: Int64 = 16

        mutating func record(_ elapsed: Int64, wasCalm: Bool) -> Int64 {
            if seen < Self.memory {
                seen += 1
                nanoseconds += (elapsed - nanoseconds) / seen
            } else if wasCalm {
                nanoseconds += (elapsed - nanoseconds) / Self.memory
            }
            return nanoseconds
        }
    }

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
        exact = Double(limits.first)
        bound = limits.first
        calmBound = Int(exact * Self.calm)
    }

    /// The limit, as it is worked out: dips do not show.
    public var limit: Int { Int(exact) }

    /// What a call that comes finds. It is in flight unless it is refused.
    public enum Answer: Sendable, Equatable {
        /// It came in calm, or did not: its ending needs to know.
        case entered(inCalm: Bool)
        case refused
    }

    /// A call comes. `share` is the part of the limit that calls of its kind may use.
    public mutating func enter(share: Double = 1, enforced: Bool = true) -> Answer {
        if inFlight >= bound || share != 1, Double(inFlight) >= Double(bound) * share {
            refusals += 1
            measure.peak = max(measure.peak, bound)
            if enforced { return .refused }
        }
        inFlight += 1
        if inFlight > measure.peak { measure.peak = inFlight }
        return .entered(inCalm: inFlight <= calmBound)
    }

    /// From how many calls in flight on it is worth asking what kind of call comes.
    public var isCrowded: Bool { inFlight > calmBound }

    /// A call ended that had entered at `admission`.
    public mutating func leave(
        since admission: Instant, inCalm: Bool, as ending: Ending, calm: inout Calm, at now: Instant
    ) {
        // Calls that came in calm and end later than it are the slow ones among them: they would make calm look slow.
        let wasCalm = inCalm && inFlight <= calmBound
        inFlight -= 1
        if ending == .noNews { return }
        let elapsed = now.nanoseconds &- admission.nanoseconds
        let usual = calm.record(elapsed, wasCalm: wasCalm && ending == .success)
        measure.calls += 1
        measure.taken &+= elapsed
        measure.calm &+= usual
        if ending == .success { measure.calmOfSuccesses &+= usual }
        if now.nanoseconds >= measure.due, measure.calls >= Self.leastCalls { workOut(now.nanoseconds) }
    }

    /// Other bounds hold from now on.
    public mutating func replace(_ limits: Limits) {
        self.limits = limits
        set(exact)
    }

    /// A window is over.
    private mutating func workOut(_ now: Int64) {
        let seen = measure
        measure = Window()
        measure.start = now
        measure.due = now &+ max(Self.window, seen.taken / Int64(seen.calls))
        measure.peak = inFlight
        // The first window has no beginning, and that of a dip says nothing but what calm is.
        guard seen.start != .min, !isDipping else {
            isDipping = false
            return set(exact)
        }
        guard Double(seen.peak) * 2 >= exact else { return }
        let slowdown = Double(seen.taken) / Double(max(1, seen.calm))
        let gradient = min(max(limits.tolerance / slowdown, 0.5), 1)
        let target = exact * gradient + exact.squareRoot() / 2 + 1
        let shown = Double(seen.calmOfSuccesses) / Double(max(1, now - seen.start))
        set(max(exact * 0.8 + target * 0.2, shown))
        if seen.peak >= bound, now &- lastDip >= Self.dipInterval || lastDip == .min {
            dip(now, calls: seen.taken / Int64(seen.calls))
        }
    }

    private mutating func set(_ value: Double) {
        exact = min(max(value, Double(limits.least)), Double(limits.most))
        bound = Int(exact)
        calmBound = max(limits.least, Int(exact * Self.calm))
    }

    private mutating func dip(_ now: Int64, calls elapsed: Int64) {
        measure.due = now &+ max(Self.window, 4 &* elapsed)
        lastDip = now
        isDipping = true
        bound = calmBound
    }
}
