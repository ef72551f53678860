import Bytes
import Exchange
import Testing
import Timebase

@Suite struct CallDriverTests {
    let bench = Bench()

    // MARK: Passing on

    @Test func `a call passes whole, and its layers hear of the end from the inside out`() {
        let (outer, inner) = (bench.layer("outer"), bench.layer("inner"))
        bench.stack = Stack([outer, inner], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call()
        driver.heard(Chunk("hello"), end: true)
        #expect(bench.endpoint.last.stream.sent == ["head", "5."])
        bench.endpoint.answer()
        #expect(caller.sent == ["head", "5", "trailers."])
        #expect(caller.trailers?[.grpcStatus] == "0")
        #expect(bench.endpoint.last.stream.resets == [])
        driver.ended(.complete)
        #expect(bench.journal.take() == ["outer go 1", "inner go 1", "inner ended success", "outer ended success"])
    }

    @Test func `more layers than lie in the call's own object all hear of the end, also of a repeated one`() {
        let names = (0..<20).map { "layer \($0)" }
        let layers = names.map { bench.layer($0) }
        layers[1].repeatsCalls = true
        layers[1].verdicts = [.transparently]
        bench.stack = Stack(layers, around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call(end: true)
        bench.endpoint.last.handler.ended(.failed(Failure(.send, .refused, reach: .notProcessed)))
        bench.endpoint.answer()
        #expect(caller.sent == ["head", "5", "trailers."])
        driver.ended(.complete)
        let ended = bench.journal.take().filter { $0.contains("ended") }.map { $0.split(separator: " ")[1] }
        let first = (1..<20).reversed().map { Substring("\($0)") }
        #expect(ended == first + (0..<20).reversed().map { Substring("\($0)") })
    }

    @Test func `a request that is a head alone is sent as one`() {
        _ = bench.call(end: true)
        #expect(bench.endpoint.last.stream.sent == ["head."])
    }

    @Test func `the caller's trailers are passed on`() {
        let (driver, _) = bench.call()
        driver.heard(Chunk("x"), end: false)
        driver.heard(trailers: ["a": "b"])
        #expect(bench.endpoint.last.stream.sent == ["head", "1", "trailers."])
    }

    @Test func `an end after the last byte is passed on`() {
        for keeps in [true, false] {
            bench.stack = Stack(
                [bench.layer("l", repeatsCalls: keeps)], around: .exchanger(bench.endpoint), name: "e")
            let (driver, _) = bench.call()
            driver.heard(Chunk("abc"), end: false)
            driver.heard(Chunk.empty, end: true)
            #expect(bench.endpoint.last.stream.sent == ["head", "3", "0."])
        }
    }

    @Test func `an interim head is no answer`() {
        let (_, caller) = bench.call(end: true)
        bench.endpoint.last.handler.heard(head: [":status": "103"], end: false)
        #expect(caller.sent == [])
        bench.endpoint.answer()
        #expect(caller.sent == ["head", "5", "trailers."])
    }

    @Test func `a body that ends without trailers is judged by its head`() {
        let layer = bench.layer("l")
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (_, caller) = bench.call(end: true)
        bench.endpoint.last.handler.heard(head: [":status": "200", "grpc-status": "0"], end: false)
        bench.endpoint.last.handler.heard(Chunk("xy"), end: true)
        #expect(caller.sent == ["head", "2."])
        #expect(layer.outcomes.map(\.kind) == [.success])
    }

    // MARK: Flow control

    @Test func `the answer is taken only as fast as the caller takes it`() {
        let (driver, caller) = bench.call(end: true)
        let (stream, handler) = bench.endpoint.last
        handler.heard(head: [":status": "200"], end: false)
        handler.heard(Chunk("12345"), end: false)
        #expect(stream.consumed == 5)
        caller.room = 0
        handler.heard(Chunk("678"), end: false)
        handler.heard(Chunk("90"), end: false)
        #expect(stream.consumed == 5)
        #expect(caller.sent == ["head", "5", "3", "2"])
        caller.room = 10
        driver.hasRoom()
        #expect(stream.consumed == 10)
        driver.hasRoom()
        #expect(stream.consumed == 10)
    }

    @Test func `what is left of the answer's window is given back at its end`() {
        let (_, caller) = bench.call(end: true)
        let (stream, handler) = bench.endpoint.last
        caller.room = 0
        handler.heard(head: [":status": "200"], end: false)
        handler.heard(Chunk("12345"), end: false)
        handler.heard(trailers: ["grpc-status": "0"])
        #expect(stream.consumed == 5)
    }

    @Test(arguments: [true, false])
    func `the request is taken only as fast as the endpoint takes it`(keeps: Bool) {
        bench.stack = Stack([bench.layer("l", repeatsCalls: keeps)], around: .exchanger(bench.endpoint), name: "e")
        bench.endpoint.takesRoom = true
        bench.endpoint.nextRoom = 4
        let (driver, caller) = bench.call()
        driver.heard(Chunk("123"), end: false)
        driver.heard(Chunk("456"), end: false)
        driver.heard(Chunk("789"), end: true)
        let stream = bench.endpoint.last.stream
        #expect(stream.sent == ["head", "3", "3"])
        #expect(caller.consumed == 6)
        stream.room = 1
        bench.endpoint.last.handler.hasRoom()
        #expect(stream.sent == ["head", "3", "3", "3."])
        #expect(caller.consumed == 9)
    }

    @Test(arguments: [true, false])
    func `what waits for room is sent in order, trailers last`(keeps: Bool) {
        bench.stack = Stack([bench.layer("l", repeatsCalls: keeps)], around: .exchanger(bench.endpoint), name: "e")
        bench.endpoint.nextRoom = 0
        let (driver, _) = bench.call()
        driver.heard(Chunk("abc"), end: false)
        let (stream, handler) = bench.endpoint.last
        stream.room = 100
        driver.heard(Chunk("de"), end: false)
        stream.room = 0
        driver.heard(Chunk("f"), end: false)
        driver.heard(trailers: ["a": "b"])
        stream.room = 100
        handler.hasRoom()
        #expect(stream.bytes == Array("abcdef".utf8))
        #expect(stream.sent == ["head", "3", "2", "1", "trailers."])
    }

    @Test func `what a call kept is given back when it is gone`() {
        bench.endpoint.nextRoom = 0
        do {
            let (driver, _) = bench.call()
            driver.heard(Chunk([UInt8](repeating: 1, count: 70)), end: false)
            #expect(bench.replay.bytesInUse == 70)
            driver.ended(.failed(Failure(.relay, .peerReset)))
        }
        #expect(bench.replay.bytesInUse == 0)
    }

    @Test func `bytes that are sent again are not given back again`() {
        bench.stack = Stack(
            [bench.layer("l", verdicts: [.again(after: .zero)], repeatsCalls: true)],
            around: .exchanger(bench.endpoint),
            name: "e")
        let (driver, caller) = bench.call()
        driver.heard(Chunk("12345"), end: true)
        bench.endpoint.answerWithStatus(14)
        #expect(bench.endpoint.opened.count == 2)
        #expect(bench.endpoint.last.stream.sent == ["head", "5."])
        #expect(caller.consumed == 5)
    }

    // MARK: Repeating

    @Test func `an answer that is a head alone is held back while layers are asked`() {
        let layer = bench.layer("l", verdicts: [.again(after: .zero)], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call()
        driver.heard(Chunk("abc"), end: true)
        bench.endpoint.answerWithStatus(14)
        #expect(caller.sent == [])
        #expect(bench.endpoint.opened[0].stream.resets == [])
        #expect(bench.endpoint.last.stream.heads[0][.grpcPreviousAttempts] == "1")
        bench.endpoint.answer()
        #expect(caller.sent == ["head", "5", "trailers."])
        #expect(bench.journal.take() == ["l go 1", "l ended fault", "l go 2", "l ended success"])
    }

    @Test func `an answer that nobody wants repeated is the caller's, as it came`() {
        let (_, caller) = bench.call(end: true)
        bench.endpoint.answerWithStatus(5)
        #expect(caller.sent == ["head."])
        #expect(caller.heads[0][.grpcStatus] == "5")
    }

    @Test func `a repetition begins at the layer that wants it, inwards`() {
        let (outer, middle, inner) = (
            bench.layer("outer"), bench.layer("middle", verdicts: [.again(after: .zero)], repeatsCalls: true),
            bench.layer("inner")
        )
        bench.stack = Stack([outer, middle, inner], around: .exchanger(bench.endpoint), name: "e")
        _ = bench.call(end: true)
        bench.endpoint.fail(Failure(.connect, .connectRefused, reach: .neverSent))
        bench.endpoint.answer()
        #expect(
            bench.journal.take() == [
                "outer go 1", "middle go 1", "inner go 1", "inner ended fault", "middle ended fault", "middle go 2",
                "inner go 2", "inner ended success", "middle ended success", "outer ended success",
            ])
    }

    @Test func `after the first head of an answer nothing is repeated`() {
        let layer = bench.layer("l", verdicts: [.again(after: .zero)], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (_, caller) = bench.call(end: true)
        bench.endpoint.last.handler.heard(head: [":status": "200"], end: false)
        bench.endpoint.fail(Failure(.receive, .peerClosed))
        #expect(bench.endpoint.opened.count == 1)
        #expect(layer.outcomes[0].isReplayable == false)
        #expect(caller.sent == ["head", "trailers."])
        #expect(caller.trailers?["why"] == "RECV.peer_closed")
    }

    @Test func `a pause before a repetition is kept, and the rest of the request with it`() {
        let layer = bench.layer("l", verdicts: [.again(after: .milliseconds(20))], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, _) = bench.call()
        driver.heard(Chunk("abc"), end: false)
        bench.endpoint.answerWithStatus(14)
        driver.heard(Chunk("def"), end: true)
        bench.timers.pass(.milliseconds(19))
        #expect(bench.endpoint.opened.count == 1)
        bench.timers.pass(.milliseconds(1))
        #expect(bench.endpoint.opened.count == 2)
        #expect(bench.endpoint.last.stream.bytes == Array("abcdef".utf8))
    }

    @Test func `a request past 64 KiB goes on, and is not repeated`() {
        let layer = bench.layer("l", verdicts: [.again(after: .zero)], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        for (size, attempts) in [(65_536, 2), (65_537, 1)] {
            layer.verdicts = [.again(after: .zero)]
            let before = bench.endpoint.opened.count
            let (driver, caller) = bench.call()
            driver.heard(Chunk([UInt8](repeating: 7, count: size - 10)), end: false)
            driver.heard(Chunk([UInt8](repeating: 8, count: 10)), end: true)
            #expect(bench.endpoint.last.stream.bytes.count == size)
            bench.endpoint.answerWithStatus(14)
            #expect(bench.endpoint.opened.count - before == attempts)
            #expect(caller.consumed == size)
            if attempts == 2 { bench.endpoint.answer() }
            driver.ended(.complete)
        }
        #expect(bench.replay.bytesInUse == 0)
    }

    @Test func `what all calls keep is bounded: one more goes on without a copy`() {
        let bench = Bench(replayLimit: 100)
        let layer = bench.layer("l", verdicts: [.again(after: .zero)], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (first, _) = bench.call()
        first.heard(Chunk([UInt8](repeating: 1, count: 80)), end: true)
        let (second, caller) = bench.call()
        second.heard(Chunk([UInt8](repeating: 2, count: 15)), end: false)
        second.heard(Chunk([UInt8](repeating: 2, count: 20)), end: true)
        #expect(bench.endpoint.last.stream.bytes.count == 35)
        #expect(bench.replay.bytesInUse == 80)
        bench.endpoint.answerWithStatus(14)
        #expect(caller.sent == ["head."])
        withExtendedLifetime((first, second)) {}
    }

    @Test func `a call that must keep bytes when there is no memory left is refused`() {
        let bench = Bench(replayLimit: 100)
        bench.endpoint.nextRoom = 0
        let (first, _) = bench.call()
        first.heard(Chunk([UInt8](repeating: 1, count: 80)), end: true)
        let (second, caller) = bench.call()
        second.heard(Chunk([UInt8](repeating: 2, count: 30)), end: true)
        #expect(caller.heads.first?["why"] == "LIMIT.quota[replay]")
        #expect(bench.endpoint.last.stream.resets == [.cancel])
        withExtendedLifetime((first, second)) {}
    }

    @Test func `a call that is committed keeps nothing`() {
        bench.stack = Stack([bench.layer("l", repeatsCalls: true)], around: .exchanger(bench.endpoint), name: "e")
        let (driver, _) = bench.call()
        driver.heard(Chunk([UInt8](repeating: 1, count: 500)), end: true)
        #expect(bench.replay.bytesInUse == 500)
        bench.endpoint.last.handler.heard(head: [":status": "200"], end: false)
        #expect(bench.replay.bytesInUse == 0)
    }

    // MARK: Refusing

    @Test func `a refusal is heard by the layers outside, and told to the caller`() {
        let outer = bench.layer("outer")
        let inner = bench.layer("inner", answers: [.refuse(Failure(.limit, .breakerOpen, subject: "e"))])
        bench.stack = Stack([outer, inner, bench.layer("innermost")], around: .exchanger(bench.endpoint), name: "e")
        let (driver, caller) = bench.call()
        #expect(bench.journal.take() == ["outer go 1", "inner refuse", "outer ended refused"])
        #expect(bench.endpoint.opened.isEmpty)
        #expect(caller.sent == ["head."])
        #expect(caller.heads[0]["why"] == "LIMIT.breaker_open[e]")
        driver.heard(Chunk("ignored"), end: true)
        #expect(caller.consumed == 7)
    }

    @Test func `a stack may lead nowhere`() {
        bench.stack = Stack([bench.layer("l")], around: .refusal(Failure(.route, .noRoute, subject: "x")), name: "")
        let (_, caller) = bench.call(end: true)
        #expect(caller.heads[0]["why"] == "ROUTE.no_route[x]")
        #expect(bench.journal.take() == ["l go 1", "l ended refused"])
    }
}
