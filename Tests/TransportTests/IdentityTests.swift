import Testing
import Timebase

@testable import Transport

@Suite("Certificates")
struct IdentityTests {
    static let now = WallTime(seconds: 1_800_000_000)
    let authority: CertificateAuthority

    init() throws {
        authority = try CertificateAuthority.create(
            trustDomain: "weft.local", validity: .seconds(86_400), now: IdentityTests.now)
    }

    private func request(_ key: PrivateKey) throws -> CertificateRequest {
        // The request goes to the authority as bytes, so it is parsed from them here as well.
        try CertificateRequest.parse(try CertificateRequest.make(key: key, commonName: "anything").der)
    }

    @Test("of the authority name the trust domain and may sign")
    func root() throws {
        let root = authority.certificate
        #expect(root.isAuthority)
        #expect(root.maySign)
        #expect(root.uris == ["spiffe://weft.local"])
        #expect(root.spiffeID == "spiffe://weft.local")
        #expect(root.notBefore == WallTime(seconds: 1_800_000_000 - 180))
        #expect(root.notAfter == WallTime(seconds: 1_800_086_400))
        #expect(root.subject == "CN=weft.local mesh authority")
        #expect(root.issuer == root.subject)
    }

    @Test("of a service carry exactly the name that the authority was asked for, and may not sign")
    func leaf() throws {
        let key = try PrivateKey.generateP256()
        let id = "spiffe://weft.local/ns/default/sa/course"
        let leaf = try authority.issue(
            request: request(key), spiffeID: id, validity: .seconds(3600), now: Self.now,
            dnsNames: ["localhost", "a.b"])
        #expect(leaf.spiffeID == id)
        #expect(leaf.uris == [id])
        #expect(leaf.dnsNames == ["localhost", "a.b"])
        #expect(!leaf.isAuthority)
        #expect(!leaf.maySign)
        #expect(leaf.notBefore == WallTime(seconds: 1_800_000_000 - 180))
        #expect(leaf.notAfter == WallTime(seconds: 1_800_003_600))
        #expect(leaf.issuer == authority.certificate.subject)
        #expect(leaf.subject == "CN=course")
        #expect(leaf.serial.count >= 16)
        #expect(throws: Never.self) { try Identity(chain: [leaf], key: key, roots: authority.roots) }
    }

    @Test("go through PEM and DER unchanged")
    func encodings() throws {
        let key = try PrivateKey.generateP256()
        let request = try request(key)
        let leaf = try authority.issue(
            request: request, spiffeID: "spiffe://weft.local/a", validity: .seconds(60), now: Self.now)
        #expect(try Certificate(der: leaf.der) == leaf)
        #expect(try Certificate(pem: leaf.pem) == leaf)
        #expect(try Certificate.all(inPEM: leaf.pem + authority.certificate.pem) == [leaf, authority.certificate])
        #expect(try PrivateKey(pem: key.pem).der == key.der)
        #expect(try PrivateKey(der: key.der).pem == key.pem)
        #expect(try CertificateRequest(pem: request.pem).der == request.der)
        #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let identity = try Identity.load(chainPEM: leaf.pem, keyPEM: key.pem, rootsPEM: authority.certificate.pem)
        #expect(identity.spiffeID == "spiffe://weft.local/a")
        let loaded = try CertificateAuthority.load(
            certificatePEM: authority.certificate.pem, keyPEM: authority.key.pem)
        #expect(loaded.trustDomain == "weft.local")
    }

