import MeshAPI
import RPC
import Reactor
import Simulation
import Synchronization
import Testing
import Timebase

@testable import Control
@testable import Membership
@testable import Transport

/// Policies from an operator to all members and back, on virtual time.
@Suite("A configuration")
struct ConfigurationTests {
    private func policy(retries: UInt32) -> WeftPolicyV1.MeshPolicy {
        var retry = WeftPolicyV1.Retry()
        retry.retries = retries
        var service = WeftPolicyV1.ServicePolicy()
        service.service = "course"
        service.retry = retry
        var policy = WeftPolicyV1.MeshPolicy()
        policy.services = [service]
        return policy
    }

    /// The answer's hash.
    private func apply(_ retries: UInt32, by member: TownMember, in town: Town) throws -> String {
        var request = WeftControlV1.ApplyRequest()
        request.policy = policy(retries: retries)
        let (asked, membership) = (request, member.membership)
        return try town.on(member.loop) {
            let client = WeftControlV1.ConfigurationClient(membership.channel)
            return try await client.apply(asked, options: CallOptions(timeout: .seconds(10))).hash
        }
    }

    /// How far it is: each member with what it goes by. With a hash, once everybody has answered.
    private func rollout(_ hash: String = "", seenBy member: TownMember, in town: Town) throws -> [String] {
        var request = WeftControlV1.WatchRolloutRequest()
        request.hash = hash
        let (asked, membership) = (request, member.membership)
        let rollout = try town.on(member.loop) {
            let client = WeftControlV1.ConfigurationClient(membership.channel)
            return try await client.watchRollout(asked, options: CallOptions(timeout: .seconds(60))) { rollouts in
                var last = WeftControlV1.Rollout()
                for try await rollout in rollouts {
                    last = rollout
                    if asked.hash.isEmpty { break }
                }
                return last
            }
        }
        return rollout.members.map { row in
            let state = row.hash == rollout.hash ? "in sync" : row.refusedVersion.isEmpty ? "waits" : "refuses"
            return "\(row.instance) \(state)"
        }
    }

    /// An operator, who only looks, and members of the service.
    private func start(_ town: Town, _ names: [String]) throws -> (operator: TownMember, members: [Follower]) {
        let chief = try town.member("operator", "operator-1")
        chief.join()
        let followers = try names.map { name in
            let follower = Follower(try town.member("course", name))
            follower.start()
            return follower
        }
        try town.until { chief.leaf != nil && followers.allSatisfy { $0.endpoints == names.count } }
        return (chief, followers)
    }

