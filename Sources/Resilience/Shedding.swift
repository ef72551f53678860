public import Timebase

/// Which calls a process turns away while it has too much to do: the least critical first.
///
///     nothing ⇄ sheddable ⇄ and sheddable-plus ⇄ and critical ⇄ everything
///        memory:  85 %          90 %              95 %         100 %   of the ceiling
///        delay:    1x            2x                4x          never   of what a turn may take
///
/// Up goes it at once, and as far as it must; down by one level at a time, after calm of a second below nine tenths of what the
/// level asks for, so that it does not flap with the load that it takes away itself. A delay counts when three looks in a row
/// saw it: one long turn is a pause, not a load. What a process that is merely slow still can do, it does: delay alone never
/// sheds what is most critical.
public struct Shedding: Sendable {
    public struct Limits: Sendable, Equatable {
        /// Bytes that the process may have.
        public var memory: Int
        /// How long a turn of the loop may take.
        public var delay: Duration

        public init(memory: Int = Shedding.standardMemory, delay: Duration = .milliseconds(250)) {
            self.memory = memory
            self.delay = delay
        }
    }

    /// DESIGN §6, "buffers".
    public static let standardMemory = 64 << 20

    /// How many of the four classes of calls are turned away, from the least critical on.
    public enum Level: UInt8, Sendable, Comparable, CaseIterable {
        case nothing
        case sheddable
        case sheddablePlus
        case critical
        case everything

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    public enum Reason: String, Sendable {
        case memory
        case delay = "loop_delay"
    }

    /// The share of the memory from which on the first calls are shed.
    public static let firstMemoryShare = 0.85
    /// Below this share of what a level asks for, there is calm.
    static let calm = 0.9
    static let calmTime: Duration = .seconds(1)
    /// After what time a caller that was turned away may come back: the level falls no sooner.
    public static let pause: Duration = .seconds(1)

    public var limits: Limits
    public private(set) var level = Level.nothing
    /// What the level comes from.
    public private(set) var reason = Reason.memory
    /// What was seen last.
    public private(set) var memory = 0
    public private(set) var delay: Duration = .zero
    private var delays: (Duration, Duration, Duration) = (.zero, .zero, .zero)
    private var calmSince: Instant?

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// A look at the process: what it has, and how long the loop let this look wait. True if the level changed.
    public mutating func see(memory: Int, delay: Duration, at now: Instant) -> Bool {
        self.memory = memory
        delays = (delays.1, delays.2, delay)
        self.delay = min(delays.0, delays.1, delays.2)
        let needed = needed(1)
        if needed > level {
            level = needed
            calmSince = nil
            return true
        }
        // Against nine tenths of each bound: would what is there now still ask for this level?
        guard level > .nothing, self.needed(Self.calm) < level else {
            calmSince = nil
            return false
        }
        guard let since = calmSince else {
            calmSince = now
            return false
        }
        guard since.duration(to: now) >= Self.calmTime, let lower = Level(rawValue: level.rawValue - 1) else {
            return false
        }
        level = lower
        calmSince = now
        return true
    }

    /// The level that memory and delay ask for, each bound taken `share` times.
    private mutating func needed(_ share: Double) -> Level {
        let used = Double(memory) / Double(max(1, limits.memory))
        let byMemory = Self.level(used, [Self.firstMemoryShare, 0.9, 0.95, 1], share)
        let byDelay = Self.level(delay.inSeconds / max(1e-6, limits.delay.inSeconds), [1, 2, 4], share)
        if share == 1, max(byMemory, byDelay) > .nothing { reason = byMemory >= byDelay ? .memory : .delay }
        return max(byMemory, byDelay)
    }

    private static func level(_ value: Double, _ bounds: [Double], _ share: Double) -> Level {
        Level(rawValue: UInt8(bounds.count { value >= $0 * share })) ?? .everything
    }
}
