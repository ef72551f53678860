import Bytes
@testable import Client
import Exchange
import RPC
import Reactor
import Simulation
import Testing
import Timebase

/// gRFC A6, rule by rule, over connections.
@Suite struct RetryTests {
    let street = Street()

    /// A policy for everything, with these settings in place of the usual ones.
    private func config(_ attempts: Int = 4, backoff: String = "0.1s", more: String = "") -> String {
        """
        {"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":\(attempts),"initialBackoff":"\(backoff)",
        "maxBackoff":"1s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]\(more)}
        """
    }

    @Test func `an attempt that fails so is followed by another, which says so, after a growing wait`() throws {
        let house = try street.house("one")
        house.behaviour = { number, _ in if number < 4 { throw RPCError.status(.unavailable) } }
        #expect(try street.say(street.client("one:80", config())) == "one")
        #expect(house.previousAttempts == [0, 1, 2, 3])
        let gaps = zip(house.cameAt, house.cameAt.dropFirst()).map { $0.duration(to: $1) }
        for (gap, bound) in zip(gaps, [100, 200, 400]) {
            // +-20 %, and what the network takes.
            #expect(gap >= .milliseconds(bound * 8 / 10) && gap <= .milliseconds(bound * 12 / 10 + 15), "\(gaps)")
        }
    }

    @Test func `the last attempt's answer is the call's`() throws {
        let house = try street.house("one")
        house.behaviour = { _, _ in throw RPCError.status(.unavailable) }
        let error = try #require(try street.call(street.client("one:80", config(3))).error)
        #expect(error.code == .unavailable && error.message == "as the test says" && error.origin == .peer)
        #expect(house.calls == 3)
    }

    @Test func `five attempts are the most`() throws {
        let house = try street.house("one")
        house.behaviour = { _, _ in throw RPCError.status(.unavailable) }
        #expect(try street.say(street.client("one:80", config(20, backoff: "0.001s"))) == "UNAVAILABLE")
        #expect(house.calls == 5)
    }

    @Test func `other statuses are answers`() throws {
        let house = try street.house("one")
        house.behaviour = { _, _ in throw RPCError.status(.internal) }
        #expect(try street.say(street.client("one:80", config())) == "INTERNAL")
        #expect(house.calls == 1)
    }

    @Test func `the server says when, and whether at all`() throws {
        let house = try street.house("one")
        house.behaviour = { number, _ in
            switch number {
            case 1: throw RPCError.status(.unavailable, pushback: "3000")
            case 2: throw RPCError.status(.unavailable, pushback: "0")
            case 3: throw RPCError.status(.unavailable)
            default: throw RPCError.status(.unavailable, pushback: "-1")
            }
        }
        let client = try street.client("one:80", config(5))
        #expect(try street.say(client) == "UNAVAILABLE")
        #expect(house.calls == 4)
        let gaps = zip(house.cameAt, house.cameAt.dropFirst()).map { $0.duration(to: $1) }
        #expect(gaps[0] >= .seconds(3) && gaps[0] < .milliseconds(3020))
        #expect(gaps[1] < .milliseconds(20))
        // After a pushback the backoff begins anew.
        #expect(gaps[2] >= .milliseconds(80) && gaps[2] <= .milliseconds(135))
    }

    @Test func `a head without a message does not commit a call that has one reply`() throws {
        let house = try street.house("one")
        house.behaviour = { number, call in
            try call.responseMetadata.add("x-node", "one")
            if number < 3 { throw RPCError.status(.unavailable) }
        }
        // Metadata makes the server send its head before it fails only if it sends it early: the script below does.
        let client = try street.client("one:80", config(backoff: "0.001s"))
        #expect(try street.say(client) == "one")
        #expect(house.calls == 3)
    }

