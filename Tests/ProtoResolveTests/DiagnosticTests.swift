import Foundation
import ProtoResolve
import ProtoSyntax
import Testing

/// Broken contracts, and what the compiler says about them, as goldens.
///
/// A file of `Diagnostics` holds cases: `#### title`, files as `== path` and text, `----`, the report.
/// `UPDATE=1 swift test` rewrites the reports; the diff is what is reviewed.
struct DiagnosticTests {
    struct Case {
        let title: String
        let input: String
        let expected: String

        /// The files, in order.
        var files: [(path: String, text: String)] {
            input.components(separatedBy: "== ").dropFirst().map { part in
                let end = part.firstIndex(of: "\n") ?? part.endIndex
                return (String(part[..<end]), String(part[end...].dropFirst()))
            }
        }

        var report: String {
            let texts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
            let (files, report) = Files.compile(texts, ["a.proto"])
            let text = ReportRenderer().render(report)
            return text + (report.hasErrors ? "" : files.isEmpty ? "nothing\n" : "good\n")
        }
    }

    static let folder = Files.tests.appending(path: "Diagnostics")
    static let names = ["tokens", "grammar", "names", "numbers", "options", "rules"]

    static func cases(in name: String) throws -> [Case] {
        let text = try String(contentsOf: folder.appending(path: "\(name).txt"), encoding: .utf8)
        return text.components(separatedBy: "#### ").dropFirst().map { part in
            let end = part.firstIndex(of: "\n") ?? part.endIndex
            let halves = part[end...].dropFirst().components(separatedBy: "\n----\n")
            return Case(
                title: String(part[..<end]), input: halves[0] + "\n", expected: halves.count > 1 ? halves[1] : "")
        }
    }

    @Test("the compiler says what the goldens say", arguments: names)
    func reportsAreTheGoldens(name: String) throws {
        let cases = try Self.cases(in: name)
        if Files.isUpdating {
            let text = cases.map { "#### \($0.title)\n\($0.input)----\n\($0.report)" }.joined()
            try Data(text.utf8).write(to: Self.folder.appending(path: "\(name).txt"))
            return
        }
        for each in cases {
            let report = each.report
            #expect(report == each.expected, "\(name): \(each.title)\n\(report)")
        }
    }

    @Test("there are many cases, and they meet nearly every code")
    func casesCoverCodes() throws {
        let cases = try Self.names.flatMap { try Self.cases(in: $0) }
        #expect(cases.count >= 70)
        let text = cases.map(\.expected).joined()
        // Files of 16 MiB, two million tokens, ten thousand files: tested by themselves or too dear to test.
        let untested: Set<DiagnosticCode> = [.fileTooLarge, .tooManyTokens, .tooManyFiles]
        for code in DiagnosticCode.allCases where !untested.contains(code) {
            #expect(text.contains("[\(code.rawValue)]"), "no case meets \(code.rawValue)")
        }
    }

    /// Where protoc finds a fault, so do we, and where it finds none, neither do we.
    @Test("protoc refuses what we refuse", .enabled(if: Files.hasProtoc), arguments: names)
    func protocAgrees(name: String) throws {
        for each in try Self.cases(in: name) where !Self.knownDifferences.contains(each.title) {
            let folder = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            for (path, text) in each.files {
                let file = folder.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            let packages = try #require(Files.sitePackages)
            let protoc = Protoc(roots: [folder, packages.appending(path: "grpc_tools/_proto")])
            let complaints = try protoc.complaints(about: ["a.proto"])
            let isRefused = each.expected.contains("error[")
            #expect(isRefused == !complaints.isEmpty, "\(each.title): protoc says: \(complaints)")
        }
    }

    /// Cases in which protoc is laxer or stricter, each for the reason that it states.
    static let knownDifferences: Set<String> = [
        "a value does not nest without end"  // protoc reads values of any depth.
    ]

    @Test("faults beyond the limit are counted, not kept")
    func reportIsBounded() {
        let fields = (1...50).map { "  Nope\($0) f\($0) = \($0);\n" }.joined()
        let (_, report) = Files.compile(["a.proto": "syntax = \"proto3\";\nmessage M {\n\(fields)}\n"], limit: 5)
        #expect(report.diagnostics.count == 5)
        #expect(report.omitted == 45)
        #expect(ReportRenderer().render(report).hasSuffix("45 more not shown\n"))
    }

    @Test("one line a fault, for editors")
    func linesAreForEditors() {
        let (_, report) = Files.compile([
            "a.proto": "syntax = \"proto3\";\nmessage M {\n\tUsr ü = 1;\n}\nmessage User {}\n"
        ])
        #expect(
            ReportRenderer(style: .lines).render(report) == """
                a.proto:3:2: error: cannot find type `Usr` [P0207] (did you mean `User`?)
                a.proto:3:6: error: `ü` is not a name [P0001] (names are ASCII; other letters may stand in strings and comments)

                """)
    }

    @Test("a file that is too large is refused unread")
    func largeFilesAreRefused() {
        let text = String(repeating: " ", count: Parser.largestFile + 1)
        let (_, report) = Files.compile(["a.proto": text])
        #expect(report.diagnostics.map(\.code) == [.fileTooLarge])
    }
}
