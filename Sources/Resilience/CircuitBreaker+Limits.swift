public import Timebase

extension CircuitBreaker {
    public struct Limits: Sendable, Equatable {
        /// So many faults without a success in between trip the breaker.
        public var faultsInRow = 5
        /// The share of successes in the window under which it trips, ...
        public var leastSuccess = 0.8
        /// ... once the window holds so many calls: fewer say nothing.
        public var leastCalls = 20
        public var firstCooldown: Duration = .seconds(1)
        public var longestCooldown: Duration = .seconds(60)
        /// A cooldown is stretched by up to this share of itself.
        public var jitter = 0.5
        /// So many calls may try at once while probing, and so many must succeed to close.
        public var probes = 3
        /// After closing: for so long the endpoint gets less than its share, and a trip counts as the same trouble.
        public var ramp: Duration = .seconds(10)
        /// Whether it decides, unless somebody overrules it.
        public var mode = Mode.enforce

        public init() {}
    }

    /// Whether a breaker decides over calls, or somebody does in its place.
    ///
    /// In every mode but `forcedOpen` calls pass or probe as before, and the machine goes on with what they say: when an
    /// overruling ends, it stands where it would stand anyway.
    public enum Mode: Sendable, Equatable, CaseIterable {
        case enforce
        /// It counts and tells, and lets everything through.
        case shadow
        /// Nothing passes, whatever the machine says.
        case forcedOpen
        /// Everything passes, whatever the machine says.
        case forcedClosed
    }

    /// What an operator said in place of the limits' mode, and until when: nobody must remember to take it back.
    public struct Force: Sendable, Equatable {
        /// An overruling that should last longer is a policy, and belongs where policies are written.
        public static let longest: Duration = .seconds(86_400)

        public let mode: Mode
        public let until: Instant
    }

    public enum Phase: String, Sendable, CaseIterable {
        case closed, open, probing

        /// Whether the machine may go from this phase to `next`.
        public func mayBecome(_ next: Phase) -> Bool {
            switch (self, next) {
            case (.closed, .open), (.open, .probing), (.probing, .closed), (.probing, .open): true
            default: false
            }
        }
    }

    /// A change of phase.
    public struct Transition: Sendable, Equatable {
        public var from: Phase
        public var to: Phase
        public var at: Instant
    }
}
