import BenchAPI
import Exchange
import RPC
import Testing
import Timebase

@Suite("Calls that end before their time, and back-pressure")
struct EndingTests {
    /// A handler of each shape that waits at a gate until it is cancelled.
    private func serveWaiting(_ scene: Scene, _ gate: Gate) {
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            do {
                try await gate.wait()
            } catch {
                scene.notes.add(call.isCancelled ? "handler cancelled" : "handler woken")
                throw error
            }
            return request
        }
        scene.router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, call) in
            do {
                while try await requests.next() != nil {}
            } catch {
                scene.notes.add("reader \((error as? RPCError)?.code.name ?? "?")")
                throw error
            }
            return Msg("")
        }
        scene.router.serverStreaming(Methods.server) { (request: Msg, replies: MessageWriter<Msg>, _) in
            do {
                while true { try await replies.write(request) }
            } catch {
                scene.notes.add("writer \((error as? RPCError)?.code.name ?? "?")")
                throw error
            }
        }
    }

    @Test("a caller that leaves cancels the handler")
    func callerLeaves() {
        let scene = Scene()
        let gate = Gate()
        serveWaiting(scene, gate)
        let outcome = scene.call(Msg("a"))
        scene.loop.run()
        #expect(outcome.isPending)
        outcome.cancel()
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .cancelled)
        #expect(scene.notes.lines == ["began", "ended CANCELLED", "handler cancelled"])
        #expect(gate.cancellations == 1)
        #expect(scene.isQuiet)
    }

    @Test("a deadline ends the call at both ends, whoever sees it first", arguments: [false, true])
    func deadline(serverFirst: Bool) {
        let scene = Scene()
        let gate = Gate()
        serveWaiting(scene, gate)
        let outcome = scene.call(Msg("a"), options: CallOptions(timeout: .milliseconds(10)))
        scene.loop.run()
        if serverFirst { scene.exchange.responder.reset(.cancel) }
        scene.loop.pass(.milliseconds(10))
        let code: StatusCode = serverFirst ? .cancelled : .deadlineExceeded
        #expect((outcome.error as? RPCError)?.code == code)
        #expect(gate.cancellations == 1)
        #expect(scene.isQuiet)
    }

    @Test("a reader and a writer that wait hear that the call is over")
    func waitersHear() {
        let scene = Scene()
        scene.exchanger.window = 1000
        serveWaiting(scene, Gate())
        let reading = scene.loop.start { [channel = scene.channel] in
            try await channel.clientStreaming(Methods.client, call: nil, options: CallOptions(timeout: .seconds(1))) {
                (requests: MessageWriter<Msg>) in
                try await requests.write(Msg("a"))
                try await Gate().wait()
            } as Msg
        }
        scene.loop.run()
        reading.cancel()
        scene.loop.run()
        #expect(reading.error is CancellationError, "what the caller's own code throws is the caller's")
        #expect(scene.notes.lines.last == "reader CANCELLED")
        let writing = scene.loop.start { [channel = scene.channel] in
            try await channel.serverStreaming(
                Methods.server, Msg("a", size: 100), call: nil, options: CallOptions(timeout: .seconds(1))
            ) { (_: MessageReader<Msg>) in try await Gate().wait() }
        }
        scene.loop.run()
        #expect(scene.exchange.responder.mostQueued < 1300, "a writer stops when there is no room")
        scene.loop.pass(.seconds(1))
        #expect(writing.isPending, "the caller's code waits for something else")
        #expect(
            scene.notes.lines.contains("writer CANCELLED") || scene.notes.lines.contains("writer DEADLINE_EXCEEDED"))
        writing.cancel()
        scene.loop.run()
        #expect(scene.isQuiet)
    }

    @Test("a lost connection ends both sides")
    func lost() {
        let scene = Scene()
        let gate = Gate()
        serveWaiting(scene, gate)
        let outcome = scene.call(Msg("a"))
        scene.loop.run()
        scene.exchange.breakOff(Failure(.wait, .peerClosed, detail: "the connection is gone"))
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .unavailable)
        #expect((outcome.error as? RPCError)?.message == "the connection is gone")
        #expect(gate.cancellations == 1)
        #expect(scene.isQuiet)
    }

    @Test("a call that is lost while its handler begins is cancelled all the same")
    func lostAtOnce() {
        let scene = Scene()
        let gate = Gate()
        scene.router.unary(Methods.unary) { (request: Msg, _) in
            scene.exchange.responder.reset(.internalError)
            try await gate.wait()
            return request
        }
        let outcome = scene.call(Msg("a"))
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .internal)
        #expect(gate.cancellations == 1)
        #expect(scene.isQuiet)
    }

    @Test(
        "a sender goes no faster than its reader, and what is unread stays within the window",
        arguments: [64, 1000, 65_536])
    func backPressure(window: Int) {
        let scene = Scene()
        scene.exchanger.window = window
        let gate = Gate()
        scene.router.serverStreaming(Methods.server) { (request: Msg, replies: MessageWriter<Msg>, _) in
            for _ in 0..<2000 { try await replies.write(Msg("m", size: 100)) }
        }
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.serverStreaming(Methods.server, Msg("q"), call: nil, options: CallOptions()) {
                (replies: MessageReader<Msg>) in
                _ = try await replies.next()
                try await gate.wait()
                var count = 1
                for try await _ in replies { count += 1 }
                return count
            }
        }
        scene.loop.run()
        #expect(scene.exchange.initiator.held <= window)
        #expect(scene.exchange.responder.mostQueued <= window + 200)
        gate.open()
        scene.loop.run()
        #expect(outcome.value == 2000)
        #expect(scene.isQuiet)
    }

    @Test("a message larger than the window passes while somebody waits for it")
    func largerThanWindow() {
        let scene = Scene()
        scene.exchanger.window = 100
        scene.router.bidirectional(Methods.both) { (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, _) in
            for try await request in requests { try await replies.write(request) }
        }
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.bidirectional(Methods.both, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                try await requests.write(Msg("big", size: 100_000))
                return try await replies.next()?.payload.count
            }
        }
        scene.loop.run()
        #expect(outcome.value == 100_000)
        #expect(scene.isQuiet)
    }

    @Test("a reader that outlives its handler hears that the call is over")
    func escapedReader() {
        let scene = Scene()
        scene.router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
            let escaped = scene.loop.start { try await requests.next() == nil }
            escaped.whenSettled { scene.notes.add("escaped \(($0 as? RPCError)?.code.name ?? "nil")") }
            return Msg("done")
        }
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.clientStreaming(Methods.client, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>) in
                try await requests.write(Msg("a", size: 1))
                try await requests.write(Msg("b", size: 1))
            } as Msg
        }
        scene.loop.run()
        #expect(outcome.value?.id == "done")
        #expect(scene.notes.lines.contains { $0.hasPrefix("escaped") })
        #expect(scene.isQuiet)
    }
}
