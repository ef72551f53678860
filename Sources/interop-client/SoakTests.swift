import InteropAPI
import RPC
import Reactor
import Synchronization
import Timebase
import Transport

/// "rpc_soak" and "channel_soak": large unary calls over and over, on one channel or each on a new one.
struct SoakTests {
    let target: Target

    func rpcSoak() async throws {
        let (channel, pool) = target.connect()
        defer { pool.drain() }
        try await soak { try await call(on: channel) }
    }

    func channelSoak() async throws {
        try await soak {
            let (channel, pool) = target.connect()
            defer { pool.drain() }
            try await call(on: channel)
        }
    }

    private func call(on channel: Channel) async throws {
        var request = GrpcTesting.SimpleRequest()
        request.responseSize = Int32(target.soak.responseSize)
        var payload = GrpcTesting.Payload()
        payload.body = [UInt8](repeating: 0, count: target.soak.requestSize)
        request.payload = payload
        let client = GrpcTesting.TestServiceClient(channel)
        let reply = try await client.unaryCall(request, options: CallOptions(timeout: target.patience))
        try expect(reply.payload?.body.count ?? 0, target.soak.responseSize, "the size of the reply")
    }

    /// Shares the iterations among the tasks; all must be over in the time of the whole.
    private func soak(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let plan = target.soak
        let end = target.loop.now.advanced(by: plan.overallTimeout)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<plan.tasks {
                let share = plan.iterations / plan.tasks + (task < plan.iterations % plan.tasks ? 1 : 0)
                group.addTask {
                    for _ in 0..<share where target.loop.now < end {
                        tally.note(await iterate(body), limit: plan.maxLatency)
                        try await target.loop.sleep(for: plan.minimumGap)
                    }
                }
            }
            try await group.waitForAll()
        }
        let (done, failures, slowest, last) = tally.result
        print(
            "soak: \(done) of \(plan.iterations) iterations, \(failures) failures, the slowest took \(slowest)"
                + (last.map { "; the last failure: \($0)" } ?? ""))
        try expect(done, plan.iterations, "the number of iterations in time")
        guard failures <= plan.maxFailures else {
            throw Unexpected(description: "\(failures) iterations failed or were too slow, over \(plan.maxFailures)")
        }
    }

    private func iterate(_ body: @Sendable () async throws -> Void) async -> (Duration, failure: String?) {
        let begun = target.loop.now
        do {
            try await body()
            return (begun.duration(to: target.loop.now), nil)
        } catch {
            return (begun.duration(to: target.loop.now), "\(error)")
        }
    }
}

/// How the iterations went, counted by several tasks.
private final class Tally: Sendable {
    private let state = Mutex((done: 0, failures: 0, slowest: Duration.zero, last: String?.none))

    func note(_ outcome: (took: Duration, failure: String?), limit: Duration) {
        state.withLock { state in
            state.done += 1
            state.slowest = max(state.slowest, outcome.took)
            if let failure = outcome.failure ?? (outcome.took > limit ? "it took \(outcome.took)" : nil) {
                state.failures += 1
                state.last = failure
            }
        }
    }

    var result: (done: Int, failures: Int, slowest: Duration, last: String?) { state.withLock { $0 } }
}
