import Reactor
import Simulation
import Testing
import Timebase

@testable import Control
@testable import Membership
@testable import Transport

@Suite("A member")
struct MembershipTests {
    @Test("joins by its token, and renews with a new key each half hour, or each half-life if that is less")
    func renews() throws {
        for (lifetime, shortest, longest) in [("2h", 27, 33), ("40m", 18, 22)] {
            let town = try Town(seed: 1, leafLifetime: lifetime)
            let member = try town.member("course", "course-1")
            member.start()
            try town.until { member.leaf != nil }
            var keys: Set<[UInt8]> = [member.identity.current!.key!.der]
            for round in 2...6 {
                let before = town.simulation.now
                try town.until(.seconds(3600)) { member.status.issued == round }
                let rest = before.duration(to: town.simulation.now)
                #expect(rest >= .seconds(shortest * 60) && rest <= .seconds(longest * 60 + 1), "\(rest)")
                keys.insert(member.identity.current!.key!.der)
            }
            #expect(keys.count == 6)
            #expect(member.leaf?.spiffeID == "spiffe://weft.local/ns/default/sa/course")
            #expect(member.identity.journal.failed.isEmpty)
        }
    }

    @Test("with a wrong token is refused and tries again, less and less often")
    func wrongToken() throws {
        let town = try Town(seed: 2)
        let member = try town.member("course", "course-1", token: "token-of-somebody-else")
        member.start()
        try town.simulation.run(for: .seconds(60))
        #expect(member.leaf == nil)
        #expect(town.log.count("cannot join the mesh yet") == 11)  // 0.2 s doubling to 10 s
        #expect(town.log.count("does not vouch for 'course'") >= 11)
    }

    @Test("waits for a control plane that is not there, and joins as soon as it is")
    func waits() throws {
        let town = try Town(seed: 3)
        let member = try town.member("course", "course-1")
        town.cutControl()
        member.start()
        try town.simulation.run(for: .seconds(120))
        #expect(member.leaf == nil)
        town.healControl()
        try town.until(.seconds(20)) { member.leaf != nil }
    }

    @Test(
        "bears the absence of the control plane for 45 minutes, begun at the worst moment, and says nothing of an end")
    func outage() throws {
        let town = try Town(seed: 4)
        let member = try town.member("course", "course-1")
        member.start()
        try town.until { member.leaf != nil }
        try town.simulation.run(for: .seconds(27 * 60 - 10))
        town.cutControl()
        try town.simulation.run(for: .seconds(45 * 60))
        #expect(member.status.issued == 1 && member.status.failures > 10 && !member.status.isOverdue)
        #expect(member.leaf!.notAfter > member.loop.wall)
        town.healControl()
        try town.until(.seconds(35)) { member.status.issued == 2 }
        #expect(member.status.failures == 0 && member.status.lastFailure == nil)
    }

    @Test("raises an alarm at 75 % of its leaf's life, once, and joins anew by its token when the leaf has ended")
    func alarm() throws {
        let town = try Town(seed: 5)
        let member = try town.member("course", "course-1")
        member.start()
        try town.until { member.leaf != nil }
        let taken = town.simulation.now
        town.cutControl()
        try town.until(.seconds(2 * 3600)) { member.status.isOverdue }
        let age = taken.duration(to: town.simulation.now)
        #expect(age >= .seconds(90 * 60) && age < .seconds(91 * 60), "\(age)")
        #expect(member.status.alarm?.contains("could not be renewed") == true)
        try town.simulation.run(for: .seconds(3600))
        #expect(town.log.count("error course-1: the identity is about to end") == 1)
        #expect(member.leaf!.notAfter < member.loop.wall)
        town.healControl()
        try town.until(.seconds(60)) { member.status.issued == 2 }
        #expect(member.status.alarm == nil && member.leaf!.notAfter > member.loop.wall)
        #expect(town.log.count("joined the mesh") == 2)
    }

    @Test("is renewed by a control plane that was restarted, with the root that it had")
    func restart() throws {
        let town = try Town(seed: 6)
        let member = try town.member("course", "course-1")
        member.start()
        try town.until { member.leaf != nil }
        let root = member.identity.current!.roots
        town.crashControl()
        try town.simulation.run(for: .seconds(600))
        try town.startControl()
        try town.until(.seconds(3600)) { member.status.issued == 2 }
        #expect(member.identity.current!.roots == root)
        #expect(member.identity.journal.failed.isEmpty)
    }

    @Test("whose clock was set an hour ahead renews as soon as it looks")
    func clockSetAhead() throws {
        let town = try Town(seed: 7)
        let member = try town.member("course", "course-1")
        member.start()
        try town.until { member.leaf != nil }
        member.host.clockSkew = .seconds(3600)
        try town.until(.seconds(5 * 60 + 5)) { member.status.issued == 2 }
    }
}

@Suite("The plan of renewals")
struct RenewalPlanTests {
    @Test(
        "renews at half of a life, +-10 %, and at the latest after half an hour",
        arguments: [10, 60, 3600, 7200, 86_400])
    func rest(life: Int) {
        var chance = Chance(seed: 9)
        let now = Instant(nanoseconds: 0)
        let half = min(Double(life) / 2, 1800)
        var all: [Double] = []
        for _ in 0..<200 {
            let plan = RenewalPlan(
                until: WallTime(seconds: Int64(1000 + life)), at: now, WallTime(seconds: 1000), chance: &chance)
            all.append(Double(plan.rest.components.seconds) + Double(plan.rest.components.attoseconds) / 1e18)
        }
        #expect(all.allSatisfy { $0 >= half * 0.9 - 1e-6 && $0 <= half * 1.1 + 1e-6 })
        #expect(all.min()! < half * 0.92 && all.max()! > half * 1.08)
    }

    @Test("goes by the clock that shows more")
    func clocks() {
        var chance = Chance(seed: 9)
        let start = WallTime(seconds: 1000)
        let plan = RenewalPlan(until: WallTime(seconds: 8200), at: .init(nanoseconds: 0), start, chance: &chance)
        let later = Instant(nanoseconds: 5400 * 1_000_000_000)
        #expect(!plan.isOverdue(at: .init(nanoseconds: 0), start))
        #expect(plan.isOverdue(at: later, start))
        #expect(plan.isOverdue(at: .init(nanoseconds: 0), WallTime(seconds: 1000 + 5400)))
        #expect(!plan.isOverdue(at: .init(nanoseconds: 0), WallTime(seconds: 1000 + 5399)))
        #expect(plan.wait(at: later, start) == .zero)
        #expect(!plan.isOver(at: later, start) && plan.isOver(at: later, WallTime(seconds: 8200)))
    }

    @Test("tries again after 1 s, doubling to 30 s")
    func pauses() {
        var chance = Chance(seed: 9)
        var plan = RenewalPlan(
            until: WallTime(seconds: 8200), at: .init(nanoseconds: 0), WallTime(seconds: 1000), chance: &chance)
        for expected in [1, 2, 4, 8, 16, 30, 30, 30] {
            let pause = plan.pauseAfterFailure(&chance)
            #expect(pause <= .seconds(expected) && pause >= .seconds(expected) * 0.8)
        }
    }
}
