import Bytes
import Exchange
import Policy
import Resilience
import Testing
import Timebase

@Suite struct AdaptiveLimitLayerTests {
    private func layer(_ mode: AdaptiveLimitLayer.Mode = .enforce, first: Int = 10) -> AdaptiveLimitLayer {
        AdaptiveLimitLayer(AdaptiveLimitLayer.Rules(mode, AdaptiveLimit.Limits(first: first)))
    }

    private func enter(
        _ layer: AdaptiveLimitLayer, _ criticality: Criticality = .critical, _ method: MethodEntry = Sample.plain
    ) -> Admission {
        let call = CallHead(
            method: method, startedAt: Sample.now, request: ["weft-criticality": criticality.text])
        return layer.admit(call, waiting: nil, at: Sample.now)
    }

    @Test func `the less critical, the smaller the part of the limit`() {
        let layer = layer()
        for _ in 0..<8 { #expect(enter(layer, .sheddable).refusal == nil) }
        #expect(enter(layer, .sheddable).refusal == "LIMIT.overload[course]")
        #expect(enter(layer, .sheddablePlus).refusal == nil)
        #expect(enter(layer, .sheddablePlus).refusal != nil)
        #expect(enter(layer).refusal == nil)
        #expect(enter(layer).refusal != nil)
        #expect(enter(layer, .criticalPlus).refusal == nil)
        #expect(enter(layer, .criticalPlus).refusal != nil)
    }

    @Test func `streams and health checks do not count`() {
        var policy = MethodPolicy()
        policy.streamsAnswers = true
        let watch = MethodEntry(service: "course", fullName: "p.S/Watch", policy: policy)
        let health = MethodEntry(service: "course", fullName: "grpc.health.v1.Health/Check")
        let layer = layer()
        for _ in 0..<50 {
            for method in [watch, health] {
                let admission = enter(layer, .critical, method)
                #expect(admission.refusal == nil)
                if let token = admission.token, method === health {
                    _ = layer.ended(Sample.call(method), token: token, as: Outcome(.success), at: Sample.now)
                }
            }
        }
        #expect(layer.value.inFlight == 0)
    }

    @Test func `in shadow it counts and refuses nobody, and it can be enforced later`() {
        let layer = layer(.shadow)
        for _ in 0..<30 { #expect(enter(layer).refusal == nil) }
        #expect(layer.value.refusals == 20 && layer.value.inFlight == 30)
        layer.replace(AdaptiveLimitLayer.Rules(.enforce, AdaptiveLimit.Limits(first: 10)))
        #expect(enter(layer).refusal != nil && layer.value.inFlight == 30)
    }

    @Test func `slow methods do not look like load, and a new contract does not make them new`() {
        let layer = layer()
        var now = Sample.now
        for round in 0..<400 {
            let start = now
            now = now.advanced(by: .milliseconds(110))
            var policy = MethodPolicy()
            policy.maxInFlight = round / 100
            // The contract of the slow one changes now and then; three quarters of the time only it is called.
            let slow = MethodEntry(service: "course", fullName: "p.S/Slow", policy: policy)
            let calls = (0..<8).map { Sample.call($0 < (round < 100 ? 2 : 7) ? slow : Sample.plain) }
            let tokens = calls.map { layer.admit($0, waiting: nil, at: start).token }
            for (call, token) in zip(calls, tokens) {
                guard let token else { continue }
                let end = start.advanced(by: call.method === slow ? .milliseconds(100) : .milliseconds(1))
                _ = layer.ended(call, token: token, as: Outcome(.success, from: start, to: end), at: end)
            }
        }
        #expect(layer.value.limit > 10)
    }
}
