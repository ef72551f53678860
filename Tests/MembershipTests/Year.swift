import Exchange
import Timebase

@testable import Control
@testable import Membership
@testable import Transport

/// A mesh's identities over months of simulated time: real keys, certificates and handshakes, the real plan of renewals and
/// the real book of roots; only sockets and processes are left out.
///
/// Time goes from one thing to the next: a renewal, an outage's begin or end, a step of a rotation.
struct Year {
    struct Settings {
        var days = 365
        var leafLifetime = Duration.seconds(2 * 3600)
        /// How far each member's clock is ahead.
        var skews: [Int64] = [-60, 0, 60]
        var controlSkew: Int64 = 60
        var outage: Int64 = 45 * 60
        /// Days on which a rotation of the root begins.
        var rotations: Set<Int> = [97, 251]
        /// Every so many renewals there is a handshake, beside those around outages and rotations.
        var handshakeEvery = 24
    }

    struct Report: Equatable {
        var renewals = 0
        var handshakes = 0
        var failures: [String] = []
        var outages = 0
        var rotations = 0
        /// Steps of rotations that were refused since somebody was not ready.
        var refusedSteps = 0
    }

    private struct Member {
        let name: String
        let skew: Int64
        let box = IdentityBox()
        var plan: RenewalPlan?
        /// By the world's clock.
        var next: Int64 = 0
        var id: String { "spiffe://weft.local/ns/default/sa/\(name)" }
    }

    private enum Step { case add, use, drop }

    private let settings: Settings
    private var chance: Chance
    private var book: RootBook
    private var members: [Member]
    private var now: Int64
    private let start: Int64
    private var outageEnds: Int64 = 0
    private var nextOutage: Int64
    private var step: (what: Step, at: Int64)?
    private var report = Report()
    /// Keys in turn, as making a new one each time is half of the year's work: the certificates are made and checked anew.
    private let keys: [(PrivateKey, CertificateRequest)]

    private static let day: Int64 = 86_400

    init(seed: UInt64, _ settings: Settings) throws {
        self.settings = settings
        chance = Chance(seed: seed)
        start = 1_800_000_000
        now = start
        book = RootBook(
            try CertificateAuthority.create(
                trustDomain: "weft.local", validity: .seconds(10 * 365 * 86_400), now: WallTime(seconds: start)))
        members = settings.skews.enumerated().map { Member(name: "member-\($0.offset)", skew: $0.element) }
        nextOutage = start + 3 * Self.day
        keys = try (0..<32).map { _ in
            let key = try PrivateKey.generateP256()
            let request = try CertificateRequest.make(key: key, commonName: "member")
            return (key, try CertificateRequest(der: request.der))
        }
    }

    mutating func run() throws -> Report {
        for index in members.indices { try renew(index) }
        var rotationDays = settings.rotations.sorted()
        let end = start + Int64(settings.days) * Self.day
        while now < end {
            let index = members.indices.min { members[$0].next < members[$1].next }!
            now = max(now, members[index].next)
            if let day = rotationDays.first, now >= start + Int64(day) * Self.day, step == nil {
                rotationDays.removeFirst()
                step = (.add, now)
            }
            try beginOutage(before: index)
            try takeStep()
            try renew(index)
        }
        return report
    }

    // MARK: Outages

    /// Outages begin at the worst moment: just before somebody would have renewed.
    private mutating func beginOutage(before index: Int) throws {
        guard now >= nextOutage, outageEnds < now else { return }
        outageEnds = now + settings.outage
        report.outages += 1
        nextOutage = now + Int64(chance.fraction() * 10 * Double(Self.day)) + Self.day
        // Then the oldest leaves of all are shown, by the clocks that are furthest apart.
        let resumed = now
        now = outageEnds
        try shakeHandsAll()
        now = resumed
    }

    private var isOut: Bool { now < outageEnds }

    // MARK: Renewals

    private mutating func renew(_ index: Int) throws {
        if isOut {
            var plan = members[index].plan
            let pause = plan?.pauseAfterFailure(&chance) ?? .seconds(1)
            members[index].plan = plan
            members[index].next = now + max(1, pause.components.seconds)
            return
        }
        let (key, request) = keys[report.renewals % keys.count]
        let controlTime = WallTime(seconds: now + settings.controlSkew)
        let leaf = try book.signer.issue(
            request: request, spiffeID: members[index].id, validity: settings.leafLifetime, now: controlTime)
        book.issued(to: .init(service: members[index].name, instance: "1"), until: leaf.notAfter, at: controlTime)
        members[index].box.replace(try Identity(chain: [leaf], key: key, roots: book.roots.map(\.certificate)))
        let wall = WallTime(seconds: now + members[index].skew)
        let instant = Instant(nanoseconds: (now - start) * 1_000_000_000)
        let plan = RenewalPlan(until: leaf.notAfter, at: instant, wall, chance: &chance)
        members[index].plan = plan
        members[index].next = now + plan.rest.components.seconds
        report.renewals += 1
        if report.renewals % settings.handshakeEvery == 0 {
            try shakeHands(index, (index + 1 + Int(chance.fraction() * 1.99)) % members.count)
        }
    }

    // MARK: Rotations

    private mutating func takeStep() throws {
        guard let due = step, now >= due.at, !isOut else { return }
        let controlTime = WallTime(seconds: now + settings.controlSkew)
        do {
            switch due.what {
            case .add:
                let root = try CertificateAuthority.create(
                    trustDomain: "weft.local", validity: .seconds(10 * 365 * 86_400), now: controlTime)
                try book.add(root, at: controlTime)
                // The watch tells all but the last member, which hears of it with its next certificate.
                try tell(members.indices.dropLast())
                step = (.use, now)
            case .use:
                try book.use("", force: false, at: controlTime)
                step = (.drop, now)
            case .drop:
                _ = try book.drop("", force: false, at: controlTime)
                try tell(members.indices)
                report.rotations += 1
                step = nil
            }
            try shakeHandsAll()
        } catch is RootBook.Refusal {
            report.refusedSteps += 1
            step?.at = now + 60
        }
    }

    private mutating func tell(_ told: Range<Int>) throws {
        for index in told {
            let roots = book.roots.map(\.certificate)
            if let identity = members[index].box.current { members[index].box.replace(try identity.trusting(roots)) }
            book.heard(.init(service: members[index].name, instance: "1"), trusts: Set(roots.map(\.fingerprint)))
        }
    }

    // MARK: Handshakes

    private mutating func shakeHandsAll() throws {
        for one in members.indices {
            for other in members.indices where one != other { try shakeHands(one, other) }
        }
    }

    private mutating func shakeHands(_ one: Int, _ other: Int) throws {
        report.handshakes += 1
        let failure = try Handshake.between(
            client: members[one].box, at: WallTime(seconds: now + members[one].skew),
            expecting: .spiffe(members[other].id), server: members[other].box,
            at: WallTime(seconds: now + members[other].skew))
        if let failure, report.failures.count < 5 {
            report.failures.append("day \((now - start) / Self.day), \(one) to \(other): \(failure.detail)")
        }
    }
}
