@testable import Client
import Testing
import Transport

@Suite struct TargetTests {
    @Test(arguments: [
        ("dns:///orders:80", Target.Kind.dns(host: "orders", port: 80), "orders:80"),
        ("dns:orders:80", .dns(host: "orders", port: 80), "orders:80"),
        ("orders:80", .dns(host: "orders", port: 80), "orders:80"),
        ("orders", .dns(host: "orders", port: 443), "orders"),
        ("127.0.0.1:80", .addresses([.ip("127.0.0.1", port: 80)]), "127.0.0.1:80"),
        ("dns:///[::1]:80", .addresses([.ip("::1", port: 80)]), "[::1]:80"),
        ("dns:///::1", .addresses([.ip("::1", port: 443)]), "::1"),
        ("ipv4:1.2.3.4:5", .addresses([.ip("1.2.3.4", port: 5)]), "1.2.3.4:5"),
        ("ipv4:1.2.3.4", .addresses([.ip("1.2.3.4", port: 443)]), "1.2.3.4:443"),
        (
            "ipv4:1.2.3.4:5,1.2.3.5:6,1.2.3.4:5", .addresses([.ip("1.2.3.4", port: 5), .ip("1.2.3.5", port: 6)]),
            "1.2.3.4:5"
        ),
        ("ipv6:[::1]:5,[::2]:6", .addresses([.ip("::1", port: 5), .ip("::2", port: 6)]), "[::1]:5"),
        ("unix:run/app.sock", .addresses([.unix("run/app.sock")]), "localhost"),
        ("unix:///run/app.sock", .addresses([.unix("/run/app.sock")]), "localhost"),
        ("unix:/run/app.sock", .addresses([.unix("/run/app.sock")]), "localhost"),
        ("unix-abstract:weft", .addresses([.unix("\0weft")]), "localhost"),
    ])
    func `targets are read as gRPC writes them`(text: String, kind: Target.Kind, authority: String) throws {
        let target = try Target(text)
        #expect(target.kind == kind && target.authority == authority && target.description == text)
    }

    @Test(arguments: [
        ("", "it has no host"), ("dns:///", "it has no host"), (":80", "it has no host"),
        (
            "dns://8.8.8.8/orders",
            "it names the DNS server 8.8.8.8; only the system's resolver is asked: write 'dns:///'"
        ),
        ("dns://orders", "a name should follow 'dns:///'"),
        ("orders:http", "its port is not a number from 0 to 65535"),
        ("ipv4:orders:80", "'orders:80' is not an IPv4 address"),
        ("ipv4:[::1]:80", "'[::1]:80' is not an IPv4 address"),
        ("ipv6:1.2.3.4:80", "'1.2.3.4:80' is not an IPv6 address"), ("unix:", "it has no path"),
        ("unix://run", "an absolute path should follow 'unix://'"), ("unix-abstract:", "it has no name"),
    ])
    func `what is no target is said to be none, and why`(text: String, reason: String) {
        #expect(throws: TargetError(text, reason)) { try Target(text) }
    }
}
