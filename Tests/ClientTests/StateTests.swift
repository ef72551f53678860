import Exchange
import Testing
import Timebase
import Transport

@testable import Client

@Suite struct StateTests {
    private static let lost = Failure(.connect, .connectRefused, subject: "a")
    private static let ill = Failure(.pick, .allEjected, subject: "a")

    private static let aggregates: [([ChannelState], ChannelState)] = [
        ([], .connecting), ([.idle], .idle), ([.idle, .connecting], .connecting),
        ([.connecting, .ready, .transientFailure(lost)], .ready), ([.transientFailure(lost), .idle], .idle),
        ([.transientFailure(lost), .transientFailure(ill)], .transientFailure(lost)),
        ([.shutdown, .transientFailure(lost)], .transientFailure(lost)),
    ]

    @Test(arguments: aggregates)
    func `a client is as well as its best endpoint`(states: [ChannelState], expected: ChannelState) {
        #expect(ChannelState.aggregate(states) == expected)
    }

    enum Step: Sendable { case pool(PoolState), health(EndpointState.Health), seen(ChannelState) }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let steps: [Step]
        var testDescription: String { rule }

        init(_ rule: String, _ steps: Step...) {
            self.rule = rule
            self.steps = steps
        }
    }

    @Test(arguments: [
        Case("it begins idle", .seen(.idle)),
        Case(
            "and follows its pool", .pool(.connecting), .seen(.connecting), .pool(.ready), .seen(.ready), .pool(.idle),
            .seen(.idle)),
        Case(
            "a failure sticks until there is a connection", .pool(.transientFailure(lost)), .pool(.idle),
            .seen(.transientFailure(lost)), .pool(.connecting), .seen(.transientFailure(lost)), .pool(.ready),
            .seen(.ready)),
        Case(
            "health holds it back", .pool(.connecting), .health(.unknown), .pool(.ready), .seen(.connecting),
            .health(.serving),
            .seen(.ready), .health(.notServing(ill)), .seen(.transientFailure(ill)), .health(.serving), .seen(.ready)),
        Case(
            "a new failure replaces the old", .pool(.transientFailure(lost)), .pool(.transientFailure(ill)),
            .seen(.transientFailure(ill))),
        Case("what was closed is", .pool(.transientFailure(lost)), .pool(.shutdown), .seen(.shutdown)),
    ])
    func `an endpoint's state is its pool's and its health's`(row: Case) {
        var state = EndpointState()
        for step in row.steps {
            switch step {
            case .pool(let pool): state.changed(to: pool)
            case .health(let health): state.changed(to: health)
            case .seen(let seen): #expect(state.seen == seen && state.isReady == (seen == .ready))
            }
        }
    }

    @Test func `a name is looked up when wanted, and not in a hurry`() {
        var (now, chance) = (Instant(nanoseconds: 0), Chance(seed: 1))
        var schedule = ResolutionSchedule(longestRest: .seconds(300))
        #expect(schedule.due(at: now) == nil)
        schedule.wanted()
        #expect(schedule.due(at: now) == now)
        schedule.began()
        schedule.wanted()
        #expect(schedule.due(at: now) == nil && schedule.isRunning)
        schedule.succeeded(at: now)
        #expect(schedule.due(at: now) == now.advanced(by: .seconds(300)))
        schedule.wanted()
        #expect(schedule.due(at: now) == now.advanced(by: .seconds(30)))
        now = now.advanced(by: .seconds(40))
        #expect(schedule.due(at: now) == now)
        for bound in [1.0, 1.6, 2.56] {
            schedule.began()
            schedule.failed(at: now, &chance)
            let wait = now.duration(to: schedule.due(at: now) ?? now)
            #expect(wait >= .seconds(bound * 0.8) && wait <= .seconds(bound * 1.2), "\(wait)")
        }
        schedule.began()
        schedule.succeeded(at: now)
        schedule.began()
        schedule.failed(at: now, &chance)
        #expect(now.duration(to: schedule.due(at: now) ?? now) <= .seconds(1.2))
    }

    @Test func `the longest rest is no shorter than the shortest`() {
        var schedule = ResolutionSchedule(longestRest: .seconds(1))
        schedule.began()
        schedule.succeeded(at: Instant(nanoseconds: 0))
        #expect(schedule.due(at: Instant(nanoseconds: 0)) == Instant(nanoseconds: 30_000_000_000))
    }
}
