import Bytes
import Exchange
import Testing
import Timebase

/// Whatever happens in whatever order: nothing is told twice, nothing is forgotten, no byte is changed.
@Suite struct CallDriverStormTests {
    /// One call through three layers that wait, refuse and repeat by chance, to an endpoint that answers, fails and stalls
    /// by chance, from a caller that dawdles and leaves by chance.
    struct Storm {
        let bench = Bench()
        var chance: Chance
        let layers: [TestLayer]
        let body: [UInt8]
        var sent = 0
        var hasEnd = false
        var hasLeft = false
        let driver: CallDriver
        let caller: TestStream

        init(seed: UInt64) {
            var chance = Chance(seed: seed)
            let now = bench.timers.now
            func answers(_ chance: inout Chance) -> [Admission] {
                (0..<8).map { _ in
                    switch chance.next() % 12 {
                    case 0: .wait(Waiting(until: now.advanced(by: .milliseconds(Int64(chance.next() % 60)))))
                    case 1: .refuse(Failure(.limit, .breakerOpen, reach: .neverSent))
                    case 2: .go(before: now.advanced(by: .milliseconds(Int64(chance.next() % 200))))
                    default: .go()
                    }
                }
            }
            layers = [
                bench.layer("a", answers: answers(&chance), hasGates: true),
                bench.layer(
                    "b", answers: answers(&chance),
                    verdicts: [.again(after: .zero), .again(after: .milliseconds(5)), .again(after: .milliseconds(9))],
                    hasGates: true, repeatsCalls: true),
                bench.layer("c", answers: answers(&chance), hasGates: true),
            ]
            bench.stack = Stack(layers, around: .exchanger(bench.endpoint), name: "e")
            bench.endpoint.nextRoom = Int(chance.next() % 200)
            bench.endpoint.takesRoom = true
            body = (0..<Int(chance.next() % 400)).map { UInt8(truncatingIfNeeded: $0) }
            hasEnd = body.isEmpty
            (driver, caller) = bench.call(
                end: body.isEmpty, deadline: chance.next() % 2 == 0 ? .milliseconds(150) : nil)
            self.chance = chance
        }

        mutating func step() {
            switch chance.next() % 10 {
            case 0, 1, 2: sendSome()
            case 3: bench.timers.pass(.milliseconds(Int64(chance.next() % 40)))
            case 4: moreRoom()
            case 5 where chance.next() % 6 == 0 && !hasLeft:
                hasLeft = true
                driver.ended(.failed(Failure(.relay, .peerReset)))
            case 6: fail()
            default: if chance.next() % 3 == 0 { answer() }
            }
        }

        private mutating func sendSome() {
            guard !hasEnd, !hasLeft else { return }
            let count = min(body.count - sent, Int(chance.next() % 90))
            let chunk = Array(body[sent..<sent + count])
            sent += count
            hasEnd = sent == body.count
            driver.heard(Chunk(chunk), end: hasEnd)
        }

        private func moreRoom() {
            for (stream, handler) in bench.endpoint.opened where stream.room <= 0 {
                stream.room = 50
                handler.hasRoom()
            }
        }

        private func fail() {
            guard !bench.endpoint.opened.isEmpty else { return }
            bench.endpoint.fail(Failure(.wait, .peerClosed))
        }

        private mutating func answer() {
            guard !bench.endpoint.opened.isEmpty else { return }
            if chance.next() % 2 == 0 { bench.endpoint.answer() } else { bench.endpoint.answerWithStatus(14) }
        }

        mutating func run() {
            for _ in 0..<60 { step() }
            // The world calms down: the rest is sent, the endpoint takes it and answers.
            for _ in 0..<6 {
                sendAll()
                bench.timers.pass(.seconds(1))
                moreRoom()
                moreRoom()
                bench.endpoint.opened.last.map { _ in bench.endpoint.answer() }
            }
            bench.timers.pass(.seconds(3))
            if !hasLeft { driver.ended(.complete) }
        }

        private mutating func sendAll() {
            while !hasEnd, !hasLeft { sendSome() }
        }
    }

    @Test(arguments: [0, 1, 2, 3])
    func `every layer hears once of every token, every caller of one end, and every byte arrives`(part: Int) {
        var attempts = 0
        for seed in 0..<2500 {
            var storm = Storm(seed: UInt64(part * 2500 + seed))
            storm.run()
            for layer in storm.layers {
                #expect(layer.outstanding.isEmpty && layer.waiting == 0, "seed \(seed)")
            }
            #expect(storm.hasLeft || storm.caller.hasEnded, "seed \(seed): \(storm.caller.sent)")
            #expect(storm.bench.timers.pending == 0, "seed \(seed)")
            for (stream, _) in storm.bench.endpoint.opened {
                #expect(storm.body.starts(with: stream.bytes), "seed \(seed)")
                if stream.sent.contains(where: { $0.hasSuffix(".") }) {
                    #expect(stream.bytes == storm.body, "seed \(seed)")
                }
            }
            if !storm.hasLeft { #expect(storm.caller.consumed == storm.sent, "seed \(seed)") }
            attempts += storm.bench.endpoint.opened.count
        }
        #expect(attempts > 2000)
    }
}
