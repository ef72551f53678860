import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import Testing

/// Whatever stands in a file, the compiler ends, and says something if there is nothing to be had.
struct FuzzTests {
    /// A generator with a seed, so that a crash can be met again (SplitMix64).
    struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let words: [String] = [
        "message", "enum", "oneof", "map<string, int32>", "optional", "repeated", "required", "group", "extend",
        "extensions",
        "reserved", "to", "max", "option", "service", "rpc", "returns", "stream", "import", "public", "package",
        "syntax",
        "{", "}", "[", "]", "(", ")", "<", ">", "=", ";", ",", ".", ":", "-", "\"", "'", "/*", "*/", "//", "\n", "\\",
        "0", "1", "0x", "9999999999999999999999", "1e999", "-1", "536870911", "2147483648", "inf", "nan", "a.b.c", ".x",
        "M",
        "default", "json_name", "features", "(a.b)", "\u{0}", "é", "\u{FEFF}", "deprecated = true",
        "edition = \"2023\";",
    ]

    static let roots = [Files.tests.appending(path: "Contracts"), Files.top.appending(path: "proto")]

    /// Corners of the language, several times, and faults that were met before.
    static let seeds: [[UInt8]] = {
        let contracts = roots.flatMap { root in
            Files.contracts(under: root).compactMap { Files.read($0, under: [root]) }
        }
        let broken = DiagnosticTests.names.flatMap { name in
            (try? DiagnosticTests.cases(in: name))?.flatMap { $0.files.map { Array($0.text.utf8) } } ?? []
        }
        return contracts + contracts + contracts + contracts + broken
    }()

    static func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes.removeSubrange(at..<end)
            case 1: bytes.insert(contentsOf: words.randomElement(using: &random).map { Array($0.utf8) } ?? [], at: at)
            case 2: bytes.replaceSubrange(at..<end, with: Array((words.randomElement(using: &random) ?? "").utf8))
            case 3:
                bytes.insert(contentsOf: Array(bytes[at..<end]), at: Int.random(in: 0...bytes.count, using: &random))
            case 4 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 5: bytes.removeSubrange(at...)
            default:
                let other = seeds.randomElement(using: &random) ?? []
                let from = Int.random(in: 0...other.count, using: &random)
                bytes.insert(contentsOf: other[from..<min(other.count, from + 200)], at: at)
            }
        }
    }

    /// `FUZZ=100000 swift test` runs longer; `FUZZ_SEED` begins elsewhere.
    @Test("mutated contracts neither crash nor hang", .timeLimit(.minutes(10)))
    func mutationsAreSurvived() {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["FUZZ"].flatMap { Int($0) } ?? 1_500
        let first = environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
        var good = 0
        for seed in first..<first + UInt64(count) {
            var random = Seeded(state: seed)
            var bytes = Self.seeds.randomElement(using: &random) ?? []
            Self.mutate(&bytes, &random)
            let other = Self.seeds.randomElement(using: &random) ?? []
            let compiler = Compiler { path in
                path == "a.proto" ? bytes : path == "b.proto" ? other : Files.read(path, under: Self.roots)
            }
            let (files, report) = compiler.compile(["a.proto"])
            #expect(report.hasErrors != (files.last?.name == "a.proto"), "seed \(seed)")
            #expect(report.diagnostics.count <= Report.defaultLimit, "seed \(seed)")
            // Rendering must stand any span.
            #expect(ReportRenderer().render(report).isEmpty == report.isEmpty, "seed \(seed)")
            if !report.hasErrors { good += 1 }
        }
        print("\(count) mutations from seed \(first): \(good) compile, none crash")
    }

    @Test("hostile shapes are refused in good time", .timeLimit(.minutes(2)))
    func hostileShapesEnd() {
        let deep = String(repeating: "message M {", count: 20_000)
        let option = "option (a) = " + String(repeating: "{ a ", count: 20_000)
        let lists = "option (a) = { a: " + String(repeating: "[", count: 20_000)
        let dots = "message M { a" + String(repeating: ".b", count: 50_000) + " c = 1; }"
        let names = "message M {" + (1...1_000).map { "Nope\($0) a\($0) = 1;" }.joined() + "}"
        let ranges = "message M { reserved " + (1...5_000).map { "\($0 * 10)" }.joined(separator: ", ") + "; }"
        let brackets = "message M { int32 a = 1 [" + String(repeating: "a = {", count: 10_000) + "; }"
        let parts = "option (a)" + String(repeating: ".b", count: 50_000) + " = 1;"
        for text in [deep, option, lists, dots, names, brackets, parts] {
            let (_, report) = Files.compile(["a.proto": "syntax = \"proto3\";\n" + text])
            #expect(report.hasErrors)
        }
        #expect(!Files.compile(["a.proto": "syntax = \"proto3\";\n" + ranges]).report.hasErrors)
    }

    @Test("a long chain of imports is followed, an endless one is not", .timeLimit(.minutes(1)))
    func importsAreBounded() {
        let endless = Compiler { path in
            let number = Int(path.dropFirst().prefix { $0.isNumber }) ?? 0
            return path.hasPrefix("f") ? Array("syntax = \"proto3\"; import \"f\(number + 1).proto\";".utf8) : nil
        }
        let (files, report) = endless.compile(["f0.proto"])
        #expect(files.isEmpty)
        #expect(report.diagnostics.contains { $0.code == .tooManyFiles })
    }
}
