import Bytes
import Exchange
import Policy
import Testing

@Suite struct AuthorizationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let rules: AuthorizationRules
        let caller: String
        let method: String
        let headers: Fields
        /// What is refused, or told.
        let answer: String
        var testDescription: String { rule }

        init(
            _ rule: String, _ rules: [AuthorizationRules.Rule], mode: AuthorizationRules.Mode = .enforce,
            by caller: String = "spiffe://d/ns/n/sa/web", _ method: String = "p.S/Get", with headers: Fields = [:],
            is answer: String
        ) {
            self.rule = rule
            self.rules = AuthorizationRules(mode, rules)
            self.caller = caller
            self.method = method
            self.headers = headers
            self.answer = answer
        }
    }

    private static func callers(_ names: String...) -> CallMatch {
        CallMatch(callers: names.map(CallerPattern.init))
    }

    private static func methods(_ names: String...) -> CallMatch {
        CallMatch(methods: names.map(MethodPattern.init))
    }

    static let readers = AuthorizationRules.Rule("readers", .allow, methods("p.S/Get"))
    static let webs = AuthorizationRules.Rule("webs", .allow, callers("web"))
    static let noDelete = AuthorizationRules.Rule("no-delete", .deny, methods("p.S/Delete"))
    static let noWeb = AuthorizationRules.Rule("no-web", .deny, callers("web"))
    static let watched = AuthorizationRules.Rule("watched", .audit, callers("web"))
    static let canaries = AuthorizationRules.Rule("canaries", .allow, CallMatch(headers: [HeaderPattern("x-canary")]))

    @Test(arguments: [
        Case("a deny rule that fits decides", [noDelete, webs], "p.S/Delete", is: "refused no-delete"),
        Case("a deny rule decides wherever it stands", [webs, noDelete], "p.S/Delete", is: "refused no-delete"),
        Case("with deny rules alone the rest goes on", [noDelete], is: "goes on"),
        Case("an allow rule that fits lets a call go on", [readers], is: "goes on"),
        Case(
            "with allow rules and none that fits a call is refused", [readers], "p.S/Put", is: "refused no_rule_allows"),
        Case("one allow rule of several", [readers, webs], "p.S/Put", is: "goes on"),
        Case("nobody known fits no caller", [webs], by: "", is: "refused no_rule_allows"),
        Case("an audit rule alone lets a call go on, and it is told", [watched], is: "goes on, told watched"),
        Case(
            "an audit rule lets on what no allow rule fits", [readers, watched], "p.S/Put", is: "goes on, told watched"),
        Case("an audit rule is told of what is allowed", [webs, watched], is: "goes on, told watched"),
        Case("a deny rule goes before an audit rule", [watched, noWeb], is: "refused no-web"),
        Case(
            "in audit mode what a deny rule forbids goes on, and is told", [noDelete], mode: .audit, "p.S/Delete",
            is: "goes on, told no-delete"),
        Case(
            "in audit mode what nothing allows goes on, and is told", [readers], mode: .audit, "p.S/Put",
            is: "goes on, told no_rule_allows"),
        Case("health checks need no allow rule", [readers], "grpc.health.v1.Health/Check", is: "goes on"),
        Case("a deny rule forbids health checks too", [noWeb], "grpc.health.v1.Health/Check", is: "refused no-web"),
        Case("a header that fits", [canaries], with: ["x-canary": "1"], is: "goes on"),
        Case("a header that is not there", [canaries], is: "refused no_rule_allows"),
    ])
    func `rules decide in their order`(_ row: Case) {
        var told: [String] = []
        let layer = AuthorizationLayer(row.rules) { told.append($1.subject) }
        let method = MethodEntry(service: "course", fullName: row.method)
        func ask(_ headers: Fields) -> String {
            told = []
            let call = CallHead(method: method, caller: row.caller, startedAt: Sample.now, request: headers)
            let refusal = layer.admit(call, waiting: nil, at: Sample.now).refusal
            let tale = told.map { ", told \($0)" }.joined()
            return (refusal.map { "refused " + $0.dropFirst("AUTHZ.policy_denied[".count).dropLast() } ?? "goes on")
                + tale
        }
        #expect(ask(row.headers) == row.answer)
        // The second answer comes from what the layer kept, after a call with other headers.
        _ = ask(["x-canary": "1"])
        #expect(ask(row.headers) == row.answer)
    }

    @Test func `a refusal names the rule, and for this side alone the nearest miss`() throws {
        let rules = AuthorizationRules(
            .enforce,
            [
                Self.noDelete,
                .init(
                    "admins", .allow, CallMatch(callers: [CallerPattern("admin")], methods: [MethodPattern("p.S/Put")])),
                .init(
                    "web-reads", .allow, CallMatch(callers: [CallerPattern("web")], methods: [MethodPattern("p.S/Get")])
                ),
                .init(
                    "web-lists", .allow,
                    CallMatch(
                        callers: [CallerPattern("web")], methods: [MethodPattern("p.S/List")],
                        headers: [HeaderPattern("x-a")])),
            ])
        func refusal(_ method: String) throws -> Failure {
            let call = CallHead(
                method: MethodEntry(service: "course", fullName: method), caller: "spiffe://d/ns/n/sa/web",
                startedAt: Sample.now)
            return try #require(AuthorizationLayer(rules).refusal(of: call))
        }
        let lack = try refusal("p.S/Drop")
        #expect(lack.detail == "no policy of course allows spiffe://d/ns/n/sa/web to call p.S/Drop")
        #expect(lack.note == "web-reads would allow it but for the method")
        #expect(try refusal("p.S/List").note == "web-lists would allow it but for the header x-a")
        let denial = try refusal("p.S/Delete")
        #expect(denial.reason == "AUTHZ.policy_denied[no-delete]")
        #expect(denial.detail == "the policy no-delete keeps spiffe://d/ns/n/sa/web from calling p.S/Delete")
    }

    @Test func `callers and methods are told apart however they alternate`() {
        let layer = AuthorizationLayer(
            AuthorizationRules(
                .enforce,
                [.init("a-gets", .allow, CallMatch(callers: [CallerPattern("a")], methods: [MethodPattern("p.S/Get")]))]
            ))
        let entries = ["p.S/Get", "p.S/Put"].map { MethodEntry(service: "course", fullName: $0) }
        for _ in 0..<3 {
            for caller in ["a", "b"] {
                for entry in entries {
                    let call = CallHead(method: entry, caller: caller, startedAt: Sample.now)
                    let isAllowed = caller == "a" && entry.fullName == "p.S/Get"
                    #expect((layer.admit(call, waiting: nil, at: Sample.now).refusal == nil) == isAllowed)
                }
            }
        }
    }
}
