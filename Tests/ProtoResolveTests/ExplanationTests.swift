import Descriptors
import ProtoResolve
import ProtoSyntax
import Testing

/// What `explain` prints is true: its wrong examples have the fault, its right ones have none.
struct ExplanationTests {
    /// Examples that would fill pages, or that need more than one file to be wrong.
    static let abridged: Set<DiagnosticCode> = [
        .fileTooLarge, .tooManyTokens, .tooManyFiles, .notImported, .protoLimits,
    ]

    @Test("each code has an example with its fault and one without", arguments: DiagnosticCode.allCases)
    func examplesAreTrue(code: DiagnosticCode) {
        let explanation = code.explanation
        #expect(!explanation.title.isEmpty && !explanation.title.hasSuffix(".") && explanation.text.hasSuffix("."))
        let hidden = "edition = \"2024\";\nlocal message Hidden {}\n"
        if !Self.abridged.contains(code) {
            let (_, report) = Files.compile(["a.proto": explanation.wrong, "b.proto": hidden], ["a.proto"])
            #expect(
                report.diagnostics.contains { $0.code == code },
                "wrong: \(ReportRenderer(style: .lines).render(report))")
        }
        let (files, report) = Files.compile(["a.proto": explanation.right, "b.proto": hidden], ["a.proto"])
        #expect(report.isEmpty && !files.isEmpty, "right: \(ReportRenderer(style: .lines).render(report))")
    }

    @Test("a code is found by its name in any case")
    func codesAreNamed() {
        #expect(DiagnosticCode(named: "p0207") == .unknownType)
        #expect(DiagnosticCode(named: "P9999") == nil)
    }
}
