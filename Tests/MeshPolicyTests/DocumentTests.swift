import MeshAPI
import Testing

@testable import MeshPolicy

/// What people write is read, or told with its place.
struct DocumentTests {
    /// A value without its place; `read` gives every value a line of its own, in the order of the text.
    indirect enum Sketch: Sendable {
        case null
        case bool(Bool)
        case number(String)
        case text(String)
        case list([Sketch])
        case object([(String, Sketch)])

        func node(_ line: inout Int) -> DocumentNode {
            line += 1
            let place = DocumentNode.Place(line: line, column: 1)
            switch self {
            case .null: return DocumentNode(.null, at: place)
            case .bool(let value): return DocumentNode(.bool(value), at: place)
            case .number(let text): return DocumentNode(.number(text), at: place)
            case .text(let text): return DocumentNode(.text(text), at: place)
            case .list(let items): return DocumentNode(.list(items.map { $0.node(&line) }), at: place)
            case .object(let members):
                let read = members.map { name, value in
                    let node = value.node(&line)
                    return DocumentNode.Member(name: name, place: node.place, value: node)
                }
                return DocumentNode(.object(read), at: place)
            }
        }
    }

    private func read(_ sketch: Sketch) -> (policy: WeftPolicyV1.MeshPolicy?, faults: [String]) {
        var line = 0
        do {
            return (try PolicyDocument(sketch.node(&line)).policy, [])
        } catch {
            return (nil, error.all.map { $0.described(in: "f") })
        }
    }

    /// A policy of the service `course` that says this besides. Lines: 1 the document, 2 the list, 3 the service, 4 its name.
    private static func course(_ more: (String, Sketch)...) -> Sketch {
        .object([("services", .list([.object([("service", .text("course"))] + more)]))])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sketch: Sketch
        let faults: [String]

        init(_ name: String, _ sketch: Sketch, _ faults: String...) {
            testDescription = name
            self.sketch = sketch
            self.faults = faults
        }
    }

    static let cases: [Case] = [
        Case("nothing at all is a policy", .object([])),
        Case("an empty list takes everything back", .object([("services", .list([]))])),
        Case("nothing stands for what is unsaid", course(("retry", .null))),
        Case("a name of the contract", course(("retry", .object([("budget_percent", .number("12.5"))])))),
        Case("the same in camel case", course(("retry", .object([("budgetPercent", .number("12"))])))),
        Case("a short word of an enum", course(("breaker", .object([("mode", .text("shadow"))])))),
        Case("a word of two", course(("breaker", .object([("mode", .text("forced-open"))])))),
        Case("the whole word", course(("breaker", .object([("mode", .text("BREAKER_MODE_SHADOW"))])))),
        Case("YAML's off, which is false", course(("shedding", .object([("mode", .bool(false))])))),
        Case("a mesh.yaml's list", .object([("state", .text("x")), ("policies", .list([]))])),
        Case(
            "an unknown name with the nearest", course(("retrys", .object([]))),
            "f:5:1: services[0]: unknown key 'retrys'; did you mean 'retry'?"),
        Case(
            "a word that is none", course(("breaker", .object([("mode", .text("shade"))]))),
            "f:6:1: services[0].breaker.mode: 'shade' is none of enforce, shadow, forced-open, forced-closed"),
        Case(
            "an object where a number stands", course(("retry", .number("2"))),
            "f:5:1: services[0].retry: an object should stand here, with retries, budget_percent, budget_per_second, "
                + "backoff, longest_backoff, not a number"),
        Case(
            "a list where an object stands", course(("splits", .object([]))),
            "f:5:1: services[0].splits: a list should stand here, not an object"),
        Case(
            "a number where a text stands", course(("deadline", .number("5"))),
            "f:5:1: services[0].deadline: a text should stand here, not a number"),
        Case(
            "a number that is not whole", course(("retry", .object([("retries", .number("1.5"))]))),
            "f:6:1: services[0].retry.retries: '1.5' is not a whole number from 0 to 4294967295"),
        Case(
            "a number that is none", course(("retry", .object([("budget_percent", .number("nan"))]))),
            "f:6:1: services[0].retry.budget_percent: 'nan' is not a number"),
        Case(
            "a truth value for a text", course(("deadline", .bool(true))),
            "f:5:1: services[0].deadline: a text should stand here, not true or false"),
        Case(
            "one name in both ways",
            course(("retry", .object([("budget_percent", .number("1")), ("budgetPercent", .number("2"))]))),
            "f:7:1: services[0].retry.budgetPercent: it stands here twice"),
        Case(
            "two of which only one may be",
            course(
                (
                    "faults",
                    .list([.object([("delay", .text("1s")), ("abort", .number("14")), ("percent", .number("1"))])])
                )),
            "f:8:1: services[0].faults[0].abort: 'delay' stands here already, and only one of them may"),
        Case(
            "a time that is none",
            course(("faults", .list([.object([("until", .text("soon"))])]))),
            "f:7:1: services[0].faults[0].until: expected a timestamp such as \"2025-01-31T12:00:00Z\", "
                + "found the string \"soon\""),
        Case(
            "what the reader of policies finds, at its place", course(("retry", .object([("retries", .number("9"))]))),
            "f:6:1: services[course].retry.retries: 9 is not in 0...5"),
        Case(
            "a method by its name",
            course(
                ("methods", .list([.object([("method", .text("p.S/Get")), ("timeout", .text("long"))])]))),
            "f:8:1: services[course].methods[p.S/Get].timeout: 'long' is not a duration such as 800ms, 2s or 1m30s"),
        Case(
            "all faults at once", course(("retrys", .null), ("deadlin", .text("1s"))),
            "f:5:1: services[0]: unknown key 'retrys'; did you mean 'retry'?",
            "f:6:1: services[0]: unknown key 'deadlin'; did you mean 'deadline'?"),
        Case("a list of policies is no document", .list([]), ""),
    ]

