public import Exchange
public import Resilience
public import Timebase

/// Turns calls away while their process has too much to do, the least critical first. Health checks always pass.
///
/// It reads the level that whoever watches the process keeps in `SheddingState`; in calm a call costs one comparison, and its
/// criticality is not even looked up.
public final class SheddingLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    private let state: SheddingState

    public init(_ state: SheddingState) {
        self.state = state
    }

    public var hearsEndings: Bool { false }
    public var judgesUse: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        if state.shedding.level == .nothing { return .go() }
        return judge(call)
    }

    @inline(never)
    private func judge(_ call: CallHead) -> Admission {
        let shedding = state.shedding
        let criticality = call.criticality
        if criticality.rawValue >= shedding.level.rawValue || call.method.isHealthCheck { return .go() }
        state.shed[Int(criticality.rawValue)] += 1
        return .refuse(
            Failure(
                .admit, .overload, subject: shedding.reason.rawValue,
                detail: "\(state.describe()); calls below \(Self.name(of: shedding.level)) are shed, and this one is "
                    + criticality.text,
                reach: .neverSent, retryAfter: Shedding.pause))
    }

    /// The least criticality that still passes.
    private static func name(of level: Shedding.Level) -> String {
        Criticality(rawValue: level.rawValue)?.text ?? "health checks"
    }
}

/// What a process knows of its load, shared by the layers that shed. Whoever watches the process writes it.
public final class SheddingState: @unchecked Sendable {  // touched on its loop alone
    @exclusivity(unchecked) public var shedding: Shedding
    /// How many calls were shed, by their criticality.
    @exclusivity(unchecked) public internal(set) var shed = [0, 0, 0, 0]

    public init(_ limits: Shedding.Limits = Shedding.Limits()) {
        shedding = Shedding(limits)
    }

    /// For people, and for callers that are refused.
    public func describe() -> String {
        switch shedding.reason {
        case .memory: "the process has \(shedding.memory >> 20) MiB and may have \(shedding.limits.memory >> 20)"
        case .delay:
            "a turn of the loop takes \(shedding.delay.milliseconds) ms and may take \(shedding.limits.delay.milliseconds)"
        }
    }
}

extension MethodEntry {
    /// Whoever is overloaded must still be able to say that he lives: a service that is killed for being busy is worse.
    public var isHealthCheck: Bool { fullName.hasPrefix("grpc.health.v1.Health/") }
}
