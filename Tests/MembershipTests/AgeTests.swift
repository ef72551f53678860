import Exchange
import RPC
import Reactor
import Simulation
import Testing
import Timebase

@testable import Membership
@testable import Transport

@Suite("A connection's age")
struct AgeTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let life: String
        let minutes: ClosedRange<Int>
        var testDescription: String { "leaves of \(life): \(minutes.lowerBound) to \(minutes.upperBound) minutes" }
    }

    @Test(
        "ends at half an hour, five minutes before a certificate does, or at half of what a short one has left",
        arguments: [
            Row(life: "2h", minutes: 26...33), Row(life: "20m", minutes: 14...15), Row(life: "12m", minutes: 6...7),
            Row(life: "8m", minutes: 3...4),
        ])
    func age(_ row: Row) throws {
        let town = try Town(seed: 21, leafLifetime: row.life)
        let course = try town.member("course", "course-1")
        let web = try town.member("web", "web-1")
        for member in town.members { member.start() }
        try town.until { town.members.allSatisfy { $0.leaf != nil } }
        try course.listen(limits: Self.patient)
        let rule = PeerRule.spiffe("spiffe://weft.local/ns/default/sa/course")
        let pool = ConnectionPool(
            to: .ip(course.host.addresses[0], port: 4143), network: web.host.network, loop: web.loop,
            security: .tls(TLSClientContext(identity: web.identity, serverRule: rule)), limits: Self.patient)
        web.loop.execute { pool.connect() }
        try town.until { pool.state == .ready }
        let begun = town.simulation.now
        try town.until(.seconds(3600)) { pool.state != .ready }
        let minutes = Int(begun.duration(to: town.simulation.now).components.seconds / 60)
        #expect(row.minutes.contains(minutes), "\(minutes)")
        // It was ended in order, not broken, and the next one is made with what the members have now.
        #expect(pool.state == .idle)
        web.loop.execute { pool.connect() }
        try town.until { pool.state == .ready }
        #expect(town.members.allSatisfy { $0.identity.journal.failed.isEmpty })
    }

    /// Nothing but its age ends a connection.
    private static var patient: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.idleTimeout = nil
        return limits
    }
}
