import Testing
import Timebase

@Suite("A year of identities")
struct YearTests {
    @Test(
        "passes without a failed handshake: renewals each half hour, two new roots, control away for 45 minutes, clocks off by a minute"
    )
    func year() throws {
        var year = try Year(seed: 2026, .init())
        let report = try year.run()
        #expect(report.failures == [])
        #expect(report.renewals > 3 * 365 * 48 * 9 / 10, "\(report)")
        #expect(report.outages > 50 && report.rotations == 2 && report.refusedSteps > 0, "\(report)")
        #expect(report.handshakes > 2000, "\(report)")
    }

    @Test("would not pass with leaves of one hour: an outage of 45 minutes outlives them")
    func shorterLeaves() throws {
        var settings = Year.Settings()
        settings.days = 20
        settings.leafLifetime = .seconds(3600)
        var year = try Year(seed: 2026, settings)
        let report = try year.run()
        #expect(report.failures.contains { $0.contains("expired") }, "\(report)")
    }

    @Test("would pass with leaves of one hour, if the control plane were away for 25 minutes at most")
    func shorterOutages() throws {
        var settings = Year.Settings()
        settings.days = 20
        settings.leafLifetime = .seconds(3600)
        settings.outage = 24 * 60
        var year = try Year(seed: 2026, settings)
        let report = try year.run()
        #expect(report.failures == [], "\(report)")
    }
}
