import ProtoCheck
import ProtoSyntax
import Testing

/// How findings are written, and how contracts are named.
struct FormatTests {
    static let text = "syntax = \"proto3\";\n\tmessage m {} // ü \"<&>\"\n"
    static let sources: Report = {
        var report = Report()
        _ = report.add(Source(path: "a,b/c.proto", text: text))
        return report
    }()
    static let findings = [
        Finding(
            rule: "MESSAGE_PASCAL_CASE", file: "a,b/c.proto",
            region: Region(startLine: 1, startColumn: 16, endLine: 1, endColumn: 17),
            message: "the message `m` \"<&>\"", why: "because", help: "rename it",
            notes: [.init("witness", "08 01\nbefore: {}")]),
        Finding(
            rule: "PACKAGE_DEFINED", file: "a,b/c.proto", region: nil, message: "no package: 100%", why: "because",
            help: nil),
        Finding(rule: "FILE_NO_DELETE", file: nil, region: nil, message: "gone", why: "because", help: nil),
    ]

    @Test(
        "each format says the same in its own way",
        arguments: [
            (
                FindingFormat.text,
                """
                lint[MESSAGE_PASCAL_CASE]: the message `m` "<&>"
                 --> a,b/c.proto:2:10
                  |
                2 |     message m {} // ü "<&>"
                  |             ^
                  = witness: 08 01
                      before: {}
                  = why: because
                  = help: rename it

                lint[PACKAGE_DEFINED]: no package: 100%
                 --> a,b/c.proto
                  = why: because

                lint[FILE_NO_DELETE]: gone
                  = why: because


                """
            ),
            (
                .lines,
                """
                a,b/c.proto:2:10: MESSAGE_PASCAL_CASE: the message `m` "<&>"
                a,b/c.proto:1:1: PACKAGE_DEFINED: no package: 100%
                <input>:1:1: FILE_NO_DELETE: gone

                """
            ),
            (
                .json,
                #"""
                {"path":"a,b/c.proto","start_line":2,"start_column":10,"end_line":2,"end_column":11,"type":"MESSAGE_PASCAL_CASE","message":"the message `m` \"<&>\"","why":"because","help":"rename it","notes":[{"label":"witness","text":"08 01\nbefore: {}"}]}
                {"path":"a,b/c.proto","start_line":1,"start_column":1,"end_line":1,"end_column":1,"type":"PACKAGE_DEFINED","message":"no package: 100%","why":"because"}
                {"start_line":1,"start_column":1,"end_line":1,"end_column":1,"type":"FILE_NO_DELETE","message":"gone","why":"because"}

                """#
            ),
            (
                .githubActions,
                """
                ::error file=a%2Cb/c.proto,line=2,col=10,endLine=2,endColumn=11,title=MESSAGE_PASCAL_CASE::the message `m` "<&>"
                ::error file=a%2Cb/c.proto,line=1,col=1,endLine=1,endColumn=1,title=PACKAGE_DEFINED::no package: 100%25
                ::error line=1,col=1,endLine=1,endColumn=1,title=FILE_NO_DELETE::gone

                """
            ),
            (
                .msvs,
                """
                a,b/c.proto(2,10) : error MESSAGE_PASCAL_CASE : the message `m` "<&>"
                a,b/c.proto(1,1) : error PACKAGE_DEFINED : no package: 100%
                <input>(1,1) : error FILE_NO_DELETE : gone

                """
            ),
            (
                .junit,
                """
                <testsuites>
                  <testsuite name="a,b/c" tests="2" failures="2" errors="0">
                    <testcase name="MESSAGE_PASCAL_CASE_2_10">
                      <failure message="a,b/c.proto:2:10:the message `m` &#34;&lt;&amp;&gt;&#34;" type="MESSAGE_PASCAL_CASE"></failure>
                    </testcase>
                    <testcase name="PACKAGE_DEFINED_1_1">
                      <failure message="a,b/c.proto:1:1:no package: 100%" type="PACKAGE_DEFINED"></failure>
                    </testcase>
                  </testsuite>
                  <testsuite name="&lt;input&gt;" tests="1" failures="1" errors="0">
                    <testcase name="FILE_NO_DELETE_1_1">
                      <failure message="&lt;input&gt;:1:1:gone" type="FILE_NO_DELETE"></failure>
                    </testcase>
                  </testsuite>
                </testsuites>

                """
            ),
        ])
    func formats(format: FindingFormat, expected: String) {
        #expect(format.render(Self.findings, sources: Self.sources, kind: "lint") == expected)
    }

    @Test("without sources there are columns as the descriptor has them, and no lines")
    func withoutSources() {
        #expect(FindingFormat.lines.render(Self.findings, kind: "lint").hasPrefix("a,b/c.proto:2:17: "))
        #expect(FindingFormat.text.render(Self.findings, kind: "lint").contains(" --> a,b/c.proto:2:17\n"))
    }

    @Test("findings are in the order of the file, each once")
    func order() {
        let shuffled = [Self.findings[0], Self.findings[2], Self.findings[1], Self.findings[0]]
        #expect(Finding.ordered(shuffled).map(\.rule) == ["FILE_NO_DELETE", "PACKAGE_DEFINED", "MESSAGE_PASCAL_CASE"])
    }

    @Test(
        "a contract is named by folder, descriptor set or git revision",
        arguments: [
            ("proto", ContractInput.path("proto")), ("a/b.proto", .path("a/b.proto")), (".", .path(".")),
            ("old.binpb", .descriptorSet("old.binpb")), ("old.desc", .descriptorSet("old.desc")),
            (".git", .git(repository: ".git", revision: "HEAD", subfolder: nil)),
            (".git#branch=main", .git(repository: ".git", revision: "main", subfolder: nil)),
            (".git#tag=v1,subdir=proto", .git(repository: ".git", revision: "v1", subfolder: "proto")),
            ("../x/.git#ref=HEAD~1", .git(repository: "../x/.git", revision: "HEAD~1", subfolder: nil)),
            ("/srv/x.git#subdir=a/b", .git(repository: "/srv/x.git", revision: "HEAD", subfolder: "a/b")),
        ])
    func inputs(text: String, input: ContractInput) throws {
        #expect(try ContractInput(text) == input)
    }

    @Test(
        "what names no contract is told why",
        arguments: [
            ("", "names no contract"), ("https://example.com/x.git", "is not on this machine"),
            ("git@example.com:x.git", "is not on this machine"), (".git#main", "is no `name=value`"),
            (".git#depth=5", "is not known behind `#`"), (".git#branch=a,tag=b", "says twice which revision"),
            (".git#ref=--output=x", "is no revision"), ("old.binpb#format=bin", "is not known behind `#`"),
        ])
    func wrongInputs(text: String, problem: String) {
        #expect {
            _ = try ContractInput(text)
        } throws: { error in
            "\(error)".contains(problem)
        }
    }
}
