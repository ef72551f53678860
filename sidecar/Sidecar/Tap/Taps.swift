import Exchange
import MeshAPI
import Policy

/// Those who look at the calls of one direction as they happen. Nobody does, mostly, and then a call looks at one flag.
final class Taps {
    private let direction: Telemetry.Direction
    private(set) var isIdle = true
    private var all: [Tap] = []

    init(_ direction: Telemetry.Direction) {
        self.direction = direction
    }

    func add(_ tap: Tap) {
        all.append(tap)
        isIdle = false
    }

    func remove(_ tap: Tap) {
        all.removeAll { $0 === tap }
        isIdle = all.isEmpty
    }

    func observers(of call: CallHead) -> [TapObserver] {
        all.compactMap { $0.observer(of: call, direction.rawValue) }
    }
}

/// One look at calls: which, how many, and the queue to whoever reads of them.
final class Tap {
    typealias Event = WeftAdminV1.TapResponse

    /// Events that a slow reader has not taken yet; more are left out, and counted.
    static let mostQueued = 128
    /// Of one message: with the queue full of such, 8 MiB.
    static let mostMessageBytes = 64 << 10
    static let usualCalls = 100
    /// Past that somebody wants a recording, which this is not.
    static let mostCalls = 1_000_000
    /// Taps at the same time, of both directions together.
    static let mostTaps = 8

    let events: AsyncStream<Event>
    let messageBytes: Int
    let codes: Set<Int>
    private let queue: AsyncStream<Event>.Continuation
    private let match: CallMatch
    private let callee: String
    private var begun: UInt64 = 0
    private var open = 0
    private var remaining: Int
    private var missed: UInt64 = 0

    init(_ request: WeftAdminV1.TapRequest, _ match: CallMatch) {
        self.match = match
        callee = request.callee
        codes = Set(request.codes.map { Int($0) })
        messageBytes = min(Int(request.mostMessageBytes), Self.mostMessageBytes)
        remaining = request.mostCalls == 0 ? Self.usualCalls : min(Int(request.mostCalls), Self.mostCalls)
        (events, queue) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(Self.mostQueued))
    }

    /// nil if the call is not for this tap.
    func observer(of call: CallHead, _ direction: String) -> TapObserver? {
        guard remaining > 0, callee.isEmpty || call.method.service == callee, match.fits(call) else { return nil }
        begun += 1
        open += 1
        // Where only some endings count, a call counts when it ended so.
        if codes.isEmpty { remaining -= 1 }
        return TapObserver(self, number: begun, direction)
    }

    /// With `codes`, whether a call that ended is shown: one that comes after the last wanted is not.
    func takes(_ code: Int) -> Bool {
        if codes.isEmpty { return true }
        guard codes.contains(code), remaining > 0 else { return false }
        remaining -= 1
        return true
    }

    func tell(_ event: Event) {
        if missed > 0 {
            var gap = Event()
            gap.event = .missed(missed)
            guard case .enqueued = queue.yield(gap) else {
                missed += 1
                return
            }
            missed = 0
        }
        if case .enqueued = queue.yield(event) { return }
        missed += 1
    }

    func callEnded() {
        open -= 1
        // What is still open where only some endings count may be one of those: with none wanted, it is not waited for.
        if remaining == 0, open == 0 || !codes.isEmpty { finish() }
    }

    func finish() {
        queue.finish()
    }
}
