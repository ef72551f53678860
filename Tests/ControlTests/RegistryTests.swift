import Testing
import Timebase

@testable import Control

/// Leases: who is there, and until when.
struct RegistryTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func register(_ registry: inout Registry, _ instance: String, lease: String, at now: Instant) {
        _ = registry.register(
            service: "course", instance: instance, address: "127.0.0.1:1", spiffeID: "spiffe://t/ns/d/sa/course",
            lease: lease, at: now)
    }

    @Test("a lease that is not renewed ends, one that is renewed lasts")
    func leases() {
        var registry = Registry()
        register(&registry, "a", lease: "1", at: at(0))
        register(&registry, "b", lease: "2", at: at(0))
        let isRenewed = registry.renew(lease: "2", owner: "spiffe://t/ns/d/sa/course", at: at(8))
        let early = registry.expire(at: at(9))
        let late = registry.expire(at: at(10)).map(\.instance)
        let left = registry.entries.map(\.instance)
        let isRevived = registry.renew(lease: "1", owner: "spiffe://t/ns/d/sa/course", at: at(11))
        #expect(isRenewed)
        #expect(early.isEmpty)
        #expect(late == ["a"])
        #expect(left == ["b"])
        #expect(!isRevived)
    }

    @Test("an instance that comes back replaces its own entry")
    func replaced() {
        var registry = Registry()
        register(&registry, "a", lease: "1", at: at(0))
        register(&registry, "a", lease: "2", at: at(5))
        let leases = registry.entries.map(\.lease)
        #expect(leases == ["2"])
    }

    @Test("nobody renews or takes out another's lease")
    func owners() {
        var registry = Registry()
        register(&registry, "a", lease: "1", at: at(0))
        let isRenewedByOther = registry.renew(lease: "1", owner: "spiffe://t/ns/d/sa/other", at: at(1))
        let isTakenByOther = registry.deregister(lease: "1", owner: "spiffe://t/ns/d/sa/other") != nil
        let isTaken = registry.deregister(lease: "1", owner: "spiffe://t/ns/d/sa/course") != nil
        #expect(!isRenewedByOther)
        #expect(!isTakenByOther)
        #expect(isTaken)
    }

    @Test func `after a stall of the control plane itself, nobody's silence counts`() {
        var registry = Registry()
        _ = registry.register(
            service: "course", instance: "course-1", address: "a:1", spiffeID: "spiffe://t/ns/d/sa/course", lease: "1",
            at: at(0))
        registry.forgiveAll(at: at(60))
        #expect(registry.expire(at: at(60)).isEmpty)
        #expect(registry.expire(at: at(71)).map(\.instance) == ["course-1"])
    }
}

struct MemberTests {
    @Test("the service in a SPIFFE id of the mesh, and in no other")
    func service() {
        let domain = TrustDomain(name: "weft.local", namespace: "default")
        #expect(domain.service(in: "spiffe://weft.local/ns/default/sa/course") == "course")
        #expect(domain.service(in: "spiffe://weft.local/ns/other/sa/course") == nil)
        #expect(domain.service(in: "spiffe://evil/ns/default/sa/course") == nil)
        #expect(domain.service(in: "spiffe://weft.local/ns/default/sa/course/x") == nil)
        #expect(domain.service(in: "spiffe://weft.local/ns/default/sa/") == nil)
    }

    @Test("a join token vouches for its own service alone")
    func tokens() throws {
        let tokens = try JoinTokens(text: "# who\ncourse 0123456789abcdef\nedge fedcba9876543210\n", file: "t")
        #expect(tokens.vouch(for: "course", token: "0123456789abcdef"))
        #expect(!tokens.vouch(for: "course", token: "fedcba9876543210"))
        #expect(!tokens.vouch(for: "course", token: ""))
        #expect(!tokens.vouch(for: "other", token: "0123456789abcdef"))
        #expect(throws: ControlConfig.Fault.self) { try JoinTokens(text: "course short\n", file: "t") }
    }
}
