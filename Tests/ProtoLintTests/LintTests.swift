import Foundation
import ProtoCheck
import ProtoLint
import Testing

/// What the rules find, as goldens, and beside buf.
struct LintTests {
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

    @Test("the rules find what the goldens say")
    func findingsAreTheGoldens() throws {
        var text = ""
        for each in LintCase.all {
            guard let found = try? each.findings() else {
                Issue.record("\(each.title): the case does not compile")
                text += "#### \(each.input)----\n"
                continue
            }
            let findings = FindingFormat.lines.render(found, kind: "lint")
            text += "#### \(each.input)----\n\(findings)"
            if !Self.isUpdating { #expect(findings == each.expected, "\(each.title)\n\(findings)") }
        }
        if Self.isUpdating { try Data(text.utf8).write(to: LintCase.file) }
    }

    @Test("every rule has a case in which it speaks and one in which it is silent")
    func casesCoverRules() {
        #expect(LintCase.all.count >= 100)
        for rule in LintRule.all.map(\.rule.name) where rule != "PROTOVALIDATE" {
            let findings = LintCase.all.filter { $0.expected.contains(": \(rule): ") }
            #expect(!findings.isEmpty, "\(rule) never speaks")
            // Within one case, what is not reported counts as well: forms stand beside each other.
            let own = LintCase.all.filter { $0.use.contains(rule) || $0.title.contains(rule) }
            #expect(!own.isEmpty, "\(rule) has no case of its own")
        }
    }

    @Test(
        "buf has the same rules in the same categories",
        .enabled(if: Buf.program != nil, "needs buf beside WEFT_PYTHON"))
    func rulesAreBufs() throws {
        let ours = Dictionary(uniqueKeysWithValues: LintRule.all.map { ($0.rule.name, Set($0.rule.categories)) })
        #expect(try Buf.rules("ls-lint-rules") == ours)
    }

    @Test("buf finds the same at the same places", .enabled(if: Buf.program != nil, "needs buf beside WEFT_PYTHON"))
    func bufAgrees() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "weft-lint-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var equal = 0
        for (index, each) in LintCase.all.enumerated() {
            let place = folder.appending(path: String(index))
            for (path, text) in each.files + [("buf.yaml", each.yaml)] {
                let file = place.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            let theirs = try Buf.marks(["lint"], in: place)
            guard let findings = try? each.findings() else { continue }
            let ours = Buf.marks(of: findings)
            let difference = Self.differences[each.title]
            let onlyOurs = ours.subtracting(theirs).sorted().map { "+ \($0)" }
            let onlyTheirs = theirs.subtracting(ours).sorted().map { "- \($0)" }
            #expect(onlyOurs + onlyTheirs == difference?.lines ?? [], "\(each.title)")
            if difference == nil { equal += 1 }
        }
        print("lint: \(LintCase.all.count) inputs, \(equal) as buf, \(Self.differences.count) explained")
    }

    /// Where we differ from buf 1.75, and why.
    static let differences: [String: (lines: [String], reason: String)] = [
        "COMMENT_MESSAGE: with and without": (
            ["- a/v1/a.proto:5:16: COMMENT_MESSAGE"],
            "a comment on the line of the first element of a message is that element's for protoc, and nobody's for buf"
        ),
        "STANDARD: tabs and letters that are not ASCII": (
            [
                "+ a/v1/a.proto:4:15: FIELD_LOWER_SNAKE_CASE", "+ a/v1/a.proto:5:31: FIELD_LOWER_SNAKE_CASE",
                "+ a/v1/a.proto:6:40: FIELD_LOWER_SNAKE_CASE", "- a/v1/a.proto:4:11: FIELD_LOWER_SNAKE_CASE",
                "- a/v1/a.proto:5:19: FIELD_LOWER_SNAKE_CASE", "- a/v1/a.proto:6:32: FIELD_LOWER_SNAKE_CASE",
            ],
            "descriptors count a tab up to the next multiple of 8, buf counts 4; what we print counts characters"
        ),
    ]
}
