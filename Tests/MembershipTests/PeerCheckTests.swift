import Exchange
import Testing
import Timebase

@testable import Transport

/// A certificate that is wrong in one way, and how either side says so.
struct PeerFault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let check: HandshakeCheck
    let says: String
    /// What whoever showed it hears by the alert.
    let hears: String
    let make: @Sendable (PeerCheckTests) throws -> IdentityBox
}

@Suite("A peer's certificate")
struct PeerCheckTests {
    static let now = WallTime(seconds: 1_800_000_000)
    let authority: CertificateAuthority

    init() throws {
        authority = try Self.authority("weft.local")
    }

    static func authority(_ domain: String) throws -> CertificateAuthority {
        try CertificateAuthority.create(trustDomain: domain, validity: .seconds(86_400), now: now)
    }

    static func id(_ service: String, _ domain: String = "weft.local") -> String {
        "spiffe://\(domain)/ns/default/sa/\(service)"
    }

    func box(
        _ service: String = "course", of signer: CertificateAuthority? = nil, life: Int64 = 3600, begins: Int64 = 0
    ) throws -> IdentityBox {
        let signer = signer ?? authority
        let key = try PrivateKey.generateP256()
        let leaf = try signer.issue(
            request: CertificateRequest.make(key: key, commonName: service),
            spiffeID: Self.id(service, signer.trustDomain), validity: .seconds(life),
            now: WallTime(seconds: Self.now.seconds + begins))
        return IdentityBox(try Identity(chain: [leaf], key: key, roots: authority.roots))
    }

    static let faults: [PeerFault] = [
        .init(
            testDescription: "of an unknown root", check: .unknownAuthority, says: "unable to get local issuer",
            hears: "does not know the authority"
        ) { try $0.box(of: authority("other.local")) },
        .init(
            testDescription: "of a root with the same name", check: .unknownAuthority,
            says: "unable to get local issuer", hears: "does not know the authority"
        ) { try $0.box(of: authority("weft.local")) },
        .init(
            testDescription: "that ended 21 s ago", check: .expired, says: "has expired",
            hears: "has expired or is not valid"
        ) { try $0.box(life: 600, begins: -621) },
        .init(
            testDescription: "that begins in 21 s", check: .notYetValid, says: "not yet valid",
            hears: "has expired or is not valid"
        ) { try $0.box(begins: 180 + 21) },
        .init(
            testDescription: "of an authority", check: .purpose, says: "certificate purpose",
            hears: "refuses our certificate"
        ) { tests in
            IdentityBox(
                try Identity(
                    chain: [tests.authority.certificate], key: tests.authority.key, roots: tests.authority.roots))
        },
    ]

    @Test("is refused by a server, and by a client, with the reason in both journals", arguments: faults)
    func refused(_ fault: PeerFault) throws {
        for isServer in [false, true] {
            let bad = try fault.make(self)
            let good = try box("web")
            let failure = try #require(
                try isServer
                    ? Handshake.between(
                        client: good, at: Self.now, expecting: .spiffe(Self.id("course")), server: bad, at: Self.now)
                    : Handshake.between(
                        client: bad, at: Self.now, expecting: .spiffe(Self.id("web")), server: good, at: Self.now))
            #expect(failure.cause == fault.check.cause && failure.detail.contains(fault.says), "\(failure)")
            let judged = try #require(good.journal.failed.first)
            #expect(judged.check == fault.check && judged.direction == (isServer ? .outbound : .inbound))
            #expect(judged.presented.first == bad.current?.chain.first)
            #expect(judged.own == good.current?.chain.first)
        }
    }

    @Test("is believed by clocks that are 20 s off, also at its last second")
    func skew() throws {
        let web = try box("web")
        for course in [try box(life: 600, begins: -620 + 1), try box(begins: 180 + 20)] {
            #expect(
                try Handshake.between(
                    client: web, at: Self.now, expecting: .spiffe(Self.id("course")), server: course, at: Self.now)
                    == nil)
        }
    }

    @Test("of another service or trust domain is refused by the name that was expected")
    func names() throws {
        let web = try box("web")
        let edge = try box("edge")
        let failure = try Handshake.between(
            client: web, at: Self.now, expecting: .spiffe(Self.id("course")), server: edge, at: Self.now)
        #expect(failure?.detail.contains("it is for \(Self.id("edge")), not for \(Self.id("course"))") == true)
        #expect(web.journal.failed.first?.check == .otherService)
        let other = try Handshake.between(
            client: web, at: Self.now, expecting: .spiffe(Self.id("edge")), server: edge, at: Self.now,
            domain: "other.local")
        #expect(other?.detail.contains("not for the trust domain other.local") == true)
        #expect(edge.journal.failed.first?.check == .trustDomain)
    }
}

@Suite("The journal of handshakes")
struct HandshakeJournalTests {
    @Test("counts what happens again, keeps 64 of what does not, and one good one of each peer")
    func bounds() throws {
        let tests = try PeerCheckTests()
        let web = try tests.box("web")
        for _ in 0..<3 {
            let edge = try tests.box("edge")
            for _ in 0..<2 {
                _ = try Handshake.between(
                    client: web, at: PeerCheckTests.now, expecting: .spiffe(PeerCheckTests.id("course")), server: edge,
                    at: PeerCheckTests.now)
            }
        }
        #expect(web.journal.failed.map(\.times) == [2, 2, 2])
        for number in 0..<80 {
            _ = try Handshake.between(
                client: web, at: PeerCheckTests.now, expecting: .spiffe("spiffe://weft.local/other/\(number)"),
                server: try tests.box("edge"), at: PeerCheckTests.now)
        }
        #expect(web.journal.failed.count == 64)
        #expect(web.journal.failed.first?.expected == .spiffe("spiffe://weft.local/other/79"))
        let course = try tests.box("course")
        for _ in 0..<5 {
            #expect(
                try Handshake.between(
                    client: web, at: PeerCheckTests.now, expecting: .spiffe(PeerCheckTests.id("course")),
                    server: course, at: PeerCheckTests.now) == nil)
        }
        let good = web.journal.all.filter { $0.check == nil }
        #expect(good.count == 1 && good[0].times == 5 && good[0].peerID == PeerCheckTests.id("course"))
    }
}
