import Bytes
import Exchange
import Policy
import Testing

@Suite struct CallMatchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let match: CallMatch
        let caller: String
        let method: String
        let headers: Fields
        let fits: Bool
        var testDescription: String { rule }

        init(
            _ rule: String, callers: [String] = [], methods: [String] = [], headers patterns: [HeaderPattern] = [],
            by caller: String = "spiffe://d/ns/n/sa/web", _ method: String = "p.S/Get", with headers: Fields = [:],
            fits: Bool
        ) {
            self.rule = rule
            match = CallMatch(
                callers: callers.map(CallerPattern.init), methods: methods.map(MethodPattern.init), headers: patterns)
            self.caller = caller
            self.method = method
            self.headers = headers
            self.fits = fits
        }
    }

    @Test(arguments: [
        Case("nothing said fits every call", fits: true),
        Case("nothing said fits a caller whom nobody knows", by: "", fits: true),
        Case("an id fits itself", callers: ["spiffe://d/ns/n/sa/web"], fits: true),
        Case("an id fits no longer id", callers: ["spiffe://d/ns/n/sa/we"], fits: false),
        Case("an id fits no shorter id", callers: ["spiffe://d/ns/n/sa/webs"], fits: false),
        Case("ids of another namespace are others", callers: ["spiffe://d/ns/m/sa/web"], fits: false),
        Case("the ids of a namespace", callers: ["spiffe://d/ns/n/*"], fits: true),
        Case("the ids of another namespace", callers: ["spiffe://d/ns/m/*"], fits: false),
        Case("a service's name fits the id's last part", callers: ["web"], fits: true),
        Case("a service's name fits a name", callers: ["web"], by: "web", fits: true),
        Case("a name fits whole names", callers: ["eb"], fits: false),
        Case("a name does not fit a longer one", callers: ["web"], by: "web-2", fits: false),
        Case("names that begin so", callers: ["we*"], fits: true),
        Case("names that do not", callers: ["wa*"], fits: false),
        Case("a prefix fits the service's name, not the id", callers: ["spi*"], fits: false),
        Case("a namespace is no service's name", callers: ["n"], fits: false),
        Case("a star fits all that are known", callers: ["*"], fits: true),
        Case("a star fits nobody unknown", callers: ["*"], by: "", fits: false),
        Case("a name fits nobody unknown", callers: ["web"], by: "", fits: false),
        Case("one caller of several", callers: ["admin", "web"], fits: true),
        Case("a method", methods: ["p.S/Get"], fits: true),
        Case("a method that begins so", methods: ["p.S/Ge"], fits: false),
        Case("a longer method", methods: ["p.S/GetAll"], fits: false),
        Case("all methods of a service", methods: ["p.S/*"], fits: true),
        Case("all methods of a service whose name begins so", methods: ["p.S2/*"], fits: false),
        Case("another service's", methods: ["p.S/*"], "p.S2/Get", fits: false),
        Case("one method of several", methods: ["p.S/Put", "p.S/Get"], fits: true),
        Case("caller and method must both fit", callers: ["web"], methods: ["p.S/Put"], fits: false),
        Case("a header is there", headers: [HeaderPattern("x-canary")], with: ["x-canary": ""], fits: true),
        Case("a header is not there", headers: [HeaderPattern("x-canary")], with: ["x-canar": "1"], fits: false),
        Case(
            "a header that must not be there is", headers: [HeaderPattern("x", .absent)], with: ["x": ""], fits: false),
        Case("a header that must not be there is not", headers: [HeaderPattern("x", .absent)], fits: true),
        Case("a value", headers: [HeaderPattern("x", .exact("on"))], with: ["x": "on"], fits: true),
        Case("a longer value", headers: [HeaderPattern("x", .exact("on"))], with: ["x": "one"], fits: false),
        Case("a value that begins so", headers: [HeaderPattern("x", .prefix("o"))], with: ["x": "on"], fits: true),
        Case("a value that does not", headers: [HeaderPattern("x", .prefix("n"))], with: ["x": "on"], fits: false),
        Case("an empty value", headers: [HeaderPattern("x", .exact(""))], with: ["x": ""], fits: true),
        Case(
            "the second of two values", headers: [HeaderPattern("x", .exact("b"))], with: ["x": "a", "x": "b"],
            fits: true),
        Case(
            "a header that the mesh knows", headers: [HeaderPattern("user-agent", .prefix("grpc-"))],
            with: ["user-agent": "grpc-swift/2"], fits: true),
        Case(
            "all headers must fit", headers: [HeaderPattern("x"), HeaderPattern("y")], with: ["x": "1"], fits: false),
    ])
    func `a call fits or does not`(_ row: Case) {
        let call = CallHead(
            method: MethodEntry(service: "course", fullName: row.method), caller: row.caller, startedAt: Sample.now,
            request: row.headers)
        #expect(row.match.fits(call) == row.fits)
        #expect((row.match.misfit(of: call) == nil) == row.fits)
    }

    @Test func `a rule for one method cannot be walked around where methods are not told apart`() {
        let match = CallMatch(methods: [MethodPattern("p.S/Delete")])
        func call(_ path: String) -> CallHead {
            CallHead(
                method: MethodEntry(service: "course", fullName: "other"), startedAt: Sample.now,
                request: [":path": path])
        }
        #expect(match.fits(call("/p.S/Delete")))
        #expect(!match.fits(call("/p.S/Get")))
    }

    @Test func `who knows the caller looks at the rest alone`() {
        let match = CallMatch(callers: [CallerPattern("spiffe://d/ns/n/sa/web")], methods: [MethodPattern("p.S/*")])
        #expect(match.resolved(forCaller: ["web", "spiffe://d/ns/n/sa/web"])?.methods.count == 1)
        #expect(match.resolved(forCaller: ["web", "spiffe://d/ns/n/sa/web"])?.callers.isEmpty == true)
        #expect(match.resolved(forCaller: ["web"]) == nil)
    }

    @Test func `the first part that does not fit is named`() {
        let match = CallMatch(
            callers: [CallerPattern("web")], methods: [MethodPattern("p.S/Get")], headers: [HeaderPattern("x")])
        func misfit(_ caller: String, _ method: String, _ head: Fields) -> CallMatch.Misfit? {
            match.misfit(
                of: CallHead(
                    method: MethodEntry(service: "course", fullName: method), caller: caller, startedAt: Sample.now,
                    request: head))
        }
        #expect(misfit("app", "p.S/Put", [:]) == .caller)
        #expect(misfit("web", "p.S/Put", [:]) == .method)
        #expect(misfit("web", "p.S/Get", [:]) == .header("x"))
        #expect(misfit("web", "p.S/Get", ["x": "1"]) == nil)
    }
}
