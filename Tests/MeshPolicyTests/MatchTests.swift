import MeshAPI
import Policy
import Testing

@testable import MeshPolicy

@Suite struct MatchTests {
    private static func header(_ name: String, _ value: WeftPolicyV1.HeaderMatch.Value? = nil)
        -> WeftPolicyV1.HeaderMatch
    {
        var header = WeftPolicyV1.HeaderMatch()
        header.name = name
        header.value = value
        return header
    }

    private static func match(
        callers: [String] = [], methods: [String] = [], headers: [WeftPolicyV1.HeaderMatch] = []
    ) -> WeftPolicyV1.Match {
        var match = WeftPolicyV1.Match()
        match.callers = callers
        match.methods = methods
        match.headers = headers
        return match
    }

    @Test(arguments: [
        (match(callers: [""]), "match.callers[0]: it is empty: a SPIFFE id or a service's name"),
        (match(callers: ["a", "a*b"]), "match.callers[1]: 'a*b': a star may stand at the end only"),
        (
            match(callers: ["ns/web"]),
            "match.callers[0]: 'ns/web' is neither a SPIFFE id (spiffe://...) nor a service's name"
        ),
        (
            match(callers: ["we b"]),
            "match.callers[0]: 'we b' holds what no identity does: spaces, or letters beyond ASCII"
        ),
        (
            match(methods: ["Get"]),
            "match.methods[0]: 'Get' is neither a method (learn.v1.Courses/Get) nor all of a service (learn.v1.Courses/*)"
        ),
        (
            match(methods: ["p.S/G*"]),
            "match.methods[0]: 'p.S/G*' is neither a method (learn.v1.Courses/Get) nor all of a service (learn.v1.Courses/*)"
        ),
        (
            match(methods: ["/p.S/Get"]),
            "match.methods[0]: '/p.S/Get' is neither a method (learn.v1.Courses/Get) nor all of a service "
                + "(learn.v1.Courses/*)"
        ),
        (
            match(headers: [header("X-A")]),
            "match.headers[0].name: 'X-A' is no header's name: lower case letters, digits, '-', '_' and '.'"
        ),
        (
            match(headers: [header(":path")]),
            "match.headers[0].name: ':path' is no header's name: lower case letters, digits, '-', '_' and '.'"
        ),
        (match(headers: [header("x", .absent(false))]), "match.headers[0].absent: it is true, or unsaid"),
        (
            match(callers: Array(repeating: "a", count: 257)),
            "match.callers: there are 257, and at most 256 are taken"
        ),
    ])
    func `every fault is told with its path`(_ said: WeftPolicyV1.Match, _ fault: String) {
        var reader = PolicyReader()
        _ = CallMatch(said, &reader)
        #expect(reader.faults.map(\.description) == [fault])
    }

    @Test func `what is said is taken`() {
        var reader = PolicyReader()
        let said = Self.match(
            callers: ["web", "prod-*", "spiffe://mesh/ns/shop/sa/web", "*"], methods: ["p.S/Get", "p.T/*"],
            headers: [
                Self.header("a"), Self.header("b", .exact("1")), Self.header("c", .prefix("2")),
                Self.header("d", .absent(true)),
            ])
        let match = CallMatch(said, &reader)
        #expect(reader.faults.isEmpty)
        #expect(
            match
                == CallMatch(
                    callers: ["web", "prod-*", "spiffe://mesh/ns/shop/sa/web", "*"].map(CallerPattern.init),
                    methods: ["p.S/Get", "p.T/*"].map(MethodPattern.init),
                    headers: [
                        HeaderPattern("a"), HeaderPattern("b", .exact("1")), HeaderPattern("c", .prefix("2")),
                        HeaderPattern("d", .absent),
                    ]))
        #expect(CallMatch(nil, &reader) == .all)
    }
}
