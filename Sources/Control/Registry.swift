internal import Timebase

/// Who is there: every instance that registered and kept its lease.
///
///     register ──▶ leased ──renew──▶ leased ──┬─ttl without renew──▶ gone
///                                             └─deregister────────▶ gone
///
/// An instance that registers again replaces its own older entry, so that a restart leaves no ghost.
struct Registry: ~Copyable {
    struct Entry: Equatable {
        let service: String
        let instance: String
        let address: String
        /// What it runs, and where operators reach it; empty if nobody said.
        var version = ""
        var admin = ""
        let spiffeID: String
        let lease: String
        var expiry: Instant
    }

    /// Long enough for a pause of two renewals, short enough that a dead machine is out soon.
    static let leaseTTL: Duration = .seconds(10)
    /// How long an instance from before a restart stays without a word from it: members that could not reach the control
    /// plane try again every 10 s at the latest, each for 5 s.
    static let restoredTTL: Duration = .seconds(30)
    /// One machine's worth of a mesh, by far; past it a new registration is refused.
    static let maxEntries = 10_000

    private(set) var entries: [Entry] = []

    enum RegisterOutcome {
        case registered(lease: String)
        case full
    }

    mutating func register(
        service: String, instance: String, address: String, version: String = "", admin: String = "",
        spiffeID: String, lease: String, at now: Instant, lasting ttl: Duration = leaseTTL
    ) -> RegisterOutcome {
        let entry = Entry(
            service: service, instance: instance, address: address, version: version, admin: admin,
            spiffeID: spiffeID, lease: lease, expiry: now.advanced(by: ttl))
        if let place = entries.firstIndex(where: { $0.service == service && $0.instance == instance }) {
            // In the same place: one that comes back as it was changes nothing that watchers see.
            entries[place] = entry
        } else {
            guard entries.count < Self.maxEntries else { return .full }
            entries.append(entry)
        }
        return .registered(lease: lease)
    }

    /// Answers false for a lease that is not there: it ended, or never was.
    mutating func renew(lease: String, owner: String, at now: Instant) -> Bool {
        guard let index = entries.firstIndex(where: { $0.lease == lease && $0.spiffeID == owner }) else { return false }
        entries[index].expiry = now.advanced(by: Self.leaseTTL)
        return true
    }

    /// Answers what was taken out, if there was anything.
    mutating func deregister(lease: String, owner: String) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.lease == lease && $0.spiffeID == owner }) else { return nil }
        return entries.remove(at: index)
    }

    /// Gives every instance its whole time again. A control plane that stood still, because its machine was paused or had no
    /// processor to give, has heard nobody: that members did not renew their leases says nothing about them.
    mutating func forgiveAll(at now: Instant) {
        for index in entries.indices {
            entries[index].expiry = max(entries[index].expiry, now.advanced(by: Self.leaseTTL))
        }
    }

    /// Takes out what was not renewed in time and answers it.
    mutating func expire(at now: Instant) -> [Entry] {
        let dead = entries.filter { $0.expiry <= now }
        if !dead.isEmpty {
            entries.removeAll { $0.expiry <= now }
        }
        return dead
    }
}
