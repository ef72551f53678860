import Foundation
import ProtoBreaking
import ProtoCheck
import Testing

/// What the rules find in changed contracts, beside buf.
struct BreakingTests {
    static let categories = ["FILE", "PACKAGE", "WIRE_JSON", "WIRE"]

    /// Every rule at once, and names letter by letter, as buf compares them.
    static var asBuf: BreakingOptions {
        var options = BreakingOptions()
        options.selection.use = categories
        options.comparesStructure = false
        return options
    }

    /// Every mutation and what the rules say of it: two tests ask.
    static let outcomes: [(mutation: Mutation, findings: Result<[Finding], any Error>)] = {
        guard let mutations = try? Mutation.all() else { return [] }
        return mutations.map { mutation in (mutation, Result { try mutation.result(asBuf).findings }) }
    }()

    @Test("there are many mutations, and every rule speaks in some and not in most")
    func mutationsCoverRules() throws {
        #expect(try Mutation.all().count >= 200)
        var spoken: [String: Int] = [:]
        for (mutation, findings) in Self.outcomes {
            guard let findings = try? findings.get() else {
                Issue.record("\(mutation.title): \(findings)")
                continue
            }
            for rule in Set(findings.map(\.rule)) { spoken[rule, default: 0] += 1 }
        }
        for rule in BreakingRule.all.map(\.rule.name) {
            #expect(spoken[rule] ?? 0 > 0, "\(rule) never speaks")
            #expect(spoken[rule] ?? 0 < Self.outcomes.count / 2, "\(rule) always speaks")
        }
    }

    /// `UPDATE=1 swift test` rewrites the file; the diff is what is reviewed.
    @Test("the rules find what the goldens say")
    func findingsAreTheGoldens() throws {
        let file = Mutation.folder.appending(path: "findings.txt")
        var text = ""
        // The tables, every type beside every other, would be a book: those are compared with buf alone.
        for (mutation, findings) in Self.outcomes where mutation.old == Mutation.base {
            text += "#### \(mutation.title)\n" + FindingFormat.lines.render(try findings.get(), kind: "breaking")
        }
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            try Data(text.utf8).write(to: file)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        for (now, before) in zip(text.components(separatedBy: "#### "), golden.components(separatedBy: "#### ")) {
            #expect(now == before)
        }
        #expect(text.count == golden.count)
    }

    @Test(
        "buf has the same rules in the same categories",
        .enabled(if: Buf.program != nil, "needs buf beside WEFT_PYTHON"))
    func rulesAreBufs() throws {
        let ours = Dictionary(uniqueKeysWithValues: BreakingRule.all.map { ($0.rule.name, Set($0.rule.categories)) })
        #expect(try Buf.rules("ls-breaking-rules") == ours)
    }

    @Test("buf finds the same at the same places", .enabled(if: Buf.program != nil, "needs buf beside WEFT_PYTHON"))
    func bufAgrees() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "weft-breaking-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let base = folder.appending(path: "base.binpb")
        try Self.write(Mutation.base, into: folder.appending(path: "base"))
        _ = try Buf.marks(["build", "-o", base.path], in: folder.appending(path: "base"))
        let words = Self.categories.map { "\"\($0)\"" }.joined(separator: ",")
        let config = "{\"version\":\"v2\",\"breaking\":{\"use\":[\(words)]}}"
        var equal = 0
        var marks = 0
        for (index, outcome) in Self.outcomes.enumerated() {
            let mutation = outcome.mutation
            let new = folder.appending(path: "\(index)")
            try Self.write(mutation.new, into: new)
            var old = base
            if mutation.old != Mutation.base {
                old = folder.appending(path: "\(index)-old")
                try Self.write(mutation.old, into: old)
            }
            let theirs = try Buf.marks(["breaking", ".", "--against", old.path, "--config", config], in: new)
            let ours = Buf.marks(of: try outcome.findings.get())
            let onlyOurs = Self.sameColumns(ours.subtracting(theirs))
            let onlyTheirs = Self.sameColumns(theirs.subtracting(ours))
            let lines =
                onlyOurs.subtracting(onlyTheirs).sorted().map { "+ \($0)" }
                + onlyTheirs.subtracting(onlyOurs).sorted().map { "- \($0)" }
            let difference = Self.differences[mutation.title]
            #expect(lines == difference?.lines ?? [], "\(mutation.title)")
            if difference == nil { equal += 1 }
            marks += theirs.count
        }
        print(
            "breaking: \(Self.outcomes.count) mutations, \(equal) as buf with \(marks) findings, "
                + "\(Self.differences.count) explained")
    }

    private static func write(_ files: [String: String], into folder: URL) throws {
        for (path, text) in files {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    /// A default stands at its value for protoc and us, and at the word `default` for buf: the same line, another column.
    private static func sameColumns(_ marks: Set<Buf.Mark>) -> Set<Buf.Mark> {
        Set(
            marks.map { mark in
                guard mark.rule == "FIELD_SAME_DEFAULT" else { return mark }
                return Buf.Mark(rule: mark.rule, file: mark.file, line: mark.line, column: 0)
            })
    }

    /// Where we differ from buf 1.75, and why.
    static let differences: [String: (lines: [String], reason: String)] = [
        "a group is renamed": (
            [
                "+ b/b.proto:12:18: FIELD_SAME_TYPE", "+ b/b.proto:12:18: FIELD_WIRE_COMPATIBLE_TYPE",
                "+ b/b.proto:12:18: FIELD_WIRE_JSON_COMPATIBLE_TYPE", "- b/b.proto:12:12: FIELD_SAME_TYPE",
                "- b/b.proto:12:12: FIELD_WIRE_COMPATIBLE_TYPE", "- b/b.proto:12:12: FIELD_WIRE_JSON_COMPATIBLE_TYPE",
            ],
            "the type of a group stands at its name for protoc and us, and at the word `group` for buf"
        )
    ]
}
