import Bytes
import Exchange
import Testing
import Timebase

@Suite struct CallDriverWaitingTests {
    let bench = Bench()

    private func until(_ duration: Duration, gate: Int = 0) -> Admission {
        .wait(Waiting(at: gate, until: bench.timers.now.advanced(by: duration)))
    }

    @Test func `who waits is woken when a call of the layer ended, first come first`() {
        let layer = bench.layer("l", answers: [.go(), until(.seconds(5)), until(.seconds(5))], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let first = bench.call(end: true)
        let second = bench.call(end: true)
        let third = bench.call(end: true)
        #expect(bench.endpoint.opened.count == 1)
        bench.endpoint.answer()
        #expect(bench.endpoint.opened.count == 2)
        bench.endpoint.answer()
        #expect(second.caller.hasEnded && !third.caller.hasEnded)
        bench.endpoint.answer()
        #expect(first.caller.hasEnded && third.caller.hasEnded)
        #expect(layer.waiting == 0 && layer.outstanding.isEmpty)
    }

    @Test func `a call is asked again when its time is over`() {
        let layer = bench.layer(
            "l", answers: [until(.milliseconds(30)), .refuse(Failure(.queue, .deadlineBudget))], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (_, caller) = bench.call(end: true)
        bench.timers.pass(.milliseconds(29))
        #expect(caller.sent == [])
        bench.timers.pass(.milliseconds(1))
        #expect(caller.heads.first?["why"] == "QUEUE.deadline_budget")
    }

    @Test func `a layer may have a call wait on`() {
        let layer = bench.layer("l", answers: [until(.milliseconds(30)), until(.milliseconds(50))], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true)
        bench.timers.pass(.milliseconds(49))
        #expect(bench.endpoint.opened.isEmpty)
        bench.timers.pass(.milliseconds(1))
        #expect(bench.endpoint.opened.count == 1)
    }

    @Test func `a deadline that passes in the queue ends the call there`() {
        let layer = bench.layer("l", answers: [.go(), until(.seconds(5))], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true)
        let (_, caller) = bench.call(end: true, deadline: .milliseconds(100))
        bench.timers.pass(.milliseconds(100))
        #expect(caller.heads.first?["why"] == "QUEUE.deadline[e]")
        #expect(layer.waiting == 0)
        bench.endpoint.answer()
        #expect(bench.endpoint.opened.count == 1)
    }

    @Test func `a caller that leaves the queue is forgotten`() {
        let layer = bench.layer("l", answers: [.go(), until(.seconds(5)), until(.seconds(5))], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true)
        let second = bench.call(end: true)
        let third = bench.call(end: true)
        second.driver.ended(.failed(Failure(.relay, .peerReset)))
        #expect(layer.waiting == 1)
        bench.endpoint.answer()
        #expect(bench.endpoint.opened.count == 2)
        bench.endpoint.answer()
        #expect(third.caller.hasEnded && second.caller.sent == [])
        #expect(bench.timers.pending == 0)
    }

    @Test func `a call that is woken and refused wakes the next`() {
        let refusal = Admission.refuse(Failure(.limit, .breakerOpen, subject: "e"))
        let layer = bench.layer("l", answers: [.go(), until(.seconds(5)), until(.seconds(5))], hasGates: true)
        let inner = bench.layer("i", answers: [.go(), refusal, refusal])
        bench.stack = Stack([layer, inner], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true)
        let second = bench.call(end: true)
        let third = bench.call(end: true)
        bench.endpoint.answer()
        #expect(second.caller.hasEnded && third.caller.hasEnded)
        #expect(layer.outstanding.isEmpty && inner.outstanding.isEmpty)
    }

    @Test func `thousands that are woken one by the other do not pile up`() {
        let refusal = Admission.refuse(Failure(.limit, .breakerOpen, subject: "e"))
        let layer = bench.layer(
            "l", answers: [.go()] + Array(repeating: until(.seconds(5)), count: 4000), hasGates: true)
        let inner = bench.layer("i", answers: [.go()] + Array(repeating: refusal, count: 4000))
        bench.stack = Stack([layer, inner], around: .exchanger(bench.endpoint), name: "e")
        let calls = (0...4000).map { _ in bench.call(end: true) }
        bench.endpoint.answer()
        #expect(calls.allSatisfy { $0.caller.hasEnded })
    }

    @Test func `bytes that come while a call waits are sent when it goes on`() {
        let layer = bench.layer("l", answers: [until(.milliseconds(10))], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call()
        driver.heard(Chunk("abc"), end: true)
        #expect(caller.consumed == 0)
        bench.timers.pass(.milliseconds(10))
        #expect(bench.endpoint.last.stream.sent == ["head", "3."])
        #expect(caller.consumed == 3)
    }

    @Test func `a call that waits, and has sent more than can be kept, leaves the queue`() {
        let bench = Bench(replayLimit: 10)
        let wait = Admission.wait(Waiting(until: bench.timers.now.advanced(by: .seconds(5))))
        let layer = bench.layer("l", answers: [wait], hasGates: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call()
        driver.heard(Chunk([UInt8](repeating: 1, count: 11)), end: true)
        #expect(caller.heads.first?["why"] == "LIMIT.quota[replay]")
        #expect(layer.waiting == 0)
        bench.timers.pass(.seconds(9))
        #expect(caller.sent == ["head."] && bench.endpoint.opened.isEmpty)
    }

    // MARK: Deadlines

    @Test func `an attempt that takes too long is reset, and its caller told`() {
        let layer = bench.layer("l")
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call(end: true, deadline: .milliseconds(100))
        #expect(bench.endpoint.last.stream.heads[0][.grpcTimeout] == "99000u")
        bench.timers.pass(.milliseconds(99))
        #expect(caller.sent == [])
        bench.timers.pass(.milliseconds(1))
        #expect(caller.heads.first?["why"] == "WAIT.deadline")
        #expect(bench.endpoint.last.stream.resets == [.cancel])
        bench.endpoint.answer("late")
        #expect(caller.sent == ["head."])
        driver.ended(.complete)
        #expect(layer.outcomes.map(\.kind) == [.fault])
    }

    @Test func `a deadline holds after the answer began`() {
        let (_, caller) = bench.call(end: true, deadline: .milliseconds(100))
        bench.endpoint.last.handler.heard(head: [":status": "200"], end: false)
        bench.timers.pass(.milliseconds(100))
        #expect(caller.sent == ["head", "trailers."])
        #expect(caller.trailers?["why"] == "WAIT.deadline")
    }

    @Test func `a layer's deadline ends with it: another attempt has its own`() {
        let now = bench.timers.now
        let retry = bench.layer("retry", verdicts: [.again(after: .zero)], repeatsCalls: true)
        let timeout = bench.layer(
            "timeout",
            answers: [
                .go(before: now.advanced(by: .milliseconds(30))), .go(before: now.advanced(by: .milliseconds(60))),
            ])
        bench.stack = Stack([retry, timeout], around: .exchanger(bench.endpoint), name: "e")
        let (_, caller) = bench.call(end: true, deadline: .milliseconds(100))
        #expect(bench.endpoint.last.stream.heads[0][.grpcTimeout] == "29000u")
        bench.timers.pass(.milliseconds(30))
        #expect(bench.endpoint.opened.count == 2)
        #expect(bench.endpoint.last.stream.heads[0][.grpcTimeout] == "29000u")
        bench.timers.pass(.milliseconds(20))
        bench.endpoint.answer()
        #expect(caller.hasEnded)
        #expect(bench.timers.pending == 0)
    }

    @Test func `a layer cannot give more time than there is`() {
        let layer = bench.layer("l", answers: [.go(before: bench.timers.now.advanced(by: .seconds(9)))])
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true, deadline: .milliseconds(100))
        #expect(bench.endpoint.last.stream.heads[0][.grpcTimeout] == "99000u")
    }

    @Test func `an attempt's deadline that is left over does not shorten a pause`() {
        let retry = bench.layer("retry", verdicts: [.again(after: .milliseconds(50))], repeatsCalls: true)
        let timeout = bench.layer("t", answers: [.go(before: bench.timers.now.advanced(by: .milliseconds(30)))])
        bench.stack = Stack([retry, timeout], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true)
        bench.timers.pass(.milliseconds(10))
        bench.endpoint.answerWithStatus(14)
        bench.timers.pass(.milliseconds(49))
        #expect(bench.endpoint.opened.count == 1)
        bench.timers.pass(.milliseconds(1))
        #expect(bench.endpoint.opened.count == 2)
    }

    // MARK: Leaving

    @Test func `a caller that leaves takes the attempt with it`() {
        let layer = bench.layer("l", verdicts: [.again(after: .zero)], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call(end: true, deadline: .seconds(1))
        driver.ended(.failed(Failure(.relay, .peerReset, code: .cancel)))
        #expect(bench.endpoint.opened.count == 1)
        #expect(bench.endpoint.last.stream.resets == [.cancel])
        #expect(layer.outcomes.map(\.kind) == [.cancelled])
        #expect(caller.sent == [])
        #expect(bench.timers.pending == 0)
    }

    @Test func `a caller that leaves in the pause before a retry is not called for again`() {
        let layer = bench.layer("l", verdicts: [.again(after: .milliseconds(20))], repeatsCalls: true)
        bench.stack = Stack([bench.layer("o"), layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, _) = bench.call(end: true)
        bench.endpoint.answerWithStatus(14)
        driver.ended(.failed(Failure(.relay, .peerReset)))
        bench.timers.pass(.seconds(1))
        #expect(bench.endpoint.opened.count == 1)
        #expect(bench.journal.take() == ["o go 1", "l go 1", "l ended fault", "o ended cancelled"])
    }

    @Test func `an answer before the request's end is whole, and the rest of the request is not wanted`() {
        let (driver, caller) = bench.call()
        driver.heard(Chunk("part"), end: false)
        bench.endpoint.answerWithStatus(3)
        #expect(caller.sent == ["head."])
        #expect(bench.endpoint.last.stream.resets == [.cancel])
        driver.heard(Chunk("more"), end: false)
        #expect(caller.consumed == 8)
        bench.timers.pass(.milliseconds(1999))
        #expect(caller.resets == [])
        bench.timers.pass(.milliseconds(1))
        #expect(caller.resets == [.noError])
    }

    @Test(arguments: [true, false])
    func `a request that ends after its answer is not reset`(byChunk: Bool) {
        let (driver, caller) = bench.call()
        bench.endpoint.answerWithStatus(3)
        if byChunk { driver.heard(Chunk("end"), end: true) } else { driver.heard(trailers: ["a": "b"]) }
        bench.timers.pass(.seconds(9))
        #expect(caller.resets == [])
    }

    @Test func `a peer's reset after the answer began is passed on`() {
        let (_, caller) = bench.call(end: true)
        bench.endpoint.last.handler.heard(head: [":status": "200"], end: false)
        bench.endpoint.fail(Failure(.receive, .peerReset, code: .enhanceYourCalm))
        #expect(caller.resets == [.enhanceYourCalm])
    }

    @Test func `an exchange that completes without an answer is a fault`() {
        let (_, caller) = bench.call(end: true)
        bench.endpoint.last.handler.ended(.complete)
        #expect(caller.heads.first?["why"] == "RECV.protocol_error")
    }

    // MARK: Picking

    final class TestPicker: Picker, @unchecked Sendable {  // a test runs on one thread
        var picks: [Pick]
        var seen: [[AttemptRecord]] = []
        init(_ picks: [Pick]) { self.picks = picks }

        func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick {
            seen.append(attempts)
            return picks.removeFirst()
        }
    }

    @Test func `each attempt picks anew, and the picker knows what was tried`() {
        let (one, other) = (TestExchanger(), TestExchanger())
        let inner = bench.layer("one")
        let picker = TestPicker([
            .use(Stack([inner], around: .exchanger(one), name: "a:1")),
            .use(Stack([], around: .exchanger(other), name: "b:2")),
        ])
        let retry = bench.layer("retry", verdicts: [.again(after: .milliseconds(5))], repeatsCalls: true)
        bench.stack = Stack([retry], around: .picker(picker), name: "s")
        let (_, caller) = bench.call(end: true)
        bench.timers.pass(.milliseconds(7))
        one.fail(Failure(.connect, .connectRefused, reach: .neverSent))
        bench.timers.pass(.milliseconds(5))
        bench.timers.pass(.milliseconds(4))
        other.fail(Failure(.wait, .peerClosed, subject: "b"))
        #expect(
            caller.heads.first?["attempts"]
                == "a:1 after 0.0 seconds in 0.007 seconds, b:2 after 0.005 seconds in 0.004 seconds")
        #expect(picker.seen[0] == [])
        var refused = AttemptRecord(
            endpoint: "a:1", waited: .zero, awaited: .zero, reason: "CONNECT.connect_refused[a:1]")
        refused.connected = .milliseconds(7)
        #expect(picker.seen[1] == [refused])
        #expect(
            bench.journal.take() == [
                "retry go 1", "one go 1", "one ended fault", "retry ended fault", "retry go 2", "retry ended fault",
            ])
    }

    @Test func `a picker may refuse`() {
        bench.stack = Stack(
            [bench.layer("l")], around: .picker(TestPicker([.refuse(Failure(.pick, .noEndpoints, subject: "s"))])),
            name: "s")
        let (_, caller) = bench.call(end: true)
        #expect(caller.heads.first?["why"] == "PICK.no_endpoints[s]")
        #expect(bench.journal.take() == ["l go 1", "l ended refused"])
    }
}
