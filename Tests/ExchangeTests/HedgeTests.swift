import Bytes
import Testing
import Timebase

@testable import Exchange

@Suite struct HedgeScheduleTests {
    enum Step: Sendable {
        case begin, fail, pushBack(Int), refuse, stop
        /// The next is due so many milliseconds from now; nil: none is.
        case due(Int?)
        case pass(Int)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let steps: [Step]
        var testDescription: String { rule }

        init(_ rule: String, _ steps: Step...) {
            self.rule = rule
            self.steps = steps
        }
    }

    @Test(arguments: [
        Case("the first is due at once", .due(0)),
        Case("the next after the delay", .begin, .due(100), .pass(100), .begin, .due(100)),
        Case("no more than the plan says", .begin, .begin, .due(100), .begin, .due(nil), .fail, .due(nil)),
        Case("after a failure the next is due at once", .begin, .pass(30), .fail, .due(0)),
        Case("and the one after it a delay later", .begin, .pass(30), .fail, .begin, .due(100)),
        Case("pushback moves it, nearer", .begin, .pushBack(20), .due(20)),
        Case("or further", .begin, .pushBack(900), .due(900), .pass(900), .begin, .due(100)),
        Case(
            "a server that wants none gets none", .begin, .refuse, .due(nil), .fail, .due(nil), .pushBack(5), .due(nil)),
        Case("what was stopped stays so", .begin, .stop, .fail, .due(nil)),
    ])
    func `attempts begin by rule`(row: Case) {
        var now = Instant(nanoseconds: 0)
        var schedule = HedgeSchedule(HedgePlan(maxAttempts: 3, delay: .milliseconds(100)), at: now)
        for step in row.steps {
            switch step {
            case .begin: schedule.began(at: now)
            case .fail: schedule.failed(nil, at: now)
            case .pushBack(let time): schedule.failed(.after(.milliseconds(time)), at: now)
            case .refuse: schedule.failed(.never, at: now)
            case .stop: schedule.stop()
            case .pass(let time): now = now.advanced(by: .milliseconds(time))
            case .due(let time): #expect(schedule.due == time.map { now.advanced(by: .milliseconds($0)) })
            }
        }
    }

    @Test func `statuses outside the set's range are in none`() {
        let set = StatusSet([0, 14, 31, 32, -1])
        #expect([-1, 0, 1, 14, 31, 32, 64].filter(set.contains(status:)) == [0, 14, 31])
    }
}

/// Several attempts of one call, in a driver that tests move by hand.
@Suite struct HedgedCallTests {
    let bench = Bench(replayLimit: 1000)

    final class Plan: Hedging, @unchecked Sendable {  // a test runs on one thread
        var plan: HedgePlan?
        var allows = true
        private(set) var outcomes: [Int] = []

        init(_ plan: HedgePlan?) { self.plan = plan }

        func plan(for call: CallHead) -> HedgePlan? { plan }
        func mayHedge(_ call: CallHead, at now: Instant) -> Bool { allows }
        func ended(_ call: CallHead, as outcome: Outcome, at now: Instant) { outcomes.append(outcome.status) }
    }

    private func hedge(_ attempts: Int = 3, _ delay: Duration = .milliseconds(100), inner: [any Layer] = []) -> Plan {
        let plan = Plan(HedgePlan(maxAttempts: attempts, delay: delay, nonFatal: StatusSet([14])))
        let core = Stack(inner, around: .exchanger(bench.endpoint), name: "e")
        bench.stack = Stack([bench.layer("outer")], around: .hedge(plan, core), name: "h")
        return plan
    }

    private func answer(_ number: Int, _ body: String = "reply") {
        let handler = bench.endpoint.opened[number].handler
        handler.heard(head: [":status": "200"], end: false)
        handler.heard(Chunk(body), end: false)
        handler.heard(trailers: ["grpc-status": "0"])
        handler.ended(.complete)
    }

    private func fail(_ number: Int, _ status: Int) {
        let handler = bench.endpoint.opened[number].handler
        handler.heard(head: [":status": "200", "grpc-status": "\(status)"], end: true)
        handler.ended(.complete)
    }

