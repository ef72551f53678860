import Bytes
import Exchange
import Testing
import Timebase

/// What attempts see of a request: the application's bytes, each attempt from the first on, or nothing more.
@Suite struct ReplayTests {
    /// A call with a body of its own, sent in pieces by chance, to endpoints that take some of it and reset by chance.
    private struct Run {
        let bench: Bench
        let layer: TestLayer
        let driver: CallDriver
        let caller: TestStream
        let body: [UInt8]
        var chance: Chance
        var sent = 0
        var hasEnd = false

        init(seed: UInt64, longest: Int, perCall: Int) {
            var chance = Chance(seed: seed)
            bench = Bench(perCall: perCall)
            layer = bench.layer(
                "retry", verdicts: (0..<2).map { _ in .again(after: .milliseconds(Int64(chance.next() % 3))) },
                repeatsCalls: true)
            bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
            bench.endpoint.takesRoom = true
            bench.endpoint.nextRoom = 1 + Int(chance.next() % 200)
            let salt = chance.next()
            body = (0..<Int(chance.next() % UInt64(longest))).map { (place: Int) in
                UInt8(truncatingIfNeeded: UInt64(place) &* 31 &+ salt &+ UInt64(place >> 8))
            }
            (driver, caller) = bench.call(answersOnce: chance.next() % 2 == 0)
            self.chance = chance
        }

        mutating func step() {
            switch chance.next() % 8 {
            case 0...3: send()
            case 4: bench.timers.pass(.milliseconds(Int64(chance.next() % 4)))
            case 5, 6: giveRoom()
            default: if chance.next() % 3 == 0 { bench.endpoint.fail(Failure(.wait, .peerReset)) }
            }
        }

        mutating func send() {
            guard !hasEnd else { return }
            let count = min(body.count - sent, Int(chance.next() % 120))
            sent += count
            hasEnd = sent == body.count && chance.next() % 3 > 0
            // An end may come with the last bytes, or alone after them.
            driver.heard(Chunk(Array(body[sent - count..<sent])), end: hasEnd)
        }

        func giveRoom() {
            for (stream, handler) in bench.endpoint.opened where stream.room <= 0 {
                stream.room = 64
                handler.hasRoom()
            }
        }
    }

    private func check(_ run: Run, _ seed: Int) {
        let attempts = run.bench.endpoint.opened
        for (number, attempt) in attempts.enumerated() {
            let bytes = attempt.stream.bytes
            #expect(bytes == Array(run.body.prefix(bytes.count)), "seed \(seed), attempt \(number + 1)")
            // Who got an end got everything.
            if attempt.stream.hasEnded { #expect(bytes.count == run.body.count, "seed \(seed)") }
        }
        #expect(attempts.count <= 3)
        #expect(run.caller.consumed <= run.body.count, "seed \(seed)")
    }

    @Test(arguments: 0..<400) func `each attempt's bytes are the application's`(seed: Int) {
        var run = Run(seed: UInt64(seed), longest: 900, perCall: 64 << 10)
        for _ in 0..<80 { run.step() }
        while !run.hasEnd { run.send() }
        for _ in 0..<40 {
            run.giveRoom()
            run.bench.timers.pass(.milliseconds(5))
        }
        check(run, seed)
        if run.caller.sent.isEmpty, let last = run.bench.endpoint.opened.last {
            // Not given up: the whole request is with the last attempt.
            #expect(last.stream.hasEnded && last.stream.bytes == run.body, "seed \(seed)")
            run.bench.endpoint.answer()
        }
        run.driver.ended(.complete)
    }

    @Test(arguments: 0..<200) func `past the buffer a call goes on, and is not repeated`(seed: Int) {
        var run = Run(seed: UInt64(seed), longest: 3000, perCall: 500)
        var attemptsWhenPast: Int?
        for _ in 0..<150 {
            run.step()
            if run.sent > 500, attemptsWhenPast == nil { attemptsWhenPast = run.bench.endpoint.opened.count }
        }
        while !run.hasEnd { run.send() }
        for _ in 0..<80 {
            run.giveRoom()
            run.bench.timers.pass(.milliseconds(5))
        }
        check(run, seed)
        if let attemptsWhenPast {
            // One more may have been on its way: a pause before it had begun.
            #expect(run.bench.endpoint.opened.count <= attemptsWhenPast + 1, "seed \(seed)")
        }
        if run.caller.sent.isEmpty, let last = run.bench.endpoint.opened.last {
            #expect(last.stream.bytes == run.body, "seed \(seed)")
        }
        run.driver.ended(.failed(Failure(.relay, .cancelled)))
    }

    @Test func `what was tried enough is said in the peer's own answer`() {
        let bench = Bench()
        let layer = bench.layer("retry", verdicts: [.spent], repeatsCalls: true)
        bench.stack = Stack([layer], around: .exchanger(bench.endpoint), name: "e")
        let (driver, _) = bench.call(end: true)
        bench.endpoint.answerWithStatus(14)
        #expect(driver.call.retriesAreSpent)
    }
}
