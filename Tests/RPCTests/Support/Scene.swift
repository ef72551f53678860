import BenchAPI
import Bytes
import Exchange
import ProtoWire
import RPC

typealias Msg = Bench.Msg

extension Bench.Msg {
    init(_ id: String, size: Int = 0) {
        self.init()
        self.id = id
        payload = [UInt8](repeating: 7, count: size)
    }
}

/// The methods that tests serve and call: one of each kind.
enum Methods {
    static let unary = MethodDescriptor(path: "/t.S/Unary", name: "Unary", kind: .unary, isIdempotent: false)
    static let server = MethodDescriptor(
        path: "/t.S/Server", name: "Server", kind: .serverStreaming, isIdempotent: false)
    static let client = MethodDescriptor(
        path: "/t.S/Client", name: "Client", kind: .clientStreaming, isIdempotent: false)
    /// For handlers that call others.
    static let outer = MethodDescriptor(path: "/t.S/Outer", name: "Outer", kind: .unary, isIdempotent: false)
    static let both = MethodDescriptor(path: "/t.S/Both", name: "Both", kind: .bidirectional, isIdempotent: false)
}

/// A router and a channel to it, in memory, on a loop that the test drives.
final class Scene: Sendable {
    let loop = ManualLoop()
    let notes = Notes()
    let router: Router
    let exchanger: InMemoryTransport
    let channel: Channel

    init(
        interceptors: [any ServerInterceptor] = [], clientInterceptors: [any ClientInterceptor] = [],
        limits: RouterLimits = RouterLimits()
    ) {
        let observer = Observer(notes: notes)
        router = Router(timers: loop, limits: limits, interceptors: interceptors, observer: observer)
        exchanger = InMemoryTransport(
            serving: router, on: loop, timers: loop, as: Peer(address: "memory"), window: 64 * 1024, pieceSize: Int.max,
            isRecorded: true)
        channel = exchanger.channel(to: "t.S", interceptors: clientInterceptors)
    }

    /// Starts a unary call.
    func call(_ request: Msg, options: CallOptions = CallOptions(), in call: Call? = nil) -> Outcome<Msg> {
        loop.start { [channel] in try await channel.unary(Methods.unary, request, call: call, options: options) }
    }

    var exchanges: [InMemoryExchange] { exchanger.exchanges ?? [] }
    var exchange: InMemoryExchange { exchanges[exchanges.count - 1] }

    /// Every exchange has ended once at both ends, no timer is left, and the observer saw each call begin and end.
    var isQuiet: Bool {
        let ends = exchanges.flatMap(\.ends)
        return ends.allSatisfy { $0.endings.count == 1 } && loop.pendingTimers == 0
            && notes.lines.count { $0 == "began" } == notes.lines.count { $0.hasPrefix("ended") }
    }
}

struct Observer: CallObserver {
    let notes: Notes

    func began(_ call: Call) { notes.add("began") }
    func ended(_ call: Call, error: RPCError?) { notes.add("ended \(error?.code.name ?? "OK")") }
}

/// Where a handler waits until the test lets it go, or until it is cancelled.
final class Gate: @unchecked Sendable {  // a test runs on one thread
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false
    private(set) var cancellations = 0

    func wait() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if isOpen || Task.isCancelled { continuation.resume() } else { waiting.append(continuation) }
            }
        } onCancel: {
            cancellations += 1
            release()
        }
        try Task.checkCancellation()
    }

    func open() {
        isOpen = true
        release()
    }

    private func release() {
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }
}
