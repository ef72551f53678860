import BenchAPI
import ProtoWire
public import RPC
public import Reactor
import Timebase

/// A service whose handlers do what the plan of each call says, and write into the ledger that they did.
public struct PlannedService: Sendable {
    static let unary = MethodDescriptor(path: "/sim.Plan/Unary", name: "Unary", kind: .unary, isIdempotent: false)
    static let server = MethodDescriptor(
        path: "/sim.Plan/Server", name: "Server", kind: .serverStreaming, isIdempotent: false)
    static let client = MethodDescriptor(
        path: "/sim.Plan/Client", name: "Client", kind: .clientStreaming, isIdempotent: false)
    static let both = MethodDescriptor(
        path: "/sim.Plan/Both", name: "Both", kind: .bidirectional, isIdempotent: false)

    private let plan: @Sendable (Int) -> CallPlan
    private let ledger: CallLedger
    private let loop: Loop

    /// - Parameters:
    ///   - loop: of the router that it is registered in.
    ///   - plan: the plan of a call by its number.
    public init(on loop: Loop, ledger: CallLedger, plan: @escaping @Sendable (Int) -> CallPlan) {
        self.loop = loop
        self.ledger = ledger
        self.plan = plan
    }

    public func register(in router: Router) {
        router.unary(PlannedService.unary) { (request: Bench.Msg, _: Call) in
            try await handle(request) { plan in
                check(request, 0, of: plan)
                return try finish(plan)
            }
        }
        router.serverStreaming(PlannedService.server) {
            (request: Bench.Msg, replies: MessageWriter<Bench.Msg>, _: Call) in
            try await handle(request) { plan in
                check(request, 0, of: plan)
                for index in 0..<plan.replies { try await replies.write(plan.reply(index)) }
                _ = try finish(plan)
            }
        }
        router.clientStreaming(PlannedService.client) { (requests: MessageReader<Bench.Msg>, _: Call) in
            // The plan is known from the first message; a call without any is answered by its count alone.
            guard let first = try await requests.next() else { return Bench.Msg() }
            return try await handle(first) { plan in
                var count = 0
                var next: Bench.Msg? = first
                while let request = next {
                    check(request, count, of: plan)
                    count += 1
                    next = try await requests.next()
                }
                if count != plan.requests { ledger.complain("call \(plan.number): \(count) requests came") }
                return try finish(plan)
            }
        }
        router.bidirectional(PlannedService.both) {
            (requests: MessageReader<Bench.Msg>, replies: MessageWriter<Bench.Msg>, _: Call) in
            guard let first = try await requests.next() else { return }
            try await handle(first) { plan in
                var count = 0
                var next: Bench.Msg? = first
                while let request = next {
                    check(request, count, of: plan)
                    try await replies.write(plan.reply(count))
                    count += 1
                    next = try await requests.next()
                }
                if count != plan.requests { ledger.complain("call \(plan.number): \(count) requests came") }
                _ = try finish(plan)
            }
        }
    }

    private func handle<Result>(_ first: Bench.Msg, _ body: (CallPlan) async throws -> Result) async throws -> Result {
        let plan = plan(Int(first.n))
        ledger.handlerBegan(plan.number)
        defer { ledger.handlerEnded(plan.number) }
        if !loop.isCurrent { ledger.complain("the handler of call \(plan.number) is not on its loop") }
        if let delay = plan.handlerDelay { try await loop.sleep(for: delay) }
        return try await body(plan)
    }

    private func finish(_ plan: CallPlan) throws -> Bench.Msg {
        if let failure = plan.failure { throw RPCError(failure, "as planned") }
        return plan.reply(0)
    }

    private func check(_ request: Bench.Msg, _ index: Int, of plan: CallPlan) {
        if !plan.isRequest(request, index) {
            ledger.complain("call \(plan.number): request \(index) came as another one (\(request.id))")
        }
    }
}

extension CallPlan {
    func request(_ index: Int) -> Bench.Msg { message(index, bytes: requestBytes) }
    func reply(_ index: Int) -> Bench.Msg { message(index, bytes: replyBytes) }

    func isRequest(_ message: Bench.Msg, _ index: Int) -> Bool { isMessage(message, index, bytes: requestBytes) }
    func isReply(_ message: Bench.Msg, _ index: Int) -> Bool { isMessage(message, index, bytes: replyBytes) }

    private func message(_ index: Int, bytes: Int) -> Bench.Msg {
        var message = Bench.Msg()
        message.n = Int64(number)
        message.id = String(index)
        message.payload = payload(index, count: bytes)
        return message
    }

    private func isMessage(_ message: Bench.Msg, _ index: Int, bytes: Int) -> Bool {
        message.n == Int64(number) && message.id == String(index) && message.payload == payload(index, count: bytes)
    }
}
