import MeshAPI
import RPC
import Reactor
import Simulation
import Testing
import Timebase

@testable import Control
@testable import Membership
@testable import ServiceKit
@testable import Transport

@Suite("A rotation of the root")
struct RotationTests {
    @Test("takes three steps, none before it can break nothing, and survives a restart between them")
    func steps() throws {
        let town = try Town(seed: 11)
        let course = try town.member("course", "course-1", skew: .seconds(-60))
        let web = try town.member("web", "web-1", skew: .seconds(60))
        let operating = try town.member("operator", "operator-1")
        for member in town.members { member.start() }
        try town.until { town.members.allSatisfy { $0.leaf != nil } }
        for member in town.members { try member.listen() }
        func shakeHands() throws {
            #expect(try web.shakeHands(with: course) == nil)
            #expect(try course.shakeHands(with: web) == nil)
        }
        try shakeHands()
        let first = course.identity.current!.roots

        // Nothing to use or to drop yet.
        #expect(try refusal(of: .use, town, operating).contains("there is no other root to use"))

        // Who cannot be told is waited for.
        town.simulation.cut(town.control, web.host)
        try town.simulation.run(for: .seconds(40))
        try step(.add, town, operating)
        try town.until(.seconds(5)) { course.identity.current!.roots.count == 2 }
        try town.simulation.run(for: .seconds(5))
        #expect(try refusal(of: .use, town, operating).contains("web-1 would refuse certificates"))
        town.simulation.heal(town.control, web.host)
        try town.until(.seconds(30)) { web.identity.current!.roots.count == 2 }
        try shakeHands()

        // The steps are kept.
        try town.simulation.run(for: .seconds(5))
        town.crashControl()
        try town.startControl()
        try town.simulation.run(for: .seconds(30))
        try step(.use, town, operating)
        try shakeHands()
        let refused = try refusal(of: .drop, town, operating)
        #expect(refused.contains("course-1, operator-1, web-1 still hold certificates"), "\(refused)")

        // One leaf of the new root, one of the old one: both are believed.
        try town.until(.seconds(3600)) {
            course.leaf?.issuer != nil && course.status.issued == 2 || web.status.issued == 2
        }
        try shakeHands()
        try town.until(.seconds(3600)) { town.members.allSatisfy { $0.status.issued >= 2 } }
        try step(.drop, town, operating)
        try town.until(.seconds(10)) { town.members.allSatisfy { $0.identity.current!.roots.count == 1 } }
        #expect(course.identity.current!.roots != first)
        try shakeHands()
        try town.until(.seconds(3600)) { town.members.allSatisfy { $0.status.issued >= 3 } }
        try shakeHands()
        for member in town.members { #expect(member.identity.journal.failed.isEmpty, "\(member.instance)") }
        #expect(try town.files.readText("state/roots/\(first[0].fingerprint).key") == "")
    }

    @Test("that is forced cuts off who was away, who comes back by its token and the new roots file")
    func forced() throws {
        let town = try Town(seed: 12)
        let course = try town.member("course", "course-1")
        let operating = try town.member("operator", "operator-1")
        for member in town.members { member.start() }
        try town.until { town.members.allSatisfy { $0.leaf != nil } }
        town.simulation.cut(town.control, course.host)
        try town.simulation.run(for: .seconds(40))
        try step(.add, town, operating)
        try step(.use, town, operating, force: true)
        try town.until(.seconds(3600)) { operating.status.issued == 2 }
        try step(.drop, town, operating, force: true)
        town.simulation.heal(town.control, course.host)
        try town.until(.seconds(2 * 3600)) { course.status.issued == 2 }
        #expect(course.identity.current!.roots.count == 1)
        #expect(course.identity.current!.roots == operating.identity.current!.roots)
        #expect(course.identity.journal.failed.contains { $0.check == .unknownAuthority || $0.check == .badSignature })
    }

    @Test("is not for everybody")
    func strangers() throws {
        let town = try Town(seed: 13)
        let course = try town.member("course", "course-1")
        course.start()
        try town.until { course.leaf != nil }
        #expect(try refusal(of: .add, town, course).contains("'course' may not change roots"))
    }

    private enum Step { case add, use, drop }

    private func step(_ step: Step, _ town: Town, _ member: TownMember, force: Bool = false) throws {
        let membership = member.membership
        try town.on(member.loop) {
            let client = WeftControlV1.RootsClient(membership.channel)
            let options = CallOptions(timeout: .seconds(5))
            switch step {
            case .add: _ = try await client.addRoot(.init(), options: options)
            case .use:
                var request = WeftControlV1.UseRootRequest()
                request.force = force
                _ = try await client.useRoot(request, options: options)
            case .drop:
                var request = WeftControlV1.DropRootRequest()
                request.force = force
                _ = try await client.dropRoot(request, options: options)
            }
        }
    }

    private func refusal(of step: Step, _ town: Town, _ member: TownMember) throws -> String {
        do {
            try self.step(step, town, member)
            return "not refused"
        } catch let error as RPCError {
            return error.message
        }
    }
}
