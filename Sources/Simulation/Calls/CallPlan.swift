public import RPC
import Timebase

/// Everything about one call, drawn from a seed before it begins: its caller and its handler both follow it.
public struct CallPlan: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case unary, serverStreaming, clientStreaming, bidirectional
    }

    /// Unique in its run; it travels in each message.
    public let number: Int
    public let kind: Kind
    /// Messages of the caller; each of a bidirectional call gets one back.
    public var requests = 1
    public var replies = 1
    public var requestBytes = 0
    public var replyBytes = 0
    public var timeout: Duration?
    /// The caller's task is cancelled so long after the call began.
    public var cancelAfter: Duration?
    /// The handler sleeps so long before it answers.
    public var handlerDelay: Duration?
    /// What the handler fails with in the end.
    public var failure: StatusCode?
    /// The reader of replies sleeps so long before each.
    public var readerDelay: Duration?
    /// The caller of a stream leaves after so many replies.
    public var leavesAfter: Int?

    /// What message `index` of either direction carries.
    func payload(_ index: Int, count: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number &* 31 &+ index &* 7), count: count)
    }
}

/// What calls are like: shares as fractions of 1, sizes and times as ranges.
public struct CallMix: Sendable {
    public var kinds = CallPlan.Kind.allCases
    public var messages: ClosedRange<Int> = 0...6
    public var bytes: ClosedRange<Int> = 0...3_000
    /// This share of messages is large instead.
    public var large = 0.1
    public var largeBytes: ClosedRange<Int> = 20_000...200_000
    /// This share of calls has a deadline.
    public var timeouts = 0.0
    public var timeout: ClosedRange<Duration> = .milliseconds(1)...(.seconds(2))
    /// This share of calls is cancelled by its caller.
    public var cancels = 0.0
    public var cancelAfter: ClosedRange<Duration> = .zero...(.milliseconds(300))
    /// This share of handlers takes its time.
    public var slowHandlers = 0.3
    public var handlerDelay: ClosedRange<Duration> = .zero...(.milliseconds(200))
    /// This share of handlers fails in the end.
    public var failures = 0.1
    /// This share of readers sleeps before each message.
    public var slowReaders = 0.1
    public var readerDelay: ClosedRange<Duration> = .zero...(.milliseconds(50))
    /// This share of streams is left by its caller before its end.
    public var leaves = 0.0

    public init() {}

    /// The plan of call `number`: the same for the same seed, whatever calls were planned before.
    public func plan(_ number: Int, seed: UInt64) -> CallPlan {
        var chance = Chance(seed: seed ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        var plan = CallPlan(number: number, kind: kinds[chance.pick(0...kinds.count - 1)])
        plan.requestBytes = size(&chance)
        plan.replyBytes = size(&chance)
        switch plan.kind {
        case .unary: break
        case .serverStreaming: plan.replies = chance.pick(messages)
        case .clientStreaming: plan.requests = chance.pick(messages)
        case .bidirectional:
            plan.requests = chance.pick(messages)
            plan.replies = plan.requests
        }
        if chance.isHit(timeouts) { plan.timeout = chance.pick(timeout) }
        if chance.isHit(cancels) { plan.cancelAfter = chance.pick(cancelAfter) }
        if chance.isHit(slowHandlers) { plan.handlerDelay = chance.pick(handlerDelay) }
        // A stream without a message does not tell its handler which call it is.
        if chance.isHit(failures), plan.requests > 0 {
            plan.failure = [.notFound, .aborted, .dataLoss][chance.pick(0...2)]
        }
        if chance.isHit(slowReaders) { plan.readerDelay = chance.pick(readerDelay) }
        let streams = plan.kind == .serverStreaming || plan.kind == .bidirectional
        if streams, plan.replies > 1, chance.isHit(leaves) { plan.leavesAfter = chance.pick(0...plan.replies - 1) }
        return plan
    }

    private func size(_ chance: inout Chance) -> Int {
        chance.pick(chance.isHit(large) ? largeBytes : bytes)
    }
}
