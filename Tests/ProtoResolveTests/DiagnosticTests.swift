import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import ProtoWire
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
    static let names = [
        "tokens", "grammar", "names", "numbers", "options", "rules", "edition2024", "edition2026", "lifetimes",
        "values",
        "language", "ranges", "lexis",
    ]

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
            let isGolden = report == each.expected
            #expect(isGolden, "\(name): \(each.title)\n\(report)")
        }
    }

    @Test("there are many cases, and they meet nearly every code")
    func casesCoverCodes() throws {
        let cases = try Self.names.flatMap { try Self.cases(in: $0) }
        #expect(cases.count >= 500)
        let broken = cases.filter { $0.expected.contains("error[") }
        #expect(broken.count >= 250)
        print("\(cases.count) contracts with their reports, \(broken.count) of them broken")
        let text = cases.map(\.expected).joined()
        // Files of 16 MiB, two million tokens, ten thousand files, thousands of fields: tested by themselves, or too dear to.
        let untested: Set<DiagnosticCode> = [.fileTooLarge, .tooManyTokens, .tooManyFiles, .protoLimits]
        for code in DiagnosticCode.allCases where !untested.contains(code) {
            let isMet = text.contains("[\(code.rawValue)]")
            #expect(isMet, "no case meets \(code.rawValue)")
        }
    }

    /// Where protoc finds a fault, so do we; where it finds none, we make the same descriptors, places and comments included.
    @Test("protoc refuses what we refuse", .enabled(if: Files.hasProtoc, Protoc.unavailable), arguments: names)
    func protocAgrees(name: String) throws {
        for each in try Self.cases(in: name) where Self.knownDifferences[each.title] == nil {
            let folder = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            for (path, text) in each.files {
                let file = folder.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            let roots = [folder, try #require(Files.wellKnown)]
            let theirs = Result {
                try Protoc(roots: roots).descriptorSet(of: ["a.proto"], sourceInfo: true, retain: false, stable: true)
            }
            let isRefused = each.expected.contains("error[")
            switch theirs {
            case .failure(let failure):
                #expect(isRefused, "\(each.title): protoc says: \(failure)")
            case .success(let set):
                #expect(!isRefused, "\(each.title): protoc takes it")
                let ours = Files.compile(["a.proto"], under: roots, sourceInfo: true)
                let isEqual = ours.files.map { $0.encoded() } == set.file.map { $0.encoded() }
                #expect(isEqual || isRefused, "\(each.title): the descriptors differ")
            }
        }
    }

    /// Cases in which protoc is laxer or stricter, each with the reason.
    static let knownDifferences: [String: String] = [
        "comments in aggregate": "protoc takes all that follows `#` for a comment, to the end of the value",
        "string default not utf8": "a descriptor's `default_value` is text, which others could not read",
        "string escape U big": "no such character: protoc writes bytes that are no text",
        "string escape lone surrogate": "no such character: protoc writes bytes that are no text",
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
