package import Timebase

/// What the deciding parts of a stack held when a call ended: the answer to "in which state was it refused".
///
/// Layers and pickers fill in what they know, only when a call has failed.
public struct StackState: Sendable, Equatable {
    /// Retries and hedges that the destination's budget had left; nil where nothing is repeated.
    public var budgetLeft: Int?
    /// Attempts that were begun beside a first one, ever; nil where nobody hedges.
    public var hedges: Int?
    public var bulkhead: Occupancy?
    /// Of the destination; nil where there is no choice of endpoints.
    public var endpoints: Int?
    public var usableEndpoints = 0
    public var isPanic = false
    /// The state of the endpoint's breaker: `closed`, `open` or `probing`; empty where there is none.
    public var breaker = ""

    /// How full a bulkhead was.
    public struct Occupancy: Sendable, Equatable {
        public var inFlight: Int
        public var waiting: Int
        public var limit: Int

        public init(inFlight: Int, waiting: Int, limit: Int) {
            self.inFlight = inFlight
            self.waiting = waiting
            self.limit = limit
        }
    }

    public init() {}

    /// Asks every layer of a stack, and its picker.
    package init(of stack: Stack, for call: CallHead, at now: Instant) {
        for layer in stack.layers { layer.describe(call, into: &self, at: now) }
        switch stack.core {
        case .picker(let picker): picker.describe(call, into: &self, at: now)
        case .hedge(let hedging, let inner):
            hedging.describe(call, into: &self, at: now)
            for layer in inner.layers { layer.describe(call, into: &self, at: now) }
            if case .picker(let picker) = inner.core { picker.describe(call, into: &self, at: now) }
        case .exchanger, .refusal: break
        }
    }
}