    @Test func `a call without a plan goes through once, as any other`() {
        let plan = hedge()
        plan.plan = nil
        let (_, caller) = bench.call(end: true)
        bench.timers.pass(.seconds(1))
        #expect(bench.endpoint.opened.count == 1)
        bench.endpoint.answer()
        #expect(caller.sent == ["head", "5", "trailers."] && plan.outcomes == [])
    }

    @Test func `each attempt gets the whole request, and says which it is`() {
        let plan = hedge()
        let (driver, caller) = bench.call()
        driver.heard(Chunk("ab"), end: false)
        bench.timers.pass(.milliseconds(100))
        driver.heard(Chunk("cde"), end: true)
        bench.timers.pass(.milliseconds(100))
        #expect(bench.endpoint.opened.map { $0.stream.bytes } == Array(repeating: Array("abcde".utf8), count: 3))
        #expect(bench.endpoint.opened.map { $0.stream.heads[0][.grpcPreviousAttempts] } == [nil, "1", "2"])
        #expect(caller.consumed == 5 && bench.replay.bytesInUse > 0)
        answer(1)
        #expect(caller.sent == ["head", "5", "trailers."] && plan.outcomes == [0])
        #expect(bench.endpoint.opened.map { $0.stream.resets } == [[.cancel], [], [.cancel]])
        driver.ended(.complete)
        #expect(bench.replay.bytesInUse == 0 && bench.timers.pending == 0)
        #expect(bench.journal.take() == ["outer go 1", "outer ended success"])
    }

    @Test func `an attempt that began to answer has won, and the others are reset`() {
        _ = hedge()
        let (_, caller) = bench.call(end: true)
        bench.timers.pass(.milliseconds(200))
        bench.endpoint.opened[2].handler.heard(head: [":status": "200"], end: false)
        #expect(caller.sent == ["head"])
        #expect(bench.endpoint.opened.map { $0.stream.resets } == [[.cancel], [.cancel], []])
        // Its failure is the call's now.
        bench.endpoint.opened[2].handler.heard(trailers: ["grpc-status": "14"])
        #expect(caller.sent == ["head", "trailers."] && bench.endpoint.opened.count == 3)
    }

    @Test func `a head alone has not won where the answer is one message`() {
        _ = hedge()
        let (_, caller) = bench.call(end: true, answersOnce: true)
        bench.timers.pass(.milliseconds(100))
        bench.endpoint.opened[0].handler.heard(head: [":status": "200"], end: false)
        #expect(caller.sent == [])
        bench.endpoint.opened[0].handler.heard(trailers: ["grpc-status": "14"])
        #expect(bench.endpoint.opened.count == 3)
        answer(1)
        #expect(caller.sent == ["head", "5", "trailers."])
    }

    @Test func `when the last fails, its answer is the call's`() {
        let plan = hedge(2)
        let (_, caller) = bench.call(end: true)
        fail(0, 14)
        #expect(bench.endpoint.opened.count == 2 && caller.sent == [])
        bench.endpoint.opened[1].handler.ended(.failed(Failure(.receive, .peerClosed)))
        #expect(caller.heads.first?["why"] == "RECV.peer_closed" && plan.outcomes == [14, 14])
    }

    @Test func `without budget no further attempt begins`() {
        let plan = hedge()
        plan.allows = false
        let (_, caller) = bench.call(end: true)
        bench.timers.pass(.seconds(1))
        #expect(bench.endpoint.opened.count == 1 && bench.timers.pending == 0)
        fail(0, 14)
        #expect(caller.hasEnded)
    }

    @Test func `a caller that leaves takes all attempts with it`() {
        let inner = bench.layer("inner")
        _ = hedge(inner: [inner])
        let (driver, _) = bench.call(end: true)
        bench.timers.pass(.milliseconds(200))
        driver.ended(.failed(Failure(.relay, .peerReset, code: .cancel)))
        #expect(bench.endpoint.opened.map { $0.stream.resets } == [[.cancel], [.cancel], [.cancel]])
        #expect(inner.outstanding.isEmpty && inner.outcomes.map(\.kind) == [.cancelled, .cancelled, .cancelled])
        #expect(bench.timers.pending == 0)
    }

