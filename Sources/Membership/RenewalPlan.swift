public import Timebase

/// Decides when a leaf is renewed, how soon a failed try is repeated, and when somebody must be woken.
///
///     fresh ──half of its life or half an hour, ±10 %──▶ due ──fails──▶ waiting (1 s ... 30 s) ──▶ due ...
///                                                           │
///                                                           └──75 % of its life──▶ overdue ──100 %──▶ over
///
/// Ages go by two clocks and the later one counts: the monotonic one stands still while a machine sleeps, and the clock of
/// the day may be set back.
public struct RenewalPlan: Sendable {
    /// However long leaves live, keys change so often. A leaf that lives longer than twice that bears a longer absence of
    /// the control plane: with two hours it is 87 minutes, where a leaf of one hour bears 27.
    public static let longestRest = Duration.seconds(30 * 60)
    /// Sooner would be a storm, also where the host's clock is so far ahead that every leaf seems to be over.
    static let shortestRest = Duration.milliseconds(500)
    static let firstPause = Duration.seconds(1)
    static let longestPause = Duration.seconds(30)
    /// So much of the life is over when a missing renewal is an alarm: a quarter is left to look after it.
    static let alarmShare = 0.75

    /// How long the leaf was to live when it was taken.
    public let life: Duration
    private let taken: Instant
    private let takenWall: WallTime
    /// The age at which it is renewed.
    let rest: Duration
    private var pause = RenewalPlan.firstPause

    /// A leaf that ends at `end` was taken just now.
    public init(until end: WallTime, at now: Instant, _ wall: WallTime, chance: inout Chance) {
        life = max(.zero, wall.duration(to: end))
        taken = now
        takenWall = wall
        rest = max(Self.shortestRest, min(life / 2, Self.longestRest) * (0.9 + 0.2 * chance.fraction()))
    }

    public func age(at now: Instant, _ wall: WallTime) -> Duration {
        max(.zero, taken.duration(to: now), takenWall.duration(to: wall))
    }

    /// How long until the next try is due; zero if it is.
    public func wait(at now: Instant, _ wall: WallTime) -> Duration {
        max(.zero, rest - age(at: now, wall))
    }

    public func isOverdue(at now: Instant, _ wall: WallTime) -> Bool {
        age(at: now, wall) >= life * Self.alarmShare
    }

    public func isOver(at now: Instant, _ wall: WallTime) -> Bool {
        age(at: now, wall) >= life
    }

    /// A try failed: how long until the next one. Members that lost their control plane together come back one by one.
    public mutating func pauseAfterFailure(_ chance: inout Chance) -> Duration {
        defer { pause = min(pause * 2, Self.longestPause) }
        return pause * (0.8 + 0.2 * chance.fraction())
    }
}

extension WallTime {
    func duration(to later: WallTime) -> Duration {
        .seconds(later.seconds - seconds) + .nanoseconds(Int64(later.nanoseconds - nanoseconds))
    }
}
