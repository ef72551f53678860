import Testing
import Transport

@Suite("An address")
struct AddressTests {
    struct Good: CustomTestStringConvertible {
        let text: String
        let address: SocketAddress
        let shown: String
        var testDescription: String { text }

        init(_ text: String, _ address: SocketAddress, shown: String? = nil) {
            self.text = text
            self.address = address
            self.shown = shown ?? text
        }
    }

    @Test(
        "is read and shown again",
        arguments: [
            Good("127.0.0.1:4143", .ip("127.0.0.1", port: 4143)),
            Good("[::1]:80", .ip("::1", port: 80)),
            Good(":8080", .ip("0.0.0.0", port: 8080), shown: "0.0.0.0:8080"),
            Good("localhost:80", .name("localhost", port: 80)),
            Good("course.default.svc.cluster.local:4143", .name("course.default.svc.cluster.local", port: 4143)),
            Good("my_box:0", .name("my_box", port: 0)),
            Good("unix:/run/app.sock", .unix("/run/app.sock")),
        ])
    func good(_ row: Good) throws {
        let address = try SocketAddress.parse(row.text)
        #expect(address == row.address)
        #expect(address.description == row.shown)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ("localhost", "it has no port"),
            ("localhost:", "its port is not a number from 0 to 65535"),
            ("localhost:65536", "its port is not a number from 0 to 65535"),
            ("localhost:-1", "its port is not a number from 0 to 65535"),
            ("::1:80", "an IPv6 address needs brackets"),
            ("[::1:80", "what stands in brackets is not an IPv6 address"),
            ("[1.2.3.4]:80", "what stands in brackets is not an IPv6 address"),
            ("a..b:80", "its host is not a name"),
            ("a b:80", "its host is not a name"),
            ("http://a:80", "an IPv6 address needs brackets"),
            ("unix:", "it has no path"),
            ("unix:/" + String(repeating: "x", count: 200), "a path of a socket may have 107 bytes"),
        ])
    func bad(text: String, reason: String) {
        #expect(throws: AddressError(text: text, reason: reason)) { try SocketAddress.parse(text) }
    }
}
