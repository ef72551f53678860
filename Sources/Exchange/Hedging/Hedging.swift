public import Timebase

/// Says which calls are sent more than once at the same time, and whether there is budget for it.
///
/// A core of a stack asks it (`Stack.Core.hedge`); it decides at once, like a layer, and the waiting is done for it.
public protocol Hedging: AnyObject, Sendable {
    /// nil: the call goes on as any other, at no cost.
    func plan(for call: CallHead) -> HedgePlan?

    /// Another attempt of the call is due. If it may not begin now, none of this call will.
    func mayHedge(_ call: CallHead, at now: Instant) -> Bool

    /// One of its attempts ended.
    func ended(_ call: CallHead, as outcome: Outcome, at now: Instant)

    /// The call has a good answer, so long after its first attempt began. `isFirst` says that this attempt gave it: else the
    /// first would have taken longer still.
    func answered(_ call: CallHead, after elapsed: Duration, byFirst isFirst: Bool, at now: Instant)

    /// Says what is left to hedge with, for the explanation of a call that failed.
    func describe(_ call: CallHead, into state: inout StackState, at now: Instant)
}

extension Hedging {
    public func answered(_ call: CallHead, after elapsed: Duration, byFirst isFirst: Bool, at now: Instant) {}
    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {}
}

/// How often one call may be sent, and how soon after each other (gRFC A6, "Hedging policy").
public struct HedgePlan: Sendable, Equatable {
    /// With the first.
    public var maxAttempts: Int
    /// From the beginning of one to that of the next; zero sends all at once.
    public var delay: Duration
    /// An attempt that ends so is one less; any other ending is the call's.
    public var nonFatal: StatusSet

    public init(maxAttempts: Int, delay: Duration, nonFatal: StatusSet = []) {
        self.maxAttempts = maxAttempts
        self.delay = delay
        self.nonFatal = nonFatal
    }
}

/// What operators say of hedging a method, where a plan for each call comes from.
public struct HedgeRule: Sendable, Equatable {
    /// With the first.
    public var maxAttempts: Int
    /// From one attempt to the next; nil for what the method's slowest twentieth takes.
    public var delay: Duration?

    public init(maxAttempts: Int = 2, delay: Duration? = nil) {
        self.maxAttempts = maxAttempts
        self.delay = delay
    }
}

/// Some of a protocol's status codes, those from 0 to 31.
public struct StatusSet: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public init(_ codes: some Sequence<Int>) {
        self.init(rawValue: codes.reduce(0) { 0..<32 ~= $1 ? $0 | 1 << UInt32($1) : $0 })
    }

    public func contains(status: Int) -> Bool { 0..<32 ~= status && rawValue & (1 << UInt32(status)) != 0 }
}

/// When the next attempt of a hedged call begins, if one does.
///
///     begin ──▶ due after the delay ──begin──▶ ... ──▶ none: all have begun, or the server or the budget said no
///                   │      ▲
///                   └──────┘ an attempt ended non-fatally: due now, or when the server's pushback says
struct HedgeSchedule: Equatable {
    let plan: HedgePlan
    private(set) var begun = 0
    /// nil: no more will begin.
    private(set) var due: Instant?

    init(_ plan: HedgePlan, at now: Instant) {
        self.plan = plan
        due = now
    }

    mutating func began(at now: Instant) {
        begun += 1
        due = begun < plan.maxAttempts ? now.advanced(by: plan.delay) : nil
    }

    mutating func failed(_ pushback: Outcome.Pushback?, at now: Instant) {
        guard due != nil else { return }
        switch pushback {
        case nil: due = now
        case .after(let delay): due = now.advanced(by: delay)
        case .never: due = nil
        }
    }

    mutating func stop() {
        due = nil
    }
}
