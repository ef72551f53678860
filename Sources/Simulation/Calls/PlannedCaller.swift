import BenchAPI
import Exchange
public import RPC
public import Reactor
import Timebase

/// Makes calls as their plans say, on the loop of a channel, and checks what comes back.
public struct PlannedCaller: Sendable {
    private let channel: Channel
    private let loop: Loop
    private let ledger: CallLedger
    private let repeats: Int

    /// - Parameter repeats: how often a call is made again that has not reached the peer, as far as its error knows. The
    ///   ledger tells if that was not so, since then two handlers ran it.
    public init(_ channel: Channel, on loop: Loop, ledger: CallLedger, repeats: Int = 0) {
        self.channel = channel
        self.loop = loop
        self.ledger = ledger
        self.repeats = repeats
    }

    /// Begins the call now, on the loop; `ended` hears once how it ended.
    public func begin(_ plan: CallPlan, ended: @escaping @Sendable (StatusCode, RPCError?) -> Void) {
        loop.execute {
            ledger.began(plan.number)
            let task = Task.immediate(executorPreference: loop) {
                let error = await failure(of: plan)
                if let error, !error.reachedPeer { ledger.neverReached(plan.number) }
                ledger.ended(plan.number, error?.code ?? .ok)
                ended(error?.code ?? .ok, error)
            }
            if let delay = plan.cancelAfter { loop.schedule(after: delay) { task.cancel() } }
        }
    }

    /// Makes the call; nil if it went well.
    private func failure(of plan: CallPlan) async -> RPCError? {
        var left = repeats
        while true {
            let error = await failureOnce(of: plan)
            guard let error, error.code == .unavailable, !error.reachedPeer, left > 0 else { return error }
            left -= 1
            ledger.repeated(plan.number, after: error)
            do {
                try await loop.sleep(for: PlannedCaller.pause)
            } catch {
                return RPCError(.cancelled, "the caller was cancelled between two tries", reachedPeer: false)
            }
        }
    }

    /// Between two tries of a call: long enough for a pool to dial.
    private static let pause: Duration = .milliseconds(100)

    private func failureOnce(of plan: CallPlan) async -> RPCError? {
        do {
            try await call(plan)
            return nil
        } catch let error as RPCError {
            return error
        } catch is CancellationError {
            return RPCError(.cancelled, "the caller was cancelled elsewhere")
        } catch {
            ledger.complain("call \(plan.number) threw what is no RPCError: \(error)")
            return RPCError(.unknown, "\(error)")
        }
    }

    private func call(_ plan: CallPlan) async throws {
        let options = CallOptions(timeout: plan.timeout)
        switch plan.kind {
        case .unary:
            let reply: Bench.Msg = try await channel.unary(
                PlannedService.unary, plan.request(0), call: nil, options: options)
            check(reply, 0, of: plan)
        case .serverStreaming:
            try await channel.serverStreaming(PlannedService.server, plan.request(0), call: nil, options: options) {
                (replies: MessageReader<Bench.Msg>) in try await read(replies, of: plan)
            }
        case .clientStreaming:
            let reply: Bench.Msg = try await channel.clientStreaming(
                PlannedService.client, call: nil, options: options
            ) { (requests: MessageWriter<Bench.Msg>) in
                for index in 0..<plan.requests { try await requests.write(plan.request(index)) }
            }
            if plan.requests > 0 { check(reply, 0, of: plan) }
        case .bidirectional:
            try await channel.bidirectional(PlannedService.both, call: nil, options: options) {
                (requests: MessageWriter<Bench.Msg>, replies: MessageReader<Bench.Msg>) in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for index in 0..<plan.requests { try await requests.write(plan.request(index)) }
                        await requests.finish()
                    }
                    try await read(replies, of: plan)
                    // A caller who leaves early does not wait for what it still writes.
                    if plan.leavesAfter != nil { group.cancelAll() }
                }
            }
        }
    }

    /// Reads to the end, or until the caller leaves.
    private func read(_ replies: MessageReader<Bench.Msg>, of plan: CallPlan) async throws {
        var count = 0
        while count != plan.leavesAfter {
            if let delay = plan.readerDelay { try await loop.sleep(for: delay) }
            guard let reply = try await replies.next() else {
                if count != plan.replies { ledger.complain("call \(plan.number): \(count) replies came") }
                return
            }
            check(reply, count, of: plan)
            count += 1
        }
    }

    private func check(_ reply: Bench.Msg, _ index: Int, of plan: CallPlan) {
        if !loop.isCurrent { ledger.complain("the caller of call \(plan.number) is not on its loop") }
        if !plan.isReply(reply, index) {
            ledger.complain("call \(plan.number): reply \(index) came as another one (\(reply.id))")
        }
    }
}