    @Test(arguments: cases) func rules(_ row: Case) {
        let (policy, faults) = read(row.sketch)
        if row.faults == [""] {
            #expect(faults.count == 1)
        } else {
            #expect(faults == row.faults)
        }
        #expect((policy == nil) == !faults.isEmpty)
    }

    @Test func `words and numbers arrive`() throws {
        let sketch = Self.course(
            ("breaker", .object([("mode", .text("forced-closed")), ("least_calls", .number("30"))])),
            ("deadline", .text("9s")))
        let policy = try #require(read(sketch).policy?.services.first)
        #expect(policy.service == "course")
        #expect(policy.breaker?.mode == .forcedClosed)
        #expect(policy.breaker?.leastCalls == 30)
        #expect(policy.deadline == "9s")
    }

    @Test func `a document that unfolds without end is given up`() {
        let wide = Sketch.list(Array(repeating: .text("x"), count: 1000))
        let services = (0..<300).map { _ in
            Sketch.object([("service", .text("a")), ("methods", .list([.object([("roles", wide)])]))])
        }
        let faults = read(.object([("services", .list(services))])).faults
        #expect(faults.contains { $0.contains("the document has more than 200000 values") })
        #expect(faults.count < 10)
    }

    @Test(
        arguments: [
            ("services[course].retry.retries", [.name("services"), .item("course"), .name("retry"), .name("retries")]),
            ("a[p.S/Get].b[0]", [.name("a"), .item("p.S/Get"), .name("b"), .item("0")]), ("", []),
        ] as [(String, [DocumentNode.Step])])
    func `paths have steps`(_ path: String, _ steps: [DocumentNode.Step]) {
        #expect(DocumentNode.steps(path) == steps)
    }

    @Test func `the nearest name is one that somebody may have meant`() {
        #expect(NearestName.to("cuorse", among: ["course", "edge"]) == "course")
        #expect(NearestName.to("payments", among: ["course", "edge"]) == nil)
        #expect(NearestName.to("ab", among: ["bb", "aa"]) == "aa")
        #expect(NearestName.to("x", among: [String]()) == nil)
    }
}
