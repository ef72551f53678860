import Bytes
import Exchange
import ProtoWire
import RPC
import Testing
import Timebase

@Suite struct CriticalityTests {
    @Test(arguments: Criticality.allCases)
    func `each level is read back as it is written`(level: Criticality) {
        #expect(Criticality(text: level.text) == level)
        let head: Fields = ["weft-criticality": level.text]
        #expect(head.withValue(.weftCriticality, Criticality.init) == level)
    }

    @Test(arguments: ["", "CRITICAL", "critical ", "sheddablePlus", "sheddable_plus", "xxxxxxxxx", "1"])
    func `what is no level says nothing`(text: String) {
        #expect(Criticality(text: text) == nil)
        let call = CallHead(
            method: MethodEntry(service: "s", fullName: "p.S/M"), startedAt: Instant(nanoseconds: 0),
            request: ["weft-criticality": text])
        #expect(call.criticality == .critical)
    }

    @Test func `what a call says of itself goes before what its method's policy says`() {
        var policy = MethodPolicy()
        policy.criticality = .sheddablePlus
        let method = MethodEntry(service: "s", fullName: "p.S/M", policy: policy)
        let now = Instant(nanoseconds: 0)
        #expect(CallHead(method: method, startedAt: now).criticality == .sheddablePlus)
        let said = CallHead(method: method, startedAt: now, request: ["weft-criticality": "critical-plus"])
        #expect(said.criticality == .criticalPlus)
    }

    @Test(
        "a refusal says when to come back, in whole milliseconds upwards",
        arguments: [
            (Duration.microseconds(1), "1"), (.milliseconds(20), "20"), (.microseconds(20_001), "21"), (.zero, "1"),
            (.seconds(9999), "300000"),
        ])
    func pushback(pause: Duration, text: String) {
        let call = CallHead(method: MethodEntry(service: "s", fullName: "p.S/M"), startedAt: Instant(nanoseconds: 0))
        let failure = Failure(.limit, .overload, reach: .neverSent, retryAfter: pause)
        let head = GRPCDialect(reporter: "t").answer(to: failure, of: call, after: [])
        #expect(head[.grpcRetryPushback] == text)
        #expect(head[.grpcStatus] == "8" && head[.weftRetries] == "safe")
    }

    @Test func `a quota is not got around by other endpoints`() {
        let dialect = GRPCDialect(reporter: "t")
        let call = CallHead(method: MethodEntry(service: "s", fullName: "p.S/M"), startedAt: Instant(nanoseconds: 0))
        let failure = Failure(.limit, .quota, reach: .neverSent, retryAfter: .milliseconds(5))
        let outcome = dialect.judge(head: dialect.answer(to: failure, of: call, after: []), trailers: nil)
        #expect(outcome.pushback == .never && outcome.kind == .answered && outcome.status == 8)
    }

    /// What a call has that the handler of another makes.
    private func inner(of outer: CallOptions, _ options: CallOptions) -> [String] {
        let scene = Scene()
        let notes = Notes()
        scene.router.clientStreaming(Methods.client) { (_: MessageReader<Msg>, call) in
            notes.add(call.criticality?.text ?? "none")
            return Msg("inner")
        }
        scene.router.unary(Methods.unary) { (request: Msg, _) in
            let _: Msg = try await scene.channel.clientStreaming(Methods.client, call: nil, options: options) {
                (_: MessageWriter<Msg>) in
            }
            return request
        }
        _ = scene.start(Methods.unary, [Msg("outer")], options: outer)
        scene.loop.run()
        return notes.lines
    }

    @Test func `a call within a call is as critical, if nobody says otherwise`() {
        let batch = CallOptions(criticality: .sheddable)
        #expect(inner(of: CallOptions(), CallOptions()) == ["none"])
        #expect(inner(of: batch, CallOptions()) == ["sheddable"])
        #expect(inner(of: batch, CallOptions(criticality: .criticalPlus)) == ["critical-plus"])
        #expect(inner(of: batch, CallOptions(metadata: ["weft-criticality": "critical"])) == ["critical"])
        #expect(inner(of: CallOptions(metadata: ["weft-criticality": "loud"]), CallOptions()) == ["none"])
    }
}
