import BenchAPI
import Exchange
import ProtoWire
import RPC
import Testing
import WellKnown

@Suite("Errors: what they hold and how they print")
struct ErrorTests {
    @Test("details of any contract travel with an error, in order, typed at both ends")
    func details() throws {
        let scene = Scene()
        scene.router.unary(Methods.unary) { (_: Msg, _) -> Msg in
            var info = GoogleRpc.ErrorInfo()
            info.reason = "FULL"
            var error = RPCError(.failedPrecondition, "no place left").adding(info)
            error.add(Msg("one"))
            error.add(ErrorDetail(typeURL: "other.example/bench.Msg", value: Msg("two").encoded()))
            error.add(ErrorDetail(typeURL: "type.googleapis.com/bench.Msg", value: [0xFF]))
            throw error
        }
        let outcome = scene.call(Msg("q"))
        scene.loop.run()
        let error = try #require(outcome.error as? RPCError)
        #expect(error.detail(GoogleRpc.ErrorInfo.self)?.reason == "FULL")
        #expect(error.details(Msg.self).map(\.id) == ["one", "two"])
        #expect(error.detail(GoogleRpc.BadRequest.self) == nil)
        #expect(
            error.packedDetails.map { String($0.typeName) } == [
                "google.rpc.ErrorInfo", "bench.Msg", "bench.Msg", "bench.Msg",
            ])
        // What other runtimes read there.
        let status = try GoogleRpc.Status(decoding: error.details)
        #expect(status.code == 9 && status.message == "no place left" && status.details.count == 4)
    }

    @Test("details that others wrote are read; what is none is empty, and never a crash")
    func foreign() {
        var packed = GoogleProtobuf.AnyMessage()
        packed.typeUrl = "type.googleapis.com/bench.Msg"
        packed.value = Msg("m").encoded()
        var status = GoogleRpc.Status()
        status.details = [packed]
        let bytes = status.encoded()
        #expect(RPCError(.aborted, "", details: bytes).detail(Msg.self)?.id == "m")
        for end in 1..<bytes.count {
            _ = RPCError(.aborted, "", details: Array(bytes[..<end])).packedDetails
        }
        #expect(RPCError(.aborted, "", details: [0xFF, 0xFF]).packedDetails == [])
        var endless = RPCError(.aborted, "")
        for _ in 0..<1000 { endless.add(Msg("x")) }
        #expect(endless.packedDetails.count == 64)
    }

    @Test("an error that says little prints one line; its story has a line for each thing that is known")
    func story() {
        let plain = RPCError(.notFound, "no such course")
        #expect(plain.description == "NOT_FOUND: no such course")
        #expect(RPCError(.aborted, "").description == "ABORTED")
        #expect(
            plain.story == """
                NOT_FOUND: no such course
                  found on this side; the request may have been processed
                """)
        var failure = Failure(
            .connect, .connectRefused, subject: "10.0.0.1:80", detail: "nobody listens", reach: .neverSent)
        #expect(
            "\(reflecting: RPCError(failure))" == """
                UNAVAILABLE: nobody listens (CONNECT.connect_refused[10.0.0.1:80])
                  found on the way to the peer; the request was not processed
                  because: CONNECT.connect_refused[10.0.0.1:80]: nobody listens
                """)
        failure.attempts = [
            AttemptRecord(
                endpoint: "10.0.0.2:80", waited: .zero, awaited: .microseconds(12_150), reason: "RECV.peer_closed"),
            AttemptRecord(endpoint: "", waited: .milliseconds(25), awaited: .milliseconds(3), reason: ""),
        ]
        #expect(
            RPCError(failure).story.split(separator: "\n").suffix(2) == [
                "  attempt 1 at 10.0.0.2:80: RECV.peer_closed after 12.1 ms",
                "  attempt 2: failed after 3 ms, begun 25 ms later",
            ])
    }

    @Test("the story of an error that came through the mesh names who says so")
    func whyStory() throws {
        var why = Why(
            Failure(.pick, .noEndpoints, subject: "course", detail: "none is ready"), reporter: "course-1/outbound",
            requestID: "r1",
            attempts: [
                AttemptRecord(endpoint: "a:1", waited: .zero, awaited: .milliseconds(1), reason: "TLS.tls_expired")
            ])
        let error = RPCError(.unavailable, "m", origin: .peer, reachedPeer: false, why: why).adding(Msg(""))
        #expect(
            error.story == """
                UNAVAILABLE: m (PICK.no_endpoints[course])
                  the peer answered so; the request was not processed
                  course-1/outbound says: PICK.no_endpoints[course]: none is ready; request r1
                  attempt 1 at a:1: TLS.tls_expired after 1 ms
                  details: bench.Msg
                """)
        why.detail = "a\nb"
        #expect(RPCError(.unavailable, "x\r\ny\u{1B}[31m", why: why).story.split(separator: "\n").count == 4)
        #expect(RPCError(.unavailable, "x\ny").description == "UNAVAILABLE: x\\ny")
    }

    @Test("any error can be told as RPC's")
    func described() {
        struct Strange: Error {}
        #expect(RPCError(describing: RPCError(.aborted, "a")).code == .aborted)
        #expect(RPCError(describing: CancellationError()).code == .cancelled)
        #expect(RPCError(describing: Strange()).description == "UNKNOWN: the handler failed")
    }
}

extension String.StringInterpolation {
    mutating func appendInterpolation(reflecting error: RPCError) { appendInterpolation(String(reflecting: error)) }
}
