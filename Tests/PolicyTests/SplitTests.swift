import Bytes
import Exchange
import Policy
import Testing
import Timebase

@Suite struct SplitTests {
    /// Leads to one stack, always.
    private final class Fixed: Picker {
        let stack: Stack
        init(_ name: String) {
            stack = Stack([], around: .refusal(Failure(.pick, .noEndpoints)), name: name)
        }
        func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick { .use(stack) }
    }

    private static func group(_ name: String, _ weight: UInt32, ready: Bool = true) -> SplitPicker.Group {
        SplitPicker.Group(
            weight: weight, stack: Stack([], around: .picker(Fixed(name)), name: name), isReady: { _ in ready })
    }

    private static func picks(_ routes: [SplitPicker.Route], _ head: Fields = [:], times: Int = 10_000) -> [String: Int]
    {
        let picker = SplitPicker(routes, otherwise: Fixed("home"), chance: Chance(seed: 11))
        let call = CallHead(method: Sample.plain, startedAt: Sample.now, request: head)
        var picks: [String: Int] = [:]
        for _ in 0..<times {
            if case .use(let stack, _) = picker.pick(for: call, after: [], at: Sample.now) {
                picks[stack.name, default: 0] += 1
            }
        }
        return picks
    }

    @Test func `attempts go by weight`() {
        let picks = Self.picks([.init(.all, [Self.group("v1", 95), Self.group("v2", 5)])])
        #expect((9_400...9_600).contains(picks["v1"] ?? 0))
        #expect((picks["v1"] ?? 0) + (picks["v2"] ?? 0) == 10_000)
    }

    @Test func `a group without ready instances counts as nothing`() {
        #expect(Self.picks([.init(.all, [Self.group("v1", 1), Self.group("v2", 99, ready: false)])]) == ["v1": 10_000])
    }

    @Test func `with no ready group the weights count, and the group says what is wrong`() {
        let picks = Self.picks(
            [.init(.all, [Self.group("v1", 1, ready: false), Self.group("v2", 1, ready: false)])])
        #expect((4_800...5_200).contains(picks["v1"] ?? 0))
    }

    @Test func `a ready group of weight 0 takes nothing even when the other is not ready`() {
        #expect(
            Self.picks([.init(.all, [Self.group("blue", 0), Self.group("green", 1, ready: false)])], times: 10)
                == ["green": 10])
    }

    @Test func `the first split that fits decides, and calls that none fits go home`() {
        let routes = [
            SplitPicker.Route(CallMatch(headers: [HeaderPattern("x-v", .exact("2"))]), [Self.group("v2", 1)]),
            SplitPicker.Route(CallMatch(headers: [HeaderPattern("x-v")]), [Self.group("v1", 1)]),
        ]
        #expect(Self.picks(routes, ["x-v": "2"], times: 10) == ["v2": 10])
        #expect(Self.picks(routes, ["x-v": "1"], times: 10) == ["v1": 10])
        #expect(Self.picks(routes, times: 10) == ["home": 10])
    }
}
