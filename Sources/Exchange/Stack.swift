public import Timebase

/// Layers around a core, in the order in which a call meets them.
///
/// The core is where exchanges are opened, or a picker that chooses another stack (one endpoint's) for each attempt.
/// A stack belongs to one loop; its calls' drivers do all waiting.
public final class Stack: @unchecked Sendable {  // touched on its loop alone
    public enum Core {
        /// Attempts are opened here.
        case exchanger(any Exchanger)
        /// Each attempt goes to the stack that this picks.
        case picker(any Picker)
        /// Calls that the first has a plan for go through the inner stack more than once at the same time, others once.
        case hedge(any Hedging, Stack)
        /// Nothing gets further: the call has nowhere to go.
        case refusal(Failure)
    }

    /// What the stack leads to: a destination's name or an endpoint's address.
    public let name: String
    public let layers: [any Layer]
    /// The same layers for the driver, each with what it says of itself.
    let steps: UnsafePointer<Step>
    let stepCount: Int
    let core: Core
    /// Some layer here may repeat a call.
    let repeatsCalls: Bool
    /// The layers that may say no to balancing.
    private let judges: [any Layer]
    private let isReachable: () -> Bool
    private let whyUnreachable: () -> String?
    @exclusivity(unchecked) private var queues = WakeQueues()

    /// `isReachable` tells balancing what the core knows of itself: a pool that cannot connect says no, and `whyUnreachable`
    /// says why.
    public init(
        _ layers: [any Layer], around core: Core, name: String, isReachable: @escaping () -> Bool = { true },
        whyUnreachable: @escaping () -> String? = { nil }
    ) {
        self.layers = layers
        self.core = core
        self.name = name
        self.isReachable = isReachable
        self.whyUnreachable = whyUnreachable
        let steps = UnsafeMutablePointer<Step>.allocate(capacity: max(1, layers.count))
        for (index, layer) in layers.enumerated() { (steps + index).initialize(to: Step(layer)) }
        self.steps = UnsafePointer(steps)
        stepCount = layers.count
        judges = layers.filter { $0.judgesUse }
        repeatsCalls =
            if case .hedge(_, let inner) = core {
                inner.repeatsCalls || layers.contains { $0.repeatsCalls }
            } else {
                layers.contains { $0.repeatsCalls }
            }
    }

    deinit {
        UnsafeMutablePointer(mutating: steps).deinitialize(count: stepCount)
        steps.deallocate()
    }

    /// Whether a call that came now would get through, as far as this stack knows.
    public func isUsable(at now: Instant) -> Bool {
        isReachable() && judges.allSatisfy { $0.isUsable(at: now) }
    }

    /// Why no call gets through, if that is because of what the core knows of itself.
    public var unreachableReason: String? { isReachable() ? nil : whyUnreachable() }

    /// Answers false if the queue at the gate is full: a layer should have refused before that.
    func enqueue(_ call: CallDriver, _ waiting: Waiting, beforeLayer layer: Int) -> Bool {
        queues.append(call, at: gate(waiting.gate, ofLayer: layer))
    }

    func forget(_ call: CallDriver, _ waiting: Waiting, beforeLayer layer: Int) {
        queues.remove(call, at: gate(waiting.gate, ofLayer: layer))
    }

    private func gate(_ number: Int, ofLayer layer: Int) -> WakeQueues.Gate {
        WakeQueues.Gate(layer: ObjectIdentifier(layers[layer]), number: number)
    }

    /// This stack takes the place of another, whose layers it has where their rules did not change. Calls under way stay in
    /// the old one; those that wait there are asked again at once, since what they waited for may be theirs now. The two have
    /// one set of queues: a place that becomes free in either is offered to who came first to the layer.
    public func succeed(_ old: Stack) {
        queues = old.queues
        queues.askEverybody()
    }

    // MARK: Picking

    /// Before the picker: before no layer.
    private static let pickGate = WakeQueues.Gate(layer: nil, number: 0)

    /// Answers false if so many wait already.
    func enqueueToPick(_ call: CallDriver, atMost limit: Int) -> Bool {
        guard queues.count(at: Self.pickGate) < limit else { return false }
        return queues.append(call, at: Self.pickGate)
    }

    func forgetPick(of call: CallDriver) {
        queues.remove(call, at: Self.pickGate)
    }

