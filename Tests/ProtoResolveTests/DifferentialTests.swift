import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import ProtoWire
import Testing

/// Contracts changed at random: what protoc takes, we take, and make the same of it; what it refuses, we refuse.
@Suite(.enabled(if: Files.hasProtoc, Protoc.unavailable))
struct DifferentialTests {
    typealias Seeded = FuzzTests.Seeded

    static let own = Files.tests.appending(path: "Contracts")
    static let mesh = Files.top.appending(path: "proto")
    static let texts: [String] = {
        let paths = ["opts.proto", "p2.proto", "ed.proto", "ed24.proto"].map { (own, $0) }
        let contracts = ["learn/course/v1/course", "weft/options/v1/options", "weft/control/v1/control"]
        return (paths + contracts.map { (mesh, "\($0).proto") }).compactMap { root, path in
            Files.read(path, under: [root]).map { String(decoding: $0, as: UTF8.self) }
        }
    }()

    static let names = [
        "int32", "int64", "string", "bytes", "bool", "double", "float", "fixed64", "M", "E", "Base",
        "google.protobuf.Any",
        ".x.y.M", "repeated", "optional", "true", "false", "inf", "nan", "deprecated", "packed", "lazy", "jstype",
        "JS_STRING",
        "features", "EXPLICIT", "IMPLICIT", "group", "x", "_a", "aB", "a_b", "allow_alias", "message_set_wire_format",
        "default", "json_name", "debug_redact", "weak", "public", "export", "local", "reserved", "option", "stream",
        "max",
    ]
    static let numbers = [
        "0", "1", "2", "3", "5", "100", "101", "19000", "536870911", "536870912", "0x10", "010", "2147483647", "1.5",
        "08",
    ]
    static let endings = [
        " [deprecated = true];", " [packed = true];", " [json_name = \"a\"];", " [default = 1];", " [default = \"x\"];",
        " [lazy = true];", " [jstype = JS_STRING];", " [features.field_presence = EXPLICIT];", "; reserved 3;",
        " [debug_redact = true, retention = RETENTION_SOURCE];", "; reserved \"a\";", "; int32 zz = 77;",
        "; optional int32 zz = 1;", "; repeated M zz = 78;", "; map<string, int32> zz = 79;",
        "; oneof oz { int32 zz = 81; }",
        "; enum ZE { ZA = 0; ZB = 1; ZC = 1; }", "; enum ZE { ZA = 1; }",
        "; message ZM { int32 a_b = 1; string aB = 2; }",
        "; enum ZE { ZE_A = 0; A = 2; }", "; option deprecated = true;", "; extensions 5000 to 6000;",
        "; rpc Zz(M) returns (M);", "; import \"google/protobuf/any.proto\";", ";;", "",
    ]
    static let blanks = [
        "// c\n", "/* c */", "\n", "\n\n// d\n\n", "\t", "/* a */ /* b */", "\n/* a\n * b */\n", " // t\n", "/**/",
        "\n // e\n\n // f\n",
    ]

    /// Words, numbers, strings, comments, blanks and marks, so that the text is their sum.
    static func pieces(of text: String) -> [String] {
        let piece = #/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*(?s:.*?)\*/|\s+|\w+|(?s:.)/#
        return text.matches(of: piece).map { String($0.output) }
    }

    static func mutation(_ random: inout Seeded) -> String {
        var pieces = pieces(of: texts.randomElement(using: &random) ?? "")
        func places(_ fits: (Character) -> Bool) -> [Int] {
            pieces.indices.filter { pieces[$0].first.map(fits) ?? false }
        }
        for _ in 0..<[1, 1, 2][Int.random(in: 0..<3, using: &random)] {
            let words = places { $0.isLetter }
            guard let word = words.randomElement(using: &random), let other = words.randomElement(using: &random)
            else { break }
            let kind = Int.random(in: 0..<8, using: &random)
            switch kind {
            case 0: pieces[word] = pieces[other]
            case 1: pieces[word] = names.randomElement(using: &random) ?? ""
            case 2:
                guard let at = places({ $0.isNumber }).randomElement(using: &random) else { continue }
                pieces[at] = numbers.randomElement(using: &random) ?? ""
            case 3:
                guard let at = places({ $0 == ";" }).randomElement(using: &random) else { continue }
                pieces[at] = endings.randomElement(using: &random) ?? ""
            case 4:
                let at = Int.random(in: pieces.indices, using: &random)
                pieces[at] += blanks.randomElement(using: &random) ?? ""
            case 5: pieces.remove(at: Int.random(in: pieces.indices, using: &random))
            default:
                var lines = pieces.joined().components(separatedBy: "\n")
                let from = Int.random(in: lines.indices, using: &random)
                let to = Int.random(in: lines.indices, using: &random)
                if kind == 6 { lines.insert(lines[from], at: to) } else { lines.swapAt(from, to) }
                return lines.joined(separator: "\n")
            }
        }
        return pieces.joined()
    }

    /// `FUZZ=5000 swift test` runs longer; `FUZZ_SEED` begins elsewhere.
    @Test("protoc and we agree on mutated contracts", .timeLimit(.minutes(60)))
    func mutationsAreTakenAlike() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["FUZZ"].flatMap { Int($0) } ?? 150
        let first = environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
        let folder = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for seed in first..<first + UInt64(count) {
            var random = Seeded(state: seed)
            try Data(Self.mutation(&random).utf8).write(to: folder.appending(path: "m\(seed).proto"))
        }
        let roots = [Self.own, Self.mesh, try #require(Files.wellKnown)]
        let protoc = Protoc(roots: [folder] + roots)
        var taken = 0
        for seed in first..<first + UInt64(count) {
            let ours = Files.compile(["m\(seed).proto"], under: [folder] + roots, sourceInfo: true)
            let theirs = try? protoc.descriptorSet(of: ["m\(seed).proto"], sourceInfo: true, retain: false)
            let isText = !ours.report.diagnostics.contains { $0.message.hasSuffix("this is not UTF-8") }
            // protoc lets a `string` option hold what is no text; nobody could read such a descriptor.
            guard isText else { continue }
            let lines = ReportRenderer(style: .lines).render(ours.report)
            #expect(ours.report.hasErrors == (theirs == nil), "seed \(seed): \(lines)")
            guard let theirs, let ours = ours.files.last else { continue }
            taken += 1
            let isEqual = ours.encoded() == theirs.file.last?.encoded()
            #expect(isEqual, "seed \(seed)")
        }
        #expect(taken > count / 5, "too few contracts compile to say much")
        print("\(count) mutations from seed \(first): protoc agrees on all, \(taken) compile")
    }
}