    @Test("is taken by all members, and the rollout is over when the last has said so")
    func taken() throws {
        let town = try Town(seed: 21)
        let (chief, members) = try start(town, ["course-1", "course-2", "course-3"])
        let hash = try apply(4, by: chief, in: town)
        #expect(
            try rollout(hash, seenBy: chief, in: town)
                == ["course-1 in sync", "course-2 in sync", "course-3 in sync"])
        #expect(members.map(\.retries) == [4, 4, 4])
    }

    @Test("that one member refuses is an answer, and the others go by it")
    func refused() throws {
        let town = try Town(seed: 22)
        let (chief, members) = try start(town, ["course-1", "course-2"])
        _ = try rollout(try apply(1, by: chief, in: town), seenBy: chief, in: town)
        members[1].refuses = 4
        let hash = try apply(4, by: chief, in: town)
        #expect(try rollout(hash, seenBy: chief, in: town) == ["course-1 in sync", "course-2 refuses"])
        #expect(members.map(\.retries) == [4, 1])
        #expect(town.log.count("a member refuses a configuration") == 1)
        // The next one is right for both.
        let next = try apply(2, by: chief, in: town)
        #expect(try rollout(next, seenBy: chief, in: town) == ["course-1 in sync", "course-2 in sync"])
    }

    @Test("waits for no member that died: its lease ends by itself")
    func died() throws {
        let town = try Town(seed: 23)
        let (chief, members) = try start(town, ["course-1", "course-2"])
        let crashed = town.simulation.now
        town.simulation.crash(members[1].member.host)
        try town.until(.seconds(30)) { members[0].endpoints == 1 }
        let rest = crashed.duration(to: town.simulation.now)
        #expect(rest >= .seconds(5) && rest <= .seconds(12), "\(rest)")
        let hash = try apply(3, by: chief, in: town)
        #expect(try rollout(hash, seenBy: chief, in: town) == ["course-1 in sync"])
    }

    @Test("is there again after the control plane died, and members say by their watch that they go by it")
    func restarted() throws {
        let town = try Town(seed: 24)
        let (chief, members) = try start(town, ["course-1", "course-2"])
        let hash = try apply(3, by: chief, in: town)
        _ = try rollout(hash, seenBy: chief, in: town)
        try town.simulation.run(for: .seconds(2))
        town.crashControl()
        try town.simulation.run(for: .seconds(5))
        let seen = members.map(\.seen)
        try town.startControl()
        try town.simulation.run(for: .seconds(20))
        #expect(try rollout(hash, seenBy: chief, in: town) == ["course-1 in sync", "course-2 in sync"])
        #expect(members.map(\.retries) == [3, 3])
        #expect(members.map(\.endpoints) == [2, 2], "nobody was forgotten meanwhile")
        // The same content has the same version: nothing was sent again.
        #expect(members.map(\.seen) == seen)
    }

    @Test("stays in force while the control plane is away for an hour")
    func lastKnownGood() throws {
        let town = try Town(seed: 25)
        let (chief, members) = try start(town, ["course-1"])
        _ = try rollout(try apply(3, by: chief, in: town), seenBy: chief, in: town)
        town.cutControl()
        try town.simulation.run(for: .seconds(3600))
        #expect(members[0].retries == 3)
        town.healControl()
        try town.simulation.run(for: .seconds(30))
        let hash = try apply(5, by: chief, in: town)
        #expect(try rollout(hash, seenBy: chief, in: town) == ["course-1 in sync"])
    }

    @Test("is asked for when an instance cannot be reached, at most once a second")
    func doubted() throws {
        let town = try Town(seed: 26)
        let (_, members) = try start(town, ["course-1"])
        let before = town.log.count("a call")
        let asked = members[0]
        for _ in 0..<50 {
            asked.member.loop.execute { asked.member.membership.doubtRegistry() }
            try town.simulation.run(for: .milliseconds(100))
        }
        // It knew the latest version all the time, and was told nothing twice.
        #expect(asked.seen <= 3)
        #expect(town.log.count("a call") == before)
    }

    @Test("is refused to who is no operator")
    func strangers() throws {
        let town = try Town(seed: 27)
        let (_, members) = try start(town, ["course-1"])
        let error = #expect(throws: RPCError.self) { try apply(1, by: members[0].member, in: town) }
        #expect(error?.code == .permissionDenied)
        #expect(members[0].retries == nil)
    }
}

/// What a sidecar makes of snapshots: it goes by what they say of retries.
private final class Follower: @unchecked Sendable {  // touched by the simulation's one thread
    let member: TownMember
    private(set) var retries: UInt32?
    private(set) var endpoints = 0
    /// Snapshots that came.
    private(set) var seen = 0
    /// What it cannot go by.
    var refuses: UInt32?

    init(_ member: TownMember) {
        self.member = member
    }

    func start() {
        let (membership, loop) = (member.membership, member.loop)
        loop.execute {
            Task.immediate(executorPreference: loop) {
                try await membership.join()
                Task.immediate(executorPreference: loop) { try await membership.watchRegistry { self.take($0) } }
                Task.immediate(executorPreference: loop) { await membership.keepReporting() }
                Task.immediate(executorPreference: loop) { try await membership.keepAsking { self.take($0) } }
                Task.immediate(executorPreference: loop) {
                    try await membership.keepLease(at: "10.9.9.9:4143") { true }
                }
                try await membership.keepIdentity()
            }
        }
    }

    private func take(_ snapshot: WeftControlV1.Snapshot) -> [String] {
        seen += 1
        let course = snapshot.services.first { $0.name == "course" }
        endpoints = course?.endpoints.count ?? 0
        let said = course?.policy?.retry?.retries
        if let refuses, said == refuses { return ["services[course].retry.retries: \(refuses) is too much"] }
        retries = said
        return []
    }
}

extension TownMember {
    /// Only an identity: it watches nothing.
    fileprivate func join() {
        let membership = membership
        loop.execute { [loop] in
            Task.immediate(executorPreference: loop) {
                try await membership.join()
                try await membership.keepIdentity()
            }
        }
    }
}
