import Bytes
import Exchange
import Policy
import Testing
import Timebase

@Suite struct CallFaultTests {
    static let until = WallTime(seconds: 2000)

    private static func layer(_ rules: FaultRule..., wall: WallTime = WallTime(seconds: 1000)) -> CallFaultLayer {
        CallFaultLayer(
            rules.map { FaultInjection($0, match: $0.match, chance: Chance(seed: 5), wall: { wall }) })
    }

    @Test func `an abort answers with its status and names the fault`() throws {
        let layer = Self.layer(FaultRule("broken", .abort(14), share: 1, until: Self.until))
        guard case .refuse(let failure) = layer.admit(Sample.call(), waiting: nil, at: Sample.now) else {
            Issue.record("it goes on")
            return
        }
        #expect(failure.reason == "ADMIT.fault_injected[broken]")
        #expect(failure.status == 14)
        // A member further out would try it again otherwise, and the fault would be undone.
        #expect(failure.reach == .unknown)
    }

    @Test func `a fault that is over, or for others, lets calls go on`() {
        let over = Self.layer(FaultRule("a", .abort(14), share: 1, until: Self.until), wall: Self.until)
        #expect(over.admit(Sample.call(), waiting: nil, at: Sample.now).token == 0)
        let others = Self.layer(
            FaultRule("a", .abort(14), CallMatch(callers: [CallerPattern("admin")]), share: 1, until: Self.until))
        #expect(others.admit(Sample.call(), waiting: nil, at: Sample.now).token == 0)
    }

    @Test func `a delay holds a call up once`() throws {
        let layer = Self.layer(FaultRule("slow", .delay(.seconds(2)), share: 1, until: Self.until))
        let call = Sample.call()
        let waiting = try #require(layer.admit(call, waiting: nil, at: Sample.now).waiting)
        #expect(waiting.until == Sample.now.advanced(by: .seconds(2)))
        // Asked early, for rules that changed: it waits on.
        #expect(layer.admit(call, waiting: waiting, at: Sample.now.advanced(by: .seconds(1))).waiting == waiting)
        #expect(layer.admit(call, waiting: waiting, at: waiting.until).token == 0)
    }

    @Test func `a delay that outlasts the deadline ends the call just before, and says so`() throws {
        let layer = Self.layer(FaultRule("slow", .delay(.seconds(2)), share: 1, until: Self.until))
        let call = Sample.call(deadline: .seconds(1))
        let waiting = try #require(layer.admit(call, waiting: nil, at: Sample.now).waiting)
        #expect(waiting.until == Sample.now.advanced(by: .milliseconds(990)))
        guard case .refuse(let failure) = layer.admit(call, waiting: waiting, at: waiting.until) else {
            Issue.record("it goes on")
            return
        }
        #expect(failure.reason == "WAIT.fault_injected[slow]")
        #expect(failure.status == 4)
    }

    @Test func `a call may be held up and then aborted`() throws {
        let layer = Self.layer(
            FaultRule("broken", .abort(13), share: 1, until: Self.until),
            FaultRule("slow", .delay(.seconds(2)), share: 1, until: Self.until))
        let call = Sample.call()
        let waiting = try #require(layer.admit(call, waiting: nil, at: Sample.now).waiting)
        #expect(layer.admit(call, waiting: waiting, at: waiting.until).refusal == "ADMIT.fault_injected[broken]")
    }
}
