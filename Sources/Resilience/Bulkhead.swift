public import Timebase

/// Bounds how many calls of one kind are in flight at once, and how many more may wait for a place.
///
///     enter ──place free──▶ in flight ──leave──▶ gone
///       │ ──queue free──▶ waiting ──place free──▶ in flight
///       │                    └──too long──▶ gone
///       └──no room, or no time to wait──▶ refused
///
/// The queue knows deadlines: a call waits for at most a tenth of the time that it has left, and one that would wait longer
/// than that by what calls took lately is refused at once, while its caller can still do something else.
public struct Bulkhead: Sendable {
    public struct Limits: Sendable, Equatable {
        public var inFlight: Int
        public var queue: Int
        /// The share of its remaining time that a call may spend in the queue.
        public var patience = 0.1
        /// The longest wait of a call that has no deadline.
        public var longestWait: Duration = .seconds(1)

        public init(inFlight: Int = 100, queue: Int = 50) {
            self.inFlight = max(1, inFlight)
            self.queue = max(0, queue)
        }
    }

    public enum Answer: Equatable, Sendable {
        case entered
        case wait(until: Instant)
        case refused(Refusal)
    }

    public enum Refusal: Equatable, Sendable {
        /// All places are taken, and there is no queue.
        case full
        case queueFull
        /// It would have waited too long, or did.
        case noTime
    }

    public private(set) var limits: Limits
    public private(set) var inFlight = 0
    public private(set) var waiting = 0
    /// How many nanoseconds calls take here, as a moving average; zero until the first one ended. Whole numbers, because
    /// every call counts here, and the arithmetic of `Duration` is 128 bits wide.
    private var usual: Int64 = 0

    private var quick = QuickestTenth()
    /// Who was there when the limits came that hold now.
    private var inherited = (inFlight: 0, waiting: 0)

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether a call that must be over by then has time enough, as calls go here; for bulkheads of one kind of call.
    public mutating func mayFinish(before deadline: Instant?, at now: Instant) -> Bool {
        guard let deadline, deadline != .distantFuture else { return true }
        return quick.mayFinish(within: now.duration(to: deadline))
    }

    /// What even quick calls take here: a tenth of them took less.
    public var quickest: Duration { quick.duration }

    /// A call comes.
    public mutating func enter(before deadline: Instant?, at now: Instant) -> Answer {
        // Whoever waits is first: a newcomer does not take the place that was just freed for them.
        if waiting == 0, inFlight < limits.inFlight {
            inFlight += 1
            return .entered
        }
        guard limits.queue > 0 else { return .refused(.full) }
        guard waiting < limits.queue else { return .refused(.queueFull) }
        let wait = patience(before: deadline, at: now)
        guard expectedWait <= wait else { return .refused(.noTime) }
        waiting += 1
        return .wait(until: now.advanced(by: wait))
    }

    /// A call that waits asks again. `until` is what it was told.
    public mutating func reenter(until: Instant, at now: Instant) -> Answer {
        if inFlight < limits.inFlight {
            waiting -= 1
            inFlight += 1
            return .entered
        }
        guard now < until else {
            waiting -= 1
            return .refused(.noTime)
        }
        return .wait(until: until)
    }

    /// A call that waited gave up.
    public mutating func abandon() {
        waiting -= 1
    }

    /// How a call ended, as far as it says what calls take.
    public enum Ending: Sendable {
        case success
        /// Its time was over.
        case late
        /// An error can be quick.
        case noNews
    }

    /// A call ended that had been in flight since `admission`.
    public mutating func leave(since admission: Instant, as ending: Ending = .success, at now: Instant) {
        inFlight -= 1
        let elapsed = now.nanoseconds &- admission.nanoseconds
        switch ending {
        case .success: quick.succeeded(after: elapsed)
        case .late: quick.ranOut(after: elapsed)
        case .noNews: break
        }
        // One part in eight: about the last dozen calls decide.
        usual = usual == 0 ? elapsed : usual + (elapsed - usual) / 8
    }

    /// Other limits hold from now on. Who is in flight or waits stays: with fewer places nobody enters until enough have left.
    public mutating func replace(_ limits: Limits) {
        self.limits = limits
        inherited = (inFlight, waiting)
    }

    /// It holds more than its limits say, and more than it held when they came: which none ever may.
    package var isOverfull: Bool {
        inFlight > max(limits.inFlight, inherited.inFlight) || waiting > max(limits.queue, inherited.waiting)
    }

    /// In how long a place may be free for somebody who comes back, by what calls took lately.
    public var retryAfter: Duration {
        min(max(expectedWait, .milliseconds(1)), limits.longestWait)
    }

    public var isIdle: Bool { inFlight == 0 && waiting == 0 }

    /// What a newcomer would wait, if calls go on taking what they took.
    private var expectedWait: Duration {
        .nanoseconds(usual) * (waiting + 1) / limits.inFlight
    }

    private func patience(before deadline: Instant?, at now: Instant) -> Duration {
        guard let deadline, deadline != .distantFuture else { return limits.longestWait }
        return now.duration(to: deadline) * limits.patience
    }
}
