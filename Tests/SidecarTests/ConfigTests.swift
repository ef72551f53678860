import Descriptors
import Exchange
import MeshPolicy
import Policy
import Resilience
@testable import Sidecar
import Testing
import Transport

@Suite struct ConfigTests {
    private func read(_ json: String, advertise: String? = nil) throws -> SidecarConfig {
        try SidecarConfig(json: Array(json.utf8), advertise: advertise)
    }

    private func faults(_ json: String) -> [String] {
        do {
            _ = try read(json)
            return []
        } catch let faults as SidecarConfig.Faults {
            return faults.lines
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a member's file says where its control plane is and whom to believe`() throws {
        let config = try read(
            """
            {"service": "course", "instance": "course-7",
             "control": {"address": "127.0.0.1:4100", "trust_domain": "weft.local", "join_token_file": "/secrets/token",
                         "roots_file": "roots.pem"},
             "outbound": {"listen": "unix:/run/out.sock"},
             "inbound": {"listen": ":4143", "app": "unix:/run/app.sock"},
             "admin": {"listen": "127.0.0.1:4191"}}
            """, advertise: "10.0.0.7:4143")
        #expect(config.service == "course" && config.instance == "course-7")
        guard case .control(let control) = config.membership, case .file("/secrets/token") = control.joinToken else {
            Issue.record("no member")
            return
        }
        #expect(control.address == .ip("127.0.0.1", port: 4100))
        #expect(control.trustDomain == "weft.local" && control.namespace == "default")
        #expect(config.outbound?.listen == .unix("/run/out.sock"))
        #expect(config.inbound?.advertise == "10.0.0.7:4143")
        #expect(config.inbound?.isSecure == true)
        #expect(config.admin == .ip("127.0.0.1", port: 4191))
    }

    @Test func `a file may choose the engine of HTTP/2, and only one that there is`() throws {
        let file = { (http2: String) in
            """
            {"service": "web", "outbound": {"listen": "127.0.0.1:0"}\(http2)}
            """
        }
        #expect(try read(file("")).http2 == nil)
        #expect(try read(file(", \"http2\": \"nghttp2\"")).http2 == .nghttp2)
        #expect(try read(file(", \"http2\": \"native\"")).http2 == .native)
        #expect(faults(file(", \"http2\": \"h3\"")) == ["http2: 'h3' is none of native, nghttp2"])
    }

    @Test func `a sidecar alone has its certificates and endpoints in the file`() throws {
        let config = try read(
            """
            {"service": "web", "identity": {"certificate_file": "a", "key_file": "b", "roots_file": "c"},
             "outbound": {"listen": "127.0.0.1:1", "destinations": [
               {"name": "*", "server_name": "inbound.mesh", "endpoints": ["127.0.0.1:9200", "[::1]:9200"]},
               {"name": "s", "spiffe": "spiffe://d/s", "endpoints": ["h:1"]},
               {"name": "t", "trust_domain": "d", "endpoints": ["h:1"]},
               {"name": "u", "endpoints": ["h:1"]},
               {"name": "p", "security": "plaintext", "endpoints": ["h:1"]}]}}
            """)
        let destinations = try #require(config.outbound?.destinations)
        #expect(
            destinations.map(\.rule) == [
                .dnsName("inbound.mesh"), .spiffe("spiffe://d/s"), .anySpiffe(inDomain: "d"), .trusted, .trusted,
            ])
        #expect(destinations.map(\.isSecure) == [true, true, true, true, false])
        #expect(destinations[0].endpoints.map(\.address) == [.ip("127.0.0.1", port: 9200), .ip("::1", port: 9200)])
        #expect(config.instance == "web-1")
    }

