import BenchAPI
import ProtoWire
import RPC

/// Keeps a number of calls, or streams, under way.
struct Load: Sendable {
    private let plan: Plan
    private let echoes: [Bench.EchoClient]
    private let message: Bench.Msg
    /// Messages of one stream that are on their way at once: 16, or as many as half of a stream's window takes, since all of
    /// them are written before the first reply is read.
    private let inFlight: Int

    init(_ plan: Plan, _ echoes: [Bench.EchoClient]) {
        self.plan = plan
        self.echoes = echoes
        var message = Bench.Msg()
        message.payload = [UInt8](repeating: 0x61, count: plan.bytes)
        message.id = "id"
        message.n = 7
        self.message = message
        inFlight = max(1, min(16, (512 << 10) / max(1, plan.bytes)))
    }

    @discardableResult
    func run(for time: Duration) async throws -> Done {
        let end = ContinuousClock.now.advanced(by: time)
        return try await withThrowingTaskGroup(of: Done.self) { group in
            for echo in echoes {
                for _ in 0..<plan.concurrency {
                    group.addTask {
                        switch plan.kind {
                        case .unary: try await calls(echo, until: end)
                        case .stream: try await stream(echo, until: end)
                        case .paced: preconditionFailure("paced calls have a load of their own")
                        }
                    }
                }
            }
            var all = Done()
            for try await done in group {
                all.messages += done.messages
                all.bytes += done.bytes
                all.failed += done.failed
            }
            return all
        }
    }

    private func calls(_ echo: Bench.EchoClient, until end: ContinuousClock.Instant) async throws -> Done {
        var done = Done()
        while ContinuousClock.now < end {
            let reply = try await echo.unary(message)
            done.messages += 1
            done.bytes += reply.payload.count
            if reply.payload.count != plan.bytes { done.failed += 1 }
        }
        return done
    }

    private func stream(_ echo: Bench.EchoClient, until end: ContinuousClock.Instant) async throws -> Done {
        try await echo.stream { writer, replies in
            var done = Done()
            for _ in 0..<inFlight { try await writer.write(message) }
            var hasFinished = false
            for try await reply in replies {
                done.messages += 1
                done.bytes += reply.payload.count
                if reply.payload.count != plan.bytes { done.failed += 1 }
                if ContinuousClock.now < end {
                    try await writer.write(message)
                } else if !hasFinished {
                    hasFinished = true
                    await writer.finish()
                }
            }
            return done
        }
    }
}
