public import Exchange
public import Timebase

/// Holds calls up and answers them with failures, where a fault says so.
///
///     call ──▶ a delay strikes? ──wait──▶ an abort strikes? ──refused with its status
///                                              └──no──▶ goes on
///
/// It stands above retries and breakers: what it does is news about nobody, and is not repeated. Its refusals do not say
/// that the call may safely be tried elsewhere either, although nothing was sent, since the members further out would undo
/// the fault by that.
public final class CallFaultLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    /// A call whose delay outlasts its deadline is answered so long before it, so that the answer names the fault: time for
    /// the timer to be late.
    private static let headStart: Duration = .milliseconds(10)

    private let delays: [FaultInjection]
    private let aborts: [FaultInjection]

    public init(_ faults: [FaultInjection]) {
        delays = faults.filter { if case .delay = $0.rule.kind { true } else { false } }
        aborts = faults.filter { if case .abort = $0.rule.kind { true } else { false } }
    }

    public var hearsEndings: Bool { false }
    public var judgesUse: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        if let waiting { return woken(call, waiting, at: now) }
        for (index, fault) in delays.enumerated() {
            guard case .delay(let time) = fault.rule.kind, fault.strikes(call, at: now) else { continue }
            let until = now.advanced(by: time)
            guard let deadline = call.deadline, deadline <= until else {
                return .wait(Waiting(at: 2 * index, until: until))
            }
            let early = deadline.advanced(by: .zero - Self.headStart)
            return .wait(Waiting(at: 2 * index + 1, until: max(now, early)))
        }
        return abort(call, at: now)
    }

    /// The gate says which delay it was, and whether the call's deadline comes before its end.
    private func woken(_ call: CallHead, _ waiting: Waiting, at now: Instant) -> Admission {
        if now < waiting.until { return .wait(waiting) }
        guard waiting.gate % 2 == 1 else { return abort(call, at: now) }
        let name = delays[waiting.gate / 2].rule.name
        var failure = Failure(
            .wait, .faultInjected, subject: name, detail: "the fault \(name) held the call up until its deadline")
        failure.status = Self.deadlineExceeded
        return .refuse(failure)
    }

    private func abort(_ call: CallHead, at now: Instant) -> Admission {
        for fault in aborts {
            guard case .abort(let status) = fault.rule.kind, fault.strikes(call, at: now) else { continue }
            var failure = Failure(
                .admit, .faultInjected, subject: fault.rule.name,
                detail: "the fault \(fault.rule.name) answered the call")
            failure.status = status
            return .refuse(failure)
        }
        return .go()
    }

    /// What a deadline is in the numbers that faults are written in, gRPC's.
    private static let deadlineExceeded = 4
}
