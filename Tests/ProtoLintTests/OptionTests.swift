import ProtoCheck
import ProtoLint
import ProtoSyntax
import Testing

/// What a configuration may say, and what is said about one that cannot be followed.
struct OptionTests {
    static func node(_ value: ConfigNode.Value) -> ConfigNode { ConfigNode(value, line: 3) }
    static func map(_ entries: (String, ConfigNode)...) -> ConfigNode {
        node(.map(entries.map { ConfigNode.Entry(key: $0, value: $1) }))
    }
    static func text(_ text: String) -> ConfigNode { node(.text(text)) }
    static func list(_ texts: String...) -> ConfigNode { node(.list(texts.map(text))) }

    @Test(
        "a wrong configuration is told what is wrong and where",
        arguments: [
            (map(("version", text("v1"))), "line 3: the version is `v1`, and only `v2` is read"),
            (map(("lint", node(.null))), "line 3: the version is missing, and only `v2` is read"),
            (
                map(("version", text("v2")), ("lnt", text("x"))),
                "line 3: `the configuration` has no `lnt`; did you mean `lint`?"
            ),
            (map(("version", text("v2")), ("plugins", list("x"))), "line 3: `plugins` are not run; take them out"),
            (map(("version", text("v2")), ("modules", text("x"))), "line 3: `modules` is a list"),
            (text("x"), "line 3: `the configuration` has keys and values"),
        ])
    func wrongFiles(node: ConfigNode, problem: String) {
        #expect {
            _ = try CheckFile(node)
        } throws: { error in
            "\(error)".hasPrefix(problem)
        }
    }

    @Test(
        "a wrong lint section is told what is wrong",
        arguments: [
            (map(("usee", list("STANDARD"))), "line 3: `lint` has no `usee`; did you mean `use`?"),
            (map(("use", text("STANDARD"))), "line 3: `use` is a list"),
            (map(("use", list("STANDART"))), "there is no rule or category `STANDART`; did you mean `STANDARD`?"),
            (map(("except", list("ENUM_VALUE_PREFX"))), "there is no rule or category `ENUM_VALUE_PREFX`"),
            (map(("ignore_only", map(("NOPE", list("a"))))), "there is no rule or category `NOPE`"),
            (
                map(("rpc_allow_same_request_response", text("maybe"))),
                "line 3: `rpc_allow_same_request_response` is true"
            ),
        ])
    func wrongSections(node: ConfigNode, problem: String) throws {
        #expect {
            let options = try LintOptions(node, of: CheckFile.Module(path: "."))
            _ = try Linter(options: options).lint([], checked: [], report: Report())
        } throws: { error in
            "\(error)".hasPrefix(problem)
        }
    }

    @Test("paths of a module are taken as its imports name them")
    func modulePaths() throws {
        let file = try CheckFile(
            Self.map(
                ("version", Self.text("v2")),
                ("modules", Self.node(.list([Self.map(("path", Self.text("./proto/")))]))),
                ("lint", Self.map(("ignore", Self.list("proto/a", "other/b", "proto"))))))
        let options = try LintOptions(file.lint(of: file.modules[0]), of: file.modules[0])
        #expect(options.ignores.paths == ["a", "."])
        #expect(Ignores.path("a", contains: "a/b.proto"))
        #expect(!Ignores.path("a", contains: "ab/b.proto"))
        #expect(Ignores.path(".", contains: "ab/b.proto"))
    }

    @Test("the names and categories are buf's: 45 rules, of which 35 are standard")
    func ruleNames() {
        let rules = LintRule.all.map(\.rule)
        #expect(rules.count == 45)
        #expect(Set(rules.map(\.name)).count == rules.count)
        func count(_ category: String) -> Int { rules.filter { $0.categories.contains(category) }.count }
        #expect(["MINIMAL", "BASIC", "STANDARD", "COMMENTS", "UNARY_RPC"].map(count) == [5, 26, 35, 7, 2])
        #expect(rules.filter(\.categories.isEmpty).map(\.name) == ["STABLE_PACKAGE_NO_IMPORT_UNSTABLE"])
    }

    @Test("a rule from outside takes the place of the one of its name")
    func rulesCanBeBrought() throws {
        let own = LintRule(LintRule.protovalidateRule) { run in
            for file in run.files { run.report("looked at", at: file.place) }
        }
        let each = LintCase("PROTOVALIDATE: ours\nmessage M {}")
        #expect(try each.findings().isEmpty)
        #expect(try each.findings(rules: LintRule.all(with: [own])).map(\.message) == ["looked at"])
    }

    @Test("a comment silences in our words as well")
    func commentsOfOurs() throws {
        let each = LintCase(
            "ENUM_PASCAL_CASE: ours\n// weft:lint:ignore ENUM_PASCAL_CASE is historic\nenum e { A = 0; }")
        #expect(try each.findings().isEmpty)
    }
}
