import Descriptors
import Foundation
import ProtoBreaking
import ProtoCheck
import ProtoResolve
import ProtoSyntax

/// A contract that was changed: what the rules say of it.
///
/// `Contracts/mutations.txt` holds mutations of the contract in `Contracts/base`: `#### title`, then steps, one a line:
/// `file: text => other text` (the first place; `|` stands for a line's end; `(all)` at the end means every place),
/// `delete file`, `rename file => file`, `add file: text`.
struct Mutation: Sendable {
    let title: String
    let old: [String: String]
    let new: [String: String]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Contracts")

    static let base: [String: String] = {
        let root = folder.appending(path: "base").resolvingSymlinksInPath()
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return Dictionary(
            uniqueKeysWithValues: names.filter { $0.hasSuffix(".proto") }.map { name in
                (name, (try? String(contentsOf: root.appending(path: name), encoding: .utf8)) ?? "")
            })
    }()

    /// Mutations by hand, then those by table: every type beside every other, every cardinality beside every other.
    static func all() throws -> [Mutation] {
        let text = try String(contentsOf: folder.appending(path: "mutations.txt"), encoding: .utf8)
        let written = try text.components(separatedBy: "#### ").dropFirst().map { part in
            var lines = part.components(separatedBy: "\n")
            let title = lines.removeFirst()
            var files = base
            for line in lines where !line.isEmpty { try apply(line, to: &files, title) }
            return Mutation(title: title, old: base, new: files)
        }
        return written + Matrix.mutations
    }

    struct Failure: Error {
        let text: String
    }

    private static func apply(_ step: String, to files: inout [String: String], _ title: String) throws {
        if step.hasPrefix("delete ") {
            files[String(step.dropFirst(7))] = nil
        } else if step.hasPrefix("rename ") {
            let names = step.dropFirst(7).components(separatedBy: " => ")
            files[names[1]] = files.removeValue(forKey: names[0])
        } else if step.hasPrefix("add ") {
            let parts = step.dropFirst(4).components(separatedBy: ": ")
            files[parts[0]] = parts.dropFirst().joined(separator: ": ")
        } else {
            guard let colon = step.range(of: ": ") else { throw Failure(text: "\(title): no step: \(step)") }
            let file = String(step[..<colon.lowerBound])
            let sides = step[colon.upperBound...].replacing("|", with: "\n").components(separatedBy: " => ")
            guard sides.count == 2, let text = files[file], let place = text.range(of: sides[0]) else {
                throw Failure(text: "\(title): not in \(file): \(step)")
            }
            files[file] =
                sides[1].hasSuffix("(all)")
                ? text.replacing(sides[0], with: String(sides[1].dropLast(5)))
                : text.replacingCharacters(in: place, with: sides[1])
        }
    }

    // MARK: - Comparing

    static func compile(_ texts: [String: String]) throws -> [FileDescriptorProto] {
        let bytes = texts.mapValues { Array($0.utf8) }
        let (files, report) = Compiler { bytes[$0] ?? languageFeatures[$0].map { Array($0.utf8) } }
            .compile(texts.keys.sorted())
        guard !report.hasErrors else { throw Failure(text: ReportRenderer().render(report)) }
        return files
    }

    /// What buf brings along and our compiler does not: as much of it as the mutations use.
    private static let languageFeatures = [
        "google/protobuf/cpp_features.proto": """
        syntax = "proto2"; package pb; import "google/protobuf/descriptor.proto";
        extend google.protobuf.FeatureSet { optional CppFeatures cpp = 1000; }
        message CppFeatures {
          enum StringType { STRING_TYPE_UNKNOWN = 0; VIEW = 1; CORD = 2; STRING = 3; }
          optional bool legacy_closed_enum = 1;
          optional StringType string_type = 2;
        }
        """,
        "google/protobuf/java_features.proto": """
        syntax = "proto2"; package pb; import "google/protobuf/descriptor.proto";
        extend google.protobuf.FeatureSet { optional JavaFeatures java = 1001; }
        message JavaFeatures {
          enum Utf8Validation { UTF8_VALIDATION_UNKNOWN = 0; DEFAULT = 1; VERIFY = 2; }
          optional bool legacy_closed_enum = 1;
          optional Utf8Validation utf8_validation = 2;
        }
        """,
    ]

    private static let compiledBase = Result { try compile(base) }

    func result(_ options: BreakingOptions) throws -> BreakingChecker.Result {
        let before = try old == Mutation.base ? Mutation.compiledBase.get() : Mutation.compile(old)
        return try BreakingChecker(options: options).compare(Mutation.compile(new), against: before)
    }
}

/// Contracts in which one thing stands beside every other: a message for each pair.
enum Matrix {
    static let scalars = [
        "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "float",
        "double", "bool", "string", "bytes", "E", "M",
    ]
    static let cardinalities = [
        "optional int32 x = 1;", "required int32 x = 1;", "repeated int32 x = 1;",
        "map<int32, int32> x = 1;", "oneof o { int32 x = 1; }",
    ]

    static var mutations: [Mutation] {
        let types = pairs(scalars.map { "\($0) x = 1;" })
        let lists = pairs(scalars.map { "repeated \($0) x = 1;" })
        let values = pairs(scalars.map { "map<string, \($0)> x = 1;" })
        let counts = pairs(cardinalities)
        return [
            mutation("every type beside every other", "proto3", types),
            mutation("every list beside every other", "proto3", lists),
            mutation("every map beside every other", "proto3", values),
            mutation("every cardinality beside every other", "proto2", counts),
        ]
    }

    private static func pairs(_ fields: [String]) -> [(String, String)] {
        fields.flatMap { field in fields.map { (field, $0) } }
    }

    private static func mutation(_ title: String, _ syntax: String, _ pairs: [(String, String)]) -> Mutation {
        let head = "syntax = \"\(syntax)\";\npackage m;\nmessage M {}\nenum E { E_ZERO = 0; E_ONE = 1; }\n"
        func text(_ side: ((String, String)) -> String) -> String {
            head + pairs.enumerated().map { "message X\($0) { \(side($1)) }\n" }.joined()
        }
        return Mutation(title: title, old: ["m.proto": text { $0.0 }], new: ["m.proto": text { $0.1 }])
    }
}
