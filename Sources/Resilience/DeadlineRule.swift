public import Timebase

/// When a call must be over, as one instant that only ever comes nearer on its way inwards.
///
/// A hop takes what the caller left, bounds it by what the method's contract allows, and refuses at once what cannot be
/// done in time: work that nobody waits for is the most expensive kind.
public struct DeadlineRule: Sendable, Equatable {
    /// Less than this left means refusal: a hop and its answer take about as long (DESIGN §6).
    public static let least: Duration = .milliseconds(5)

    /// For calls whose caller and contract say nothing; nil leaves them without a deadline.
    public var fallback: Duration?
    public let least: Duration

    public init(fallback: Duration? = nil, least: Duration = DeadlineRule.least) {
        self.fallback = fallback
        self.least = least
    }

    public enum Answer: Equatable, Sendable {
        /// Be done by then. `.distantFuture` if nobody asked for anything.
        case by(Instant)
        case refused(remaining: Duration)
    }

    /// `asked` is what the caller left of its time, `contract` what the method may take at all.
    public func admit(asked: Instant?, contract: Duration?, at now: Instant) -> Answer {
        let own = (contract ?? (asked == nil ? fallback : nil)).map { now.advanced(by: $0) }
        let deadline = min(asked ?? .distantFuture, own ?? .distantFuture)
        if deadline == .distantFuture { return .by(deadline) }
        let remaining = now.duration(to: deadline)
        return remaining < least ? .refused(remaining: remaining) : .by(deadline)
    }

    /// Whether something that starts after `delay` still has time to succeed.
    public static func allows(_ delay: Duration, before deadline: Instant?, at now: Instant) -> Bool {
        guard let deadline, deadline != .distantFuture else { return true }
        return now.advanced(by: delay).duration(to: deadline) >= least
    }
}