    @Test func `a server that failed too often is not asked again`() throws {
        let house = try street.house("one")
        house.behaviour = { _, _ in throw RPCError.status(.unavailable) }
        let throttled = config(
            3, backoff: "0.001s", more: #","retryThrottling":{"maxTokens":4,"tokenRatio":0.5}"#)
        let client = try street.client("one:80", throttled)
        // 4 tokens: 3 are more than half, 2 are not.
        #expect(try street.say(client) == "UNAVAILABLE")
        #expect(house.calls == 2)
        #expect(try street.say(client) == "UNAVAILABLE")
        #expect(house.calls == 3)
        house.behaviour = { _, _ in }
        for _ in 0..<3 { #expect(try street.say(client) == "one") }
        house.behaviour = { number, _ in if number == 7 { throw RPCError.status(.unavailable) } }
        // 1 + 3 x 0.5 are 2.5; one failure later they are too few.
        #expect(try street.say(client) == "UNAVAILABLE")
        house.behaviour = { number, _ in if number == 13 { throw RPCError.status(.unavailable) } }
        for _ in 0..<5 { #expect(try street.say(client) == "one") }
        #expect(try street.say(client) == "one")
        #expect(house.calls == 14)
    }

    @Test func `one deadline covers all attempts, and each says what is left`() throws {
        let house = try street.house("one")
        house.behaviour = { [house] _, call in
            try await house.pause(.milliseconds(150))
            throw RPCError.status(.unavailable)
        }
        let client = try street.client("one:80", config(5, backoff: "0.05s"))
        _ = try street.say(client, options: CallOptions(timeout: .milliseconds(1)))
        try street.run(for: .seconds(1))
        let (start, before) = (street.simulation.now, house.calls)
        let outcome = try street.call(client, options: CallOptions(timeout: .milliseconds(300)))
        #expect(outcome.code == "DEADLINE_EXCEEDED")
        #expect(house.calls == before + 2)
        #expect(start.duration(to: street.simulation.now) < .milliseconds(320))
    }

    @Test func `a wait that would end too late is not begun: the answer that came is told`() throws {
        let house = try street.house("one")
        house.behaviour = { _, _ in throw RPCError.status(.unavailable) }
        let client = try street.client("one:80", config(5, backoff: "1s"))
        _ = try street.say(client, options: CallOptions(timeout: .milliseconds(500)))
        let start = street.simulation.now
        #expect(try street.say(client, options: CallOptions(timeout: .milliseconds(500))) == "UNAVAILABLE")
        #expect(start.duration(to: street.simulation.now) < .milliseconds(20) && house.calls == 2)
    }

    @Test func `a method's timeout holds for calls that ask for none, and the earlier counts`() throws {
        let house = try street.house("one")
        house.behaviour = { [house] _, _ in try await house.pause(.seconds(9)) }
        let client = try street.client(
            "one:80", #"{"methodConfig":[{"name":[{"service":"bench.Echo","method":"Unary"}],"timeout":"0.5s"}]}"#)
        for (asked, expected) in [(nil, 500), (Duration.seconds(3), 500), (.milliseconds(200), 200)] {
            let start = street.simulation.now
            #expect(try street.call(client, options: CallOptions(timeout: asked)).code == "DEADLINE_EXCEEDED")
            let took = start.duration(to: street.simulation.now)
            #expect(took >= .milliseconds(expected) && took < .milliseconds(expected + 40), "\(took)")
        }
        try street.run(for: .milliseconds(100))
        #expect(house.cancelled == 3)
    }

    @Test func `another attempt goes to another endpoint`() throws {
        let houses = try ["a", "b"].map { try street.house($0) }
        street.name("all", houses)
        houses[0].behaviour = { _, _ in throw RPCError.status(.unavailable) }
        let client = try street.client(
            "all:80", config(2, backoff: "0.001s", more: #","loadBalancingConfig":[{"round_robin":{}}]"#))
        _ = try street.say(client)
        try street.run(for: .milliseconds(100))
        for _ in 0..<10 { #expect(try street.say(client) == "b") }
        #expect(houses[0].calls >= 5)
    }

    @Test func `a request that is too large to keep is sent once`() throws {
        let house = try street.house("one")
        house.behaviour = { _, _ in throw RPCError.status(.unavailable) }
        let client = try street.client("one:80", config(2, backoff: "0.001s")) { $0.replayBytesPerCall = 1000 }
        #expect(try street.call(client, bytes: 900).code == "UNAVAILABLE")
        #expect(house.calls == 2)
        #expect(try street.call(client, bytes: 2000).code == "UNAVAILABLE")
        #expect(house.calls == 3)
    }

    @Test func `messages over a method's limits are refused`() throws {
        try street.house("one")
        let client = try street.client(
            "one:80", #"{"methodConfig":[{"name":[{}],"maxRequestMessageBytes":100}]}"#)
        #expect(try street.call(client, bytes: 50).code == "OK")
        #expect(try street.call(client, bytes: 200).code == "RESOURCE_EXHAUSTED")
        let small = try street.client(
            "one:80", #"{"methodConfig":[{"name":[{}],"maxResponseMessageBytes":"3"}]}"#)
        #expect(try street.call(small).code == "RESOURCE_EXHAUSTED")
    }

    // MARK: Unseen

    @Test func `what a peer refused unprocessed is sent once more, uncounted`() throws {
        let house = try street.house("one", listens: false)
        let script = ScriptedServer([.refuse, .answer, .refuse, .refuse])
        try house.listen(script)
        let client = try street.client("one:80")
        #expect(try street.say(client) == "")
        #expect(script.previousAttempts == [nil, nil])
        let error = try #require(try street.call(client).error)
        #expect(error.code == .unavailable && !error.reachedPeer)
        #expect(error.why?.attempts.count == 2)
        #expect(script.previousAttempts.count == 4)
    }

    @Test func `a status that comes after a head and before any message is retried for one reply`() throws {
        let house = try street.house("one", listens: false)
        let script = ScriptedServer([.failAfterHead, .failAfterHead, .answer])
        try house.listen(script)
        #expect(try street.say(street.client("one:80", config(backoff: "0.001s"))) == "")
        #expect(script.previousAttempts == [nil, "1", "2"])
    }

    @Test func `a status that comes after a message is the call's`() throws {
        let house = try street.house("one", listens: false)
        let script = ScriptedServer([.failAfterMessage, .answer])
        try house.listen(script)
        #expect(try street.say(street.client("one:80", config(backoff: "0.001s"))) == "UNAVAILABLE")
        #expect(script.previousAttempts.count == 1)
    }
}

/// A server that speaks HTTP/2 and answers each request as a script says.
final class ScriptedServer: Acceptor, @unchecked Sendable {  // a simulation runs on one thread
    enum Line {
        case answer, refuse, failAfterHead, failAfterMessage
    }

    private var lines: [Line]
    private(set) var previousAttempts: [String?] = []

    init(_ lines: [Line]) { self.lines = lines }

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        previousAttempts.append(head[.grpcPreviousAttempts])
        let reply: Fields = [":status": "200", "content-type": "application/grpc"]
        let line = lines.isEmpty ? .answer : lines.removeFirst()
        let message = Chunk([0, 0, 0, 0, 0])
        switch line {
        case .refuse:
            stream.reset(.refusedStream)
        case .answer:
            stream.send(head: reply, end: false)
            stream.send(message, end: false)
            stream.send(trailers: ["grpc-status": "0"])
        case .failAfterHead:
            stream.send(head: reply, end: false)
            stream.send(trailers: ["grpc-status": "14"])
        case .failAfterMessage:
            stream.send(head: reply, end: false)
            stream.send(message, end: false)
            stream.send(trailers: ["grpc-status": "14"])
        }
        return Listening(stream)
    }

    private final class Listening: ExchangeHandler {
        private let stream: any ExchangeStream

        init(_ stream: any ExchangeStream) { self.stream = stream }

        func heard(head: Fields, end: Bool) {}
        func heard(_ chunk: Chunk, end: Bool) { stream.consume(chunk.count) }
        func heard(trailers: Fields) {}
        func hasRoom() {}
        func ended(_ ending: Ending) {}
    }
}