    @Test func `a request that cannot be kept goes to one attempt`() {
        _ = hedge()
        let (driver, caller) = bench.call()
        bench.timers.pass(.milliseconds(100))
        driver.heard(Chunk([UInt8](repeating: 1, count: 2000)), end: true)
        #expect(bench.endpoint.opened.count { !$0.stream.resets.isEmpty } == 1)
        bench.timers.pass(.seconds(1))
        #expect(bench.endpoint.opened.count == 2)
        let left = bench.endpoint.opened.firstIndex { $0.stream.resets.isEmpty } ?? 0
        #expect(bench.endpoint.opened[left].stream.bytes.count == 2000)
        answer(left)
        #expect(caller.hasEnded)
    }

    @Test(arguments: 0..<8)
    func `whatever happens, every attempt ends once and nothing is kept`(part: Int) {
        var attempts = 0
        for seed in 0..<500 {
            let bench = Bench(replayLimit: seed % 2 == 0 ? 600 : 60)
            storm(Chance(seed: UInt64(part * 500 + seed)), bench)
            bench.timers.pass(.seconds(5))
            #expect(bench.timers.pending == 0 && bench.replay.bytesInUse == 0, "part \(part), seed \(seed)")
            attempts += bench.endpoint.opened.count
        }
        #expect(attempts > 800)
    }

    private func storm(_ chance: Chance, _ bench: Bench) {
        var chance = chance
        let inner = bench.layer("i", verdicts: [.transparently, .done, .done], repeatsCalls: chance.next() % 2 == 0)
        let plan = Plan(
            HedgePlan(
                maxAttempts: Int(2 + chance.next() % 4), delay: .milliseconds(Int64(chance.next() % 40)),
                nonFatal: StatusSet([14])))
        let outer = bench.layer("o")
        bench.stack = Stack(
            [outer], around: .hedge(plan, Stack([inner], around: .exchanger(bench.endpoint), name: "e")), name: "h")
        let (driver, caller) = bench.call(
            deadline: chance.next() % 2 == 0 ? .milliseconds(90) : nil, answersOnce: chance.next() % 2 == 0)
        var (hasEnd, hasLeft) = (false, false)
        var answered: Set<Int> = []
        for _ in 0..<40 where !hasLeft {
            switch chance.next() % 8 {
            case 0, 1:
                guard !hasEnd else { continue }
                hasEnd = chance.next() % 3 == 0
                driver.heard(Chunk([UInt8](repeating: 1, count: Int(chance.next() % 200))), end: hasEnd)
            case 2, 3:
                bench.timers.pass(.milliseconds(Int64(chance.next() % 30)))
            case 4:
                guard chance.next() % 8 == 0 else { continue }
                hasLeft = true
                driver.ended(.failed(Failure(.relay, .peerReset)))
            default:
                let open = bench.endpoint.opened.indices.filter { !answered.contains($0) }
                guard chance.next() % 3 == 0, let one = open.randomElement(using: &chance) else { continue }
                answered.insert(one)
                step(bench.endpoint.opened[one].handler, &chance)
            }
        }
        if !hasEnd, !hasLeft { driver.heard(Chunk.empty, end: true) }
        for _ in 0..<8 {
            bench.timers.pass(.seconds(1))
            for one in bench.endpoint.opened.indices where answered.insert(one).inserted {
                bench.endpoint.opened[one].handler.ended(.failed(Failure(.receive, .peerClosed)))
            }
        }
        #expect(hasLeft || caller.hasEnded, "\(caller.sent)")
        if !hasLeft { driver.ended(.complete) }
        #expect(inner.outstanding.isEmpty && outer.outstanding.isEmpty)
    }

    private func step(_ handler: any ExchangeHandler, _ chance: inout Chance) {
        switch chance.next() % 4 {
        case 0:
            handler.heard(head: [":status": "200", "grpc-status": chance.next() % 2 == 0 ? "14" : "5"], end: true)
            handler.ended(.complete)
        case 1:
            handler.ended(.failed(Failure(.receive, .peerClosed, reach: .notProcessed)))
        default:
            handler.heard(head: [":status": "200"], end: false)
            if chance.next() % 2 == 0 { handler.heard(Chunk("x"), end: false) }
            handler.heard(trailers: ["grpc-status": chance.next() % 2 == 0 ? "0" : "14"])
            handler.ended(.complete)
        }
    }
}
