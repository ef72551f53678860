import Descriptors
import ProtoResolve
import ProtoSyntax
import Testing

/// What a fix-it does mends the fault that it is offered for.
struct FixItTests {
    @Test("each fix-it of the goldens takes its fault away", arguments: DiagnosticTests.names)
    func fixItsMend(name: String) throws {
        for each in try DiagnosticTests.cases(in: name) {
            let texts = Dictionary(uniqueKeysWithValues: each.files.map { ($0.path, $0.text) })
            let (_, report) = Files.compile(texts, ["a.proto"])
            for diagnostic in report.diagnostics {
                for fix in diagnostic.fixes {
                    let mended = apply(fix, to: texts, report)
                    let (_, after) = Files.compile(mended, ["a.proto"])
                    let before = count(diagnostic, in: report)
                    let isGone = count(diagnostic, in: after) < before
                    #expect(isGone, "\(each.title): \(fix.title) leaves `\(diagnostic.message)`")
                }
            }
        }
    }

    private func count(_ diagnostic: Diagnostic, in report: Report) -> Int {
        report.diagnostics.count { $0.code == diagnostic.code && $0.message == diagnostic.message }
    }

    private func apply(_ fix: Diagnostic.FixIt, to texts: [String: String], _ report: Report) -> [String: String] {
        var texts = texts
        for edit in fix.edits.sorted(by: { $0.span.start > $1.span.start }) {
            let place = report.place(of: edit.span)
            guard let text = texts[place.path] else { continue }
            var bytes = Array(text.utf8)
            bytes.replaceSubrange(place.offsets, with: Array(edit.replacement.utf8))
            texts[place.path] = String(decoding: bytes, as: UTF8.self)
        }
        return texts
    }

    @Test("programs read reports as JSON lines and as GitHub commands")
    func machineFormats() {
        let text = "syntax = \"proto3\";\nmessage M {\n\tUsr ü = 1;\n  Strng \"a\nb\" = 2;\n}\nmessage User {}\n"
        let (_, report) = Files.compile(["a,b.proto": text])
        #expect(
            MachineRenderer(.json).render(report).split(separator: "\n").first == """
                {"severity":"error","code":"P0207","title":"a type that is not declared","message":"cannot find type `Usr`",\
                "span":{"path":"a,b.proto","start":{"line":3,"column":2,"offset":32},\
                "end":{"line":3,"column":5,"offset":35}},"label":"not found in `M` or around it",\
                "help":"did you mean `User`?","fixes":[{"title":"write `User`","edits":[{"span":{"path":"a,b.proto",\
                "start":{"line":3,"column":2,"offset":32},"end":{"line":3,"column":5,"offset":35}},\
                "replacement":"User"}]}]}
                """)
        #expect(
            MachineRenderer(.github).render(report).split(separator: "\n").first == """
                ::error file=a%2Cb.proto,line=3,col=2,endLine=3,endColumn=5,title=P0207::cannot find type `Usr`%0Ahelp: did you mean `User`?
                """)
    }
}
