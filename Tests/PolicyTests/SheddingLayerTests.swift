import Bytes
import Exchange
import Policy
import Resilience
import Testing
import Timebase

@Suite struct SheddingLayerTests {
    static let health = MethodEntry(service: "course", fullName: "grpc.health.v1.Health/Check")

    private func answers(at memory: Int) -> [String] {
        let state = SheddingState(Shedding.Limits(memory: 100 << 20))
        _ = state.shedding.see(memory: memory << 20, delay: .zero, at: Sample.now)
        let layer = SheddingLayer(state)
        var calls = Criticality.allCases.map { level in
            CallHead(method: Sample.plain, startedAt: Sample.now, request: ["weft-criticality": level.text])
        }
        calls.append(CallHead(method: Sample.plain, startedAt: Sample.now))
        calls.append(CallHead(method: Self.health, startedAt: Sample.now))
        let answers = calls.map { layer.admit($0, waiting: nil, at: Sample.now).refusal == nil ? "on" : "shed" }
        #expect(state.shed.reduce(0, +) == answers.count { $0 == "shed" })
        return answers
    }

    @Test func `the least critical go first, what says nothing is critical, and health checks always pass`() {
        #expect(answers(at: 50) == ["on", "on", "on", "on", "on", "on"])
        #expect(answers(at: 85) == ["shed", "on", "on", "on", "on", "on"])
        #expect(answers(at: 90) == ["shed", "shed", "on", "on", "on", "on"])
        #expect(answers(at: 95) == ["shed", "shed", "shed", "on", "shed", "on"])
        #expect(answers(at: 100) == ["shed", "shed", "shed", "shed", "shed", "on"])
    }

    @Test func `the refusal says why, and when to come back`() {
        let state = SheddingState(Shedding.Limits(memory: 64 << 20))
        _ = state.shedding.see(memory: 62 << 20, delay: .zero, at: Sample.now)
        guard case .refuse(let failure) = SheddingLayer(state).admit(Sample.call(), waiting: nil, at: Sample.now)
        else {
            Issue.record("it went on")
            return
        }
        #expect(failure.reason == "ADMIT.overload[memory]" && failure.retryAfter == .seconds(1))
        #expect(
            failure.detail
                == "the process has 62 MiB and may have 64; calls below critical-plus are shed, and this one is critical"
        )
    }
}