    @Test func `policies of services are read in the words of weft apply, on top of the rest`() throws {
        let config = try read(
            """
            {"service": "web", "version": "v2", "outbound": {"listen": ":1"}, "policy": {"retries": 1, "deadline": "15s"},
             "policies": [{"service": "course", "deadline": "2s", "bulkhead": {"destination_max_in_flight": 7}}]}
            """)
        let book = RuleBook(base: config.baseRules, file: config.policies)
        let course = book.rules(of: "course")
        #expect(course.deadline == .seconds(2) && course.destination.inFlight == 7 && course.retry.retries == 1)
        let other = book.rules(of: "other")
        #expect(other.deadline == .seconds(15) && other.destination.inFlight == 1000 && other.retry.retries == 1)
        #expect(config.version == "v2")
        #expect(
            faults(
                """
                {"service": "web", "outbound": {"listen": ":1"},
                 "policies": [{"service": "course", "deadlin": "2s"}]}
                """) == ["policies: services[0]: unknown key 'deadlin'; did you mean 'deadline'?"])
        #expect(
            faults(
                """
                {"service": "web", "outbound": {"listen": ":1"},
                 "policies": [{"service": "course", "retry": {"retries": 9}}]}
                """) == ["policies: services[course].retry.retries: 9 is not in 0...5"])
    }

    @Test func `policies and methods are overridden one by one`() throws {
        let config = try read(
            """
            {"service": "web", "outbound": {"listen": ":1"},
             "policy": {"retries": 0, "max_in_flight": 7, "max_queue": 0, "destination_max_in_flight": 9,
                        "breaker_faults_in_row": 3, "deadline": "15s", "attempt_timeout": "250ms", "authorization": "audit",
                        "roles": {"edge": {"roles": ["learner", "teacher"]}}},
             "methods": {"p.S/M": {"timeout": "1m", "idempotent": true, "roles": []}}}
            """)
        #expect(config.policy.retry.retries == 0)
        #expect(config.policy.method == Bulkhead.Limits(inFlight: 7, queue: 0))
        #expect(config.policy.destination.inFlight == 9)
        #expect(config.policy.breaker.faultsInRow == 3)
        #expect(config.policy.deadline == .seconds(15) && config.policy.attemptTimeout == .milliseconds(250))
        #expect(config.policy.authorization == .audit)
        #expect(config.policy.roles(of: "spiffe://d/ns/n/sa/edge") == ["learner", "teacher", "edge"])
        #expect(config.policy.roles(of: "") == [])
        let said = MethodPolicy(timeout: .seconds(1), isIdempotent: false, maxInFlight: 5, roles: ["a"])
        #expect(
            config.methods["p.S/M"]?.applied(to: said)
                == MethodPolicy(timeout: .seconds(60), isIdempotent: true, maxInFlight: 5, roles: []))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let json: String
        let lines: [String]
        var testDescription: String { json }
        init(_ json: String, _ lines: String...) {
            self.json = json
            self.lines = lines
        }
    }

    @Test(arguments: [
        Case(
            "[]", "the file: an object should stand here, not a list",
            "service: it is missing: the mesh name of the service beside the sidecar",
            "outbound: it is missing, and so is inbound: the sidecar would do nothing"),
        Case(#"{"service": 7, "outbound": {"listen": ":1"}}"#, "service: a string should stand here, not a number"),
        Case(#"{"service": "", "outbound": {"listen": ":1"}}"#, "service: it must not be empty"),
        Case(
            #"{"service": "s", "outbound": {"lisen": ":1", "listen": ":1"}}"#,
            "outbound.lisen: there is no such setting; known are listen, destinations"),
        Case(
            #"{"service": "s", "outbound": {"listen": "1"}}"#,
            #"outbound.listen: "1" is not an address: it has no port"#),
        Case(
            #"{"service": "s", "outbound": {}}"#,
            "outbound.listen: it is missing: where the application sends its calls"),
        Case(
            #"{"service": "s", "outbound": {"listen": ":1", "destinations": [{"name": "a", "security": "tls", "endpoints": [1, "x"]}]}}"#,
            "outbound.destinations[0].security: 'tls' is none of mtls, plaintext",
            "outbound.destinations[0].endpoints[0]: a string should stand here, not a number",
            #"outbound.destinations[0].endpoints[0]: "x" is not an address: it has no port"#,
            "outbound.destinations[0].endpoints: there must be one at least",
            "outbound.destinations[0].security: mtls needs a control plane or an identity"),
        Case(
            #"{"service": "s", "inbound": {"listen": ":1", "app": ":2"}}"#,
            "inbound.security: mtls needs a control plane or an identity"),
        Case(
            #"{"service": "s", "outbound": {"listen": ":1"}, "policy": {"retries": 6, "deadline": "15", "max_queue": 1.5}}"#,
            "policy.retries: a whole number from 0 to 5 should stand here",
            "policy.max_queue: a whole number from 0 to 1000000 should stand here",
            "policy.deadline: '15' is not a duration such as 800ms or 2s"),
        Case(
            #"{"service": "s", "outbound": {"listen": ":1"}, "methods": {"p.S/M": {"timeot": "1s"}}}"#,
            #"methods["p.S/M"].timeot: there is no such setting; known are timeout, attempt_timeout, idempotent, max_in_flight, max_queue, roles"#
        ),
        Case(
            #"{"service": "s", "outbound": {"listen": ":1"}, "control": {"address": ":4", "trust_domain": "d", "roots_file": "r"}}"#,
            "control.join_token: it is missing, and so is join_token_file"),
        Case(
            #"{"service": "s", "outbound": {"listen": ":1"}, "control": {"address": ":4", "trust_domain": "d", "roots_file": "r", "join_token": "t", "join_token_file": "f"}, "identity": {}}"#,
            "control: -", "identity: -"),
    ])
    func `every fault is told, with its place`(row: Case) {
        let told = faults(row.json)
        if row.lines.last == "identity: -" {
            #expect(told.contains("identity: a member of a control plane gets its identity there"))
            #expect(told.contains("control.join_token: join_token_file is given as well"))
        } else {
            #expect(told == row.lines)
        }
    }

    @Test(arguments: [
        ("", "line 1, column 1: the text ends where a value should be"),
        ("{\n  \"a\": tru\n}", "line 2, column 8: no value begins so"),
        ("{\"a\": 1,}", "line 1, column 9: a name in quotes should stand here"),
        ("{\"a\": 1 \"b\": 2}", "line 1, column 9: a comma or '}' should stand here"),
        ("{\"a\": 1, \"a\": 2}", "line 1, column 10: 'a' stands here twice"),
        ("{\"a\" 1}", "line 1, column 6: a colon should follow the name 'a'"),
        ("[1, 2", "line 1, column 6: a comma or ']' should stand here"),
        ("[01]", "line 1, column 2: '01' is not a number"),
        ("[-]", "line 1, column 2: '-' is not a number"),
        ("[1e999]", "line 1, column 2: '1e999' is not a number"),
        ("\"ab", "line 1, column 4: a string has no end"),
        ("\"a\nb\"", "line 1, column 3: a control character must be escaped"),
        ("\"\\x\"", "line 1, column 4: no escape is written so"),
        ("\"\\ud800\"", "line 1, column 8: half of a surrogate pair is missing"),
        ("{} {}", "line 1, column 4: nothing may follow the value"),
    ])
    func `text that is no JSON is told by line and column`(text: String, line: String) {
        #expect(faults(text) == [line])
    }

    @Test func `JSON is read as it is written`() throws {
        let text = #" {"a": [1, -2.5e1, true, null, ""], "b": {"c": "é\u00e9\n\"\\\/\ud83d\ude00"}} "#
        let tree = try JSONReader.read(Array(text.utf8))
        let list = JSONTree.array([.number(1), .number(-25), .bool(true), .null, .string("")])
        let inner = JSONTree.object([.init(name: "c", value: .string("éé\n\"\\/😀"))])
        #expect(tree == .object([.init(name: "a", value: list), .init(name: "b", value: inner)]))
    }

    @Test func `depth is bounded`() {
        #expect(faults(String(repeating: "[", count: 100)) == ["line 1, column 33: nested too deeply"])
    }
}