    @Test("never outlive their authority")
    func validity() throws {
        let key = try PrivateKey.generateP256()
        let leaf = try authority.issue(
            request: request(key), spiffeID: "spiffe://weft.local/a", validity: .seconds(10 * 86_400), now: Self.now)
        #expect(leaf.notAfter == authority.certificate.notAfter)
        let later = WallTime(seconds: authority.certificate.notAfter.seconds + 1)
        #expect(throws: CertificateError("issue certificate", "the authority itself has expired")) {
            try authority.issue(
                request: request(key), spiffeID: "spiffe://weft.local/a", validity: .seconds(60), now: later)
        }
    }

    @Test(
        "are refused for a name that the authority may not give",
        arguments: [
            "spiffe://other.local/a", "spiffe://weft.local", "https://weft.local/a", "spiffe://weft.local/a/",
            "spiffe://weft.local//a", "spiffe://weft.local/..", "spiffe://weft.local/a,DNS:evil",
            "spiffe://WEFT.local/a",
            "spiffe://weft.local/a?b", "spiffe://weft.local:80/a", "",
        ])
    func badNames(_ name: String) throws {
        let request = try request(PrivateKey.generateP256())
        #expect(throws: CertificateError.self) {
            try authority.issue(request: request, spiffeID: name, validity: .seconds(60), now: Self.now)
        }
    }

    @Test("are refused to a request that was tampered with, or is none")
    func badRequests() throws {
        var der = try CertificateRequest.make(key: PrivateKey.generateP256(), commonName: "x").der
        der[der.count - 1] ^= 1
        #expect(
            throws: CertificateError(
                "accept certificate request", "its signature is not by the key that it carries")
        ) { try CertificateRequest(der: der) }
        #expect(throws: CertificateError.self) { try CertificateRequest(der: [1, 2, 3]) }
        #expect(throws: CertificateError.self) { try CertificateRequest(der: []) }
        #expect(throws: CertificateError.self) { try CertificateRequest(pem: "") }
    }

    @Test("that do not belong together are refused")
    func mismatches() throws {
        let key = try PrivateKey.generateP256()
        let other = try PrivateKey.generateP256()
        let leaf = try authority.issue(
            request: request(key), spiffeID: "spiffe://weft.local/a", validity: .seconds(60), now: Self.now)
        #expect(throws: CertificateError("use identity", "the key does not belong to the certificate CN=a")) {
            try Identity(chain: [leaf], key: other, roots: [])
        }
        #expect(throws: CertificateError("use identity", "its chain is empty")) {
            try Identity(chain: [], key: other, roots: [])
        }
        #expect(throws: CertificateError.self) { try CertificateAuthority(certificate: leaf, key: key) }
        #expect(throws: CertificateError.self) {
            try CertificateAuthority(certificate: authority.certificate, key: other)
        }
        #expect(throws: CertificateError.self) { try Certificate(pem: "nothing") }
        #expect(throws: CertificateError.self) {
            try Certificate.all(inPEM: leaf.pem + "-----BEGIN CERTIFICATE-----\nAA")
        }
        #expect(throws: CertificateError.self) { try PrivateKey(pem: leaf.pem) }
        #expect(throws: CertificateError.self) { try Certificate(der: [0x30]) }
    }

    @Test("keep or break a peer's rule")
    func rules() throws {
        let key = try PrivateKey.generateP256()
        let leaf = try authority.issue(
            request: request(key), spiffeID: "spiffe://weft.local/ns/a/sa/b", validity: .seconds(60), now: Self.now,
            dnsNames: ["*.example.org"])
        let rows: [(PeerRule, Bool)] = [
            (.none, true), (.trusted, true), (.spiffe("spiffe://weft.local/ns/a/sa/b"), true),
            (.spiffe("spiffe://weft.local/ns/a/sa/c"), false), (.spiffe("spiffe://weft.local/ns/a/sa/"), false),
            (.anySpiffe(inDomain: "weft.local"), true), (.anySpiffe(inDomain: "local"), false),
            (.dnsName("x.example.org"), true), (.dnsName("x.y.example.org"), false), (.dnsName("example.org"), false),
        ]
        for (rule, isKept) in rows {
            #expect((rule.objection(to: leaf) == nil) == isKept, "\(rule)")
        }
        // An authority is no service, whatever its name.
        #expect(
            PeerRule.anySpiffe(inDomain: "weft.local").objection(to: authority.certificate)?.text
                == "its name spiffe://weft.local is that of an authority, not of a service")
    }
}
