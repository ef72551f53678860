import Bytes
import Exchange
import Testing
import Timebase

@Suite struct StackExchangerTests {
    final class Client: ExchangeHandler {
        var heard: [String] = []
        var room = 0
        func heard(head: Fields, end: Bool) { heard.append(end ? "head." : "head") }
        func heard(_ chunk: Chunk, end: Bool) { heard.append("\(chunk.count)\(end ? "." : "")") }
        func heard(trailers: Fields) { heard.append("trailers.") }
        func hasRoom() { room += 1 }
        func ended(_ ending: Ending) { heard.append(ending == .complete ? "complete" : "failed") }
    }

    let bench = Bench()
    let client = Client()

    private func open() -> any ExchangeStream {
        let stack = bench.stack
        let held = Held(stack)
        let exchanger = StackExchanger(executor: NoExecutor.shared, in: bench.environment) { intent, request, now in
            (CallHead(method: Bench.method, deadline: intent.deadline, startedAt: now, request: request), held.stack)
        }
        return exchanger.open(CallIntent(destination: "s"), handler: client)
    }

    final class Held: Sendable {
        let stack: Stack
        init(_ stack: Stack) { self.stack = stack }
    }

    @Test func `a client's call goes through the stack and back`() {
        let stream = open()
        stream.send(head: [":path": "/x"], end: false)
        stream.send(Chunk("hello"), end: true)
        #expect(bench.endpoint.last.stream.sent == ["head", "5."])
        bench.endpoint.answer()
        #expect(client.heard == ["head", "5", "trailers.", "complete"])
    }

    @Test func `a refusal is told as the failure that it is`() {
        bench.stack = Stack([], around: .refusal(Failure(.route, .noRoute, subject: "x")), name: "")
        let stream = open()
        stream.send(head: [":path": "/x"], end: false)
        #expect(client.heard == ["failed"])
        stream.send(Chunk("late"), end: true)
        #expect(client.heard == ["failed"])
    }

    @Test func `a client that resets takes the attempt with it`() {
        let stream = open()
        stream.send(head: [":path": "/x"], end: false)
        stream.reset(.cancel)
        #expect(bench.endpoint.last.stream.resets == [.cancel])
        #expect(client.heard == ["failed"])
        stream.send(Chunk("ignored"), end: true)
        bench.endpoint.answer()
        #expect(client.heard == ["failed"])
    }

    @Test func `room runs out when the endpoint takes nothing, and comes back`() {
        bench.endpoint.nextRoom = 0
        let stream = open()
        stream.send(head: [":path": "/x"], end: false)
        stream.send(Chunk([UInt8](repeating: 1, count: 1 << 20)), end: false)
        #expect(stream.room == 0)
        bench.endpoint.last.stream.room = 1 << 21
        bench.endpoint.last.handler.hasRoom()
        #expect(client.room == 1)
        #expect(stream.room == 1 << 20)
    }

    @Test func `an answer that the client does not use holds the endpoint`() {
        let stream = open()
        stream.send(head: [":path": "/x"], end: true)
        let (endpoint, handler) = bench.endpoint.last
        handler.heard(head: [":status": "200"], end: false)
        handler.heard(Chunk([UInt8](repeating: 1, count: 1 << 20)), end: false)
        #expect(endpoint.consumed == 0)
        stream.consume(1 << 19)
        #expect(endpoint.consumed == 1 << 20)
        #expect(client.heard == ["head", "1048576"])
    }

    @Test func `a whole answer before the request's end is no failure`() {
        let stream = open()
        stream.send(head: [":path": "/x"], end: false)
        bench.endpoint.answerWithStatus(0)
        bench.timers.pass(.seconds(2))
        #expect(client.heard == ["head.", "complete"])
    }
}
