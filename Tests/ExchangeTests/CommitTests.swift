import Bytes
import Exchange
import Testing
import Timebase

/// When a call belongs to its attempt: what went on to the caller cannot be taken back.
@Suite struct CommitTests {
    let bench = Bench()

    private func begin(
        answersOnce: Bool, repeats: Bool = true, ended: Bool = true, verdicts: [Verdict] = []
    ) -> (driver: CallDriver, caller: TestStream) {
        bench.stack = Stack(
            [bench.layer("l", verdicts: verdicts, repeatsCalls: repeats)], around: .exchanger(bench.endpoint), name: "e"
        )
        let (driver, caller) = bench.call(answersOnce: answersOnce)
        driver.heard(Chunk("request"), end: ended)
        bench.endpoint.last.handler.heard(head: [":status": "200"], end: false)
        return (driver, caller)
    }

    @Test(arguments: [
        (true, true, true, true), (false, true, true, false), (true, false, true, false), (true, true, false, false),
    ])
    func `a head waits for its message where the answer is one, layers may repeat, and the request is over`(
        answersOnce: Bool, repeats: Bool, ended: Bool, waits: Bool
    ) {
        let (_, caller) = begin(answersOnce: answersOnce, repeats: repeats, ended: ended)
        #expect(caller.sent == (waits ? [] : ["head"]))
        bench.endpoint.last.handler.heard(Chunk("reply"), end: false)
        bench.endpoint.last.handler.heard(trailers: ["grpc-status": "0"])
        #expect(caller.sent == ["head", "5", "trailers."])
    }

    @Test func `a status after a head alone may be repeated`() {
        let (_, caller) = begin(answersOnce: true, verdicts: [.again(after: .zero)])
        bench.endpoint.last.handler.heard(trailers: ["grpc-status": "14"])
        #expect(caller.sent == [] && bench.endpoint.opened.count == 2)
        #expect(bench.endpoint.last.stream.sent == ["head", "7."])
        bench.endpoint.answer()
        #expect(caller.sent == ["head", "5", "trailers."])
    }

    @Test func `if nobody repeats it, the caller gets the head and the trailers, as they came`() {
        let (_, caller) = begin(answersOnce: true)
        bench.endpoint.last.handler.heard(trailers: ["grpc-status": "5", "x": "y"])
        #expect(caller.sent == ["head", "trailers."] && caller.trailers?["x"] == "y")
        #expect(bench.endpoint.opened.count == 1)
    }

    @Test func `a message commits`() {
        let (_, caller) = begin(answersOnce: true, verdicts: [.again(after: .zero)])
        bench.endpoint.last.handler.heard(Chunk("reply"), end: false)
        bench.endpoint.last.handler.heard(trailers: ["grpc-status": "14"])
        #expect(caller.sent == ["head", "5", "trailers."] && bench.endpoint.opened.count == 1)
    }

    @Test func `a connection that is lost after a head alone may be repeated, or is told as a failure`() {
        let (_, caller) = begin(answersOnce: true, verdicts: [.again(after: .zero)])
        bench.endpoint.fail(Failure(.receive, .peerClosed))
        #expect(bench.endpoint.opened.count == 2)
        bench.endpoint.last.handler.heard(head: [":status": "200"], end: false)
        bench.endpoint.fail(Failure(.receive, .peerClosed))
        #expect(caller.sent == ["head."] && caller.heads[0]["why"] == "RECV.peer_closed")
    }

    @Test func `what no peer saw is repeated without counting`() {
        let (_, caller) = begin(answersOnce: true, verdicts: [.transparently, .again(after: .zero)])
        bench.endpoint.fail(Failure(.send, .peerGoAway, reach: .notProcessed))
        bench.endpoint.fail(Failure(.receive, .peerClosed))
        #expect(bench.endpoint.opened.map { $0.stream.heads[0][.grpcPreviousAttempts] } == [nil, nil, "1"])
        bench.endpoint.answer()
        #expect(caller.hasEnded)
    }
}

/// Calls that wait for an endpoint.
@Suite struct PickingTests {
    let bench = Bench()

    final class Gatekeeper: Picker, @unchecked Sendable {  // a test runs on one thread
        var answer = Pick.wait
        var mostWaiting = 3
        func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick { answer }
    }

    private func gate() -> (Gatekeeper, TestLayer) {
        let (picker, layer) = (Gatekeeper(), bench.layer("l"))
        bench.stack = Stack([layer], around: .picker(picker), name: "all")
        return (picker, layer)
    }

    private var open: Pick { .use(Stack([], around: .exchanger(bench.endpoint), name: "e")) }

    @Test func `calls wait in order until the picker has something for them`() {
        let (picker, _) = gate()
        let first = bench.call()
        first.driver.heard(Chunk("1"), end: true)
        let second = bench.call(end: true)
        bench.stack.pickAgain()
        #expect(bench.stack.waitingToPick == 2 && bench.endpoint.opened.isEmpty)
        picker.answer = open
        bench.stack.pickAgain()
        #expect(bench.endpoint.opened.map { $0.stream.sent } == [["head", "1."], ["head."]])
        #expect(bench.stack.waitingToPick == 0 && first.caller.consumed == 1 && second.caller.sent == [])
    }

    @Test func `only so many wait`() {
        let (_, layer) = gate()
        let calls = (0..<5).map { _ in bench.call(end: true) }
        #expect(
            calls.map { $0.caller.heads.first?["why"] } == [nil, nil, nil] + [
                "QUEUE.queue_full[all]", "QUEUE.queue_full[all]",
            ])
        #expect(layer.outstanding.count == 3)
    }

    @Test func `the deadline ends the wait`() {
        let (_, layer) = gate()
        let (_, caller) = bench.call(end: true, deadline: .milliseconds(100))
        bench.timers.pass(.milliseconds(99))
        #expect(caller.sent == [])
        bench.timers.pass(.milliseconds(1))
        #expect(caller.heads.first?["why"] == "PICK.deadline[all]")
        #expect(layer.outstanding.isEmpty && bench.stack.waitingToPick == 0 && bench.timers.pending == 0)
    }

    @Test func `a caller that leaves waits no more`() {
        let (picker, layer) = gate()
        let (driver, caller) = bench.call(end: true, deadline: .seconds(1))
        driver.ended(.failed(Failure(.relay, .peerReset)))
        picker.answer = open
        bench.stack.pickAgain()
        #expect(bench.endpoint.opened.isEmpty && caller.sent == [])
        #expect(layer.outcomes.map(\.kind) == [.cancelled] && bench.timers.pending == 0)
    }

    @Test func `what is refused after a wait is told`() {
        let (picker, _) = gate()
        let (_, caller) = bench.call(end: true)
        picker.answer = .refuse(Failure(.connect, .connectRefused, subject: "e"))
        bench.stack.pickAgain()
        #expect(caller.heads.first?["why"] == "CONNECT.connect_refused[e]")
    }
}