    /// What the picker goes by has changed: the calls that it told to wait ask again, in the order in which they came.
    public func pickAgain() {
        for call in queues.removeAll(at: Self.pickGate) { call.pickAgain() }
    }

    /// Calls that wait for an endpoint.
    public var waitingToPick: Int { queues.count(at: Self.pickGate) }

    /// A call that `layer` had let go on with `token` ended: the first that waits for its place is asked again.
    func wake(layer: Int, token: UInt64) {
        guard steps[layer].hasGates, !queues.isEmpty else { return }
        queues.wake(at: gate(layers[layer].gate(of: token), ofLayer: layer))
    }
}

/// A layer as the driver meets it: called without counting a reference, as a value that cannot be copied is borrowed.
///
/// Counting was a tenth of a proxied call: each layer is called twice, and its stack holds it anyway.
struct Step: ~Copyable {
    private let layer: any Layer
    let hearsEndings: Bool
    let hasGates: Bool

    init(_ layer: any Layer) {
        self.layer = layer
        hearsEndings = layer.hearsEndings
        hasGates = layer.hasGates
    }

    @inline(__always)
    borrowing func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        layer.admit(call, waiting: waiting, at: now)
    }

    @inline(__always)
    borrowing func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        layer.ended(call, token: token, as: outcome, at: now)
    }
}

/// Chooses where each attempt of a call goes.
public protocol Picker: AnyObject, Sendable {
    /// `attempts` tells which endpoints this call has tried: another one is better.
    func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick

    /// How many calls may wait for an endpoint. More are refused.
    var mostWaiting: Int { get }

    /// Says what this picker knows of its endpoints, for the explanation of a call that failed.
    func describe(_ call: CallHead, into state: inout StackState, at now: Instant)
}

extension Picker {
    /// As many as a connection pool holds.
    public var mostWaiting: Int { 1_000 }
    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {}
}

public enum Pick {
    /// In panic, layers that judge health let the call pass.
    case use(Stack, isPanic: Bool = false)
    /// No endpoint is ready, and one may become so: the call waits until the stack is told to `pickAgain`.
    case wait
    case refuse(Failure)
}

/// The calls that wait in a stack, and in those that it took the place of.
final class WakeQueues {
    struct Gate: Hashable {
        /// Before which layer; nil before the picker. A layer that is waited for is kept by the stack of the call.
        var layer: ObjectIdentifier?
        var number: Int
    }

    @exclusivity(unchecked) private var gates: [Gate: WakeQueue] = [:]
    @exclusivity(unchecked) private var toWake: [Gate] = []
    @exclusivity(unchecked) private var isWaking = false

    var isEmpty: Bool { gates.isEmpty }

    func count(at gate: Gate) -> Int { gates[gate]?.count ?? 0 }

    /// Answers false if the queue is full.
    func append(_ call: CallDriver, at gate: Gate) -> Bool {
        gates[gate, default: WakeQueue()].append(call)
    }

    func remove(_ call: CallDriver, at gate: Gate) {
        gates[gate]?.remove(call)
        if gates[gate]?.isEmpty == true { gates[gate] = nil }
    }

    func removeAll(at gate: Gate) -> [CallDriver] {
        gates.removeValue(forKey: gate)?.calls ?? []
    }

    /// Asks the first that waits at the gate again.
    ///
    /// A call that is woken may end at once and wake the next; a list instead of recursion keeps the stack flat.
    func wake(at gate: Gate) {
        toWake.append(gate)
        guard !isWaking else { return }
        isWaking = true
        while let gate = toWake.popLast() {
            gates[gate]?.first?.askAgain()
        }
        isWaking = false
    }

    /// Asks all that wait before layers, in the order in which they came to each.
    func askEverybody() {
        for (gate, queue) in gates where gate.layer != nil {
            for call in queue.calls { call.askAgain() }
        }
    }
}

/// The calls that wait at one gate, first come first.
struct WakeQueue {
    /// A layer's own limit is lower; this one only makes a layer without a limit visible.
    static let limit = 4096

    private(set) var calls: [CallDriver] = []

    var isEmpty: Bool { calls.isEmpty }
    var count: Int { calls.count }
    var first: CallDriver? { calls.first }

    mutating func append(_ call: CallDriver) -> Bool {
        guard calls.count < Self.limit else { return false }
        calls.append(call)
        return true
    }

    mutating func remove(_ call: CallDriver) {
        if let index = calls.firstIndex(where: { $0 === call }) { calls.remove(at: index) }
    }
}
