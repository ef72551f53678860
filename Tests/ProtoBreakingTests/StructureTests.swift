import Descriptors
import Foundation
import ProtoBreaking
import ProtoCheck
import Testing

/// Where structure decides and not names, and what a configuration may say.
struct StructureTests {
    static func compare(
        _ before: String, _ now: String, use: [String], change: (inout BreakingOptions) -> Void = { _ in }
    ) throws -> BreakingChecker.Result {
        var options = BreakingOptions()
        options.selection.use = use
        change(&options)
        let head = "syntax = \"proto3\";\npackage a.v1;\n"
        let mutation = Mutation(title: "", old: ["a.proto": head + before], new: ["a.proto": head + now])
        return try mutation.result(options)
    }

    static let node =
        "message Node { Node next = 1; Kind kind = 2; } enum Kind { ZERO = 0; } message User { Node node = 1; }"

    @Test("a message under another name breaks nothing on the wire, even if it refers to itself")
    func renamedMessages() throws {
        let link = Self.node.replacing("Node ", with: "Link ")
        for use in ["WIRE", "WIRE_JSON"] {
            let result = try Self.compare(Self.node, link, use: [use])
            #expect(result.findings.isEmpty)
            #expect(result.remarks.map(\.message).allSatisfy { $0.hasSuffix("renamed, same on the wire") })
            #expect(!result.remarks.isEmpty)
        }
    }

    @Test("for code that is built again it is a break, and it says that it is only the name")
    func renamedMessagesInSource() throws {
        let link = Self.node.replacing("Node ", with: "Link ")
        let result = try Self.compare(Self.node, link, use: ["FILE"])
        #expect(
            result.findings.map(\.message).contains("the message `Node` was renamed to `a.v1.Link`, same on the wire"))
        #expect(result.findings.allSatisfy { $0.message.contains("same on the wire") })
    }

    @Test(
        "a difference anywhere below is a difference",
        arguments: [
            ("Kind kind = 2;", "Kind kind = 3;"), ("Kind kind = 2;", "string kind = 2;"),
            ("Kind kind = 2;", "repeated Kind kind = 2;"), ("Kind kind = 2;", "optional Kind kind = 2;"),
            ("Kind kind = 2;", "Kind kind = 2; int32 more = 3;"),
            ("Kind kind = 2;", "oneof o { Kind kind = 2; string s = 3; }"),
        ])
    func differentForms(before: String, now: String) throws {
        let link = Self.node.replacing("Node ", with: "Link ").replacing(before, with: now)
        let result = try Self.compare(Self.node, link, use: ["WIRE"])
        #expect(!result.findings.isEmpty)
    }

    @Test("in JSON the names of fields and values count as well")
    func namesInJSON() throws {
        let other = Self.node.replacing("Node ", with: "Link ").replacing("kind = 2", with: "sort = 2")
        #expect(try Self.compare(Self.node, other, use: ["WIRE"]).findings.isEmpty)
        #expect(try !Self.compare(Self.node, other, use: ["WIRE_JSON"]).findings.isEmpty)
    }

    @Test("a default of a number is the same under another type")
    func defaults() throws {
        let head = "syntax = \"proto2\";\n"
        func compare(_ before: String, _ now: String) throws -> Int {
            var options = BreakingOptions()
            options.selection.use = ["FIELD_SAME_DEFAULT"]
            return try Mutation(
                title: "", old: ["a.proto": head + "message M { optional \(before); }"],
                new: ["a.proto": head + "message M { optional \(now); }"]
            ).result(options).findings.count
        }
        #expect(try compare("int32 x = 1 [default = 3]", "double x = 1 [default = 3]") == 0)
        #expect(try compare("int32 x = 1 [default = 3]", "double x = 1 [default = 3.5]") == 1)
        #expect(try compare("uint64 x = 1 [default = 18446744073709551615]", "int64 x = 1 [default = -1]") == 1)
        #expect(try compare("double x = 1 [default = nan]", "float x = 1 [default = nan]") == 0)
        #expect(try compare("bytes x = 1 [default = \"\\xff\\0\"]", "bytes x = 1 [default = \"\\377\\000\"]") == 0)
    }

    @Test("files, rules in files and unstable packages can be ignored")
    func ignores() throws {
        let (before, now) = ("message M { int32 x = 1; }", "message M { string x = 1; }")
        func count(_ change: (inout BreakingOptions) -> Void) throws -> Int {
            try Self.compare(before, now, use: ["FILE"], change: change).findings.count
        }
        #expect(try count { _ in } == 1)
        #expect(try count { $0.ignores.paths = ["a.proto"] } == 0)
        #expect(try count { $0.ignores.pathsOfRule = ["FIELD_SAME_TYPE": ["a.proto"]] } == 0)
        #expect(try count { $0.ignores.pathsOfRule = ["FIELD_SAME_NAME": ["a.proto"]] } == 1)
        #expect(try count { $0.selection.except = ["FIELD_SAME_TYPE"] } == 0)
        #expect(try count { $0.ignoresUnstablePackages = true } == 1)
        var options = BreakingOptions()
        options.ignoresUnstablePackages = true
        let unstable = Mutation(
            title: "", old: ["a.proto": "syntax = \"proto3\"; package a.v1beta1; \(before)"],
            new: ["a.proto": "syntax = \"proto3\"; package a.v1beta1; \(now)"])
        #expect(try unstable.result(options).findings.isEmpty)
    }

    @Test("names of rules that were replaced still mean something")
    func replacedNames() throws {
        let result = try Self.compare(
            "message M { int32 x = 1; }", "message M { repeated int32 x = 1; }", use: ["FIELD_SAME_LABEL"])
        #expect(
            Set(result.findings.map(\.rule)) == [
                "FIELD_SAME_CARDINALITY", "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
            ])
        #expect(throws: ConfigurationFault("there is no rule or category `NOPE`")) {
            try Self.compare("", "", use: ["NOPE"])
        }
    }

    @Test("the names and categories are buf's: 64 rules")
    func ruleNames() {
        let rules = BreakingRule.all.map(\.rule)
        #expect(Set(rules.map(\.name)).count == rules.count)
        func count(_ category: String) -> Int { rules.filter { $0.categories.contains(category) }.count }
        #expect(
            [rules.count] + ["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"].map(count) == [64, 51, 51, 22, 15, 32])
    }

    @Test("wide messages within wide messages are tried within bounds", .timeLimit(.minutes(1)))
    func wideMessages() throws {
        let fields = (1...200).map { "W w\($0) = \($0);" }.joined()
        let before = "message W { \(fields) int32 x = 201; } message M { W w = 1; }"
        let now = before.replacing("M { W w = 1; }", with: "M { V w = 1; } message V { \(fields) string x = 201; }")
        let result = try Self.compare(before, now, use: ["WIRE"])
        #expect(result.findings.count == 1)
        #expect(result.findings.allSatisfy { $0.notes.contains { $0.label == "witness" } })
    }

    @Test("required messages within required ones are part of what is sent")
    func requiredMessages() throws {
        let head = "syntax = \"proto2\"; message In { required string id = 1; } message Mid { required In in = 1; } "
        let mutation = Mutation(
            title: "", old: ["a.proto": head + "message M { required Mid mid = 1; optional int32 x = 2; }"],
            new: ["a.proto": head + "message M { required Mid mid = 1; optional sint32 x = 2; }"])
        var options = BreakingOptions()
        options.selection.use = ["WIRE"]
        let notes = try mutation.result(options).findings.flatMap(\.notes)
        #expect(notes.contains { $0.text.hasSuffix(#"now:    {"mid":{"in":{"id":"abc"}},"x":-1}"#) })
    }

    @Test("a set of files that nobody checked is compared without a crash")
    func hostileDescriptors() throws {
        var message = DescriptorProto()
        message.name = "M"
        var field = FieldDescriptorProto()
        field.name = "x"
        field.number = -5
        field.oneofIndex = 7
        field.typeName = ".nowhere.To.Be"
        message.field = [field, field]
        var range = DescriptorProto.ReservedRange()
        range.start = .max
        range.end = .min
        message.reservedRange = [range]
        var file = FileDescriptorProto()
        file.name = "a.proto"
        file.messageType = [message, message]
        var values = EnumDescriptorProto()
        values.reservedRange = [EnumDescriptorProto.EnumReservedRange()]
        file.enumType = [values]
        var other = file
        other.messageType[0].field = []
        other.messageType[0].reservedRange = []
        other.messageType[0].oneofDecl = [OneofDescriptorProto()]
        for (old, new) in [([file], [other]), ([other], [file]), ([file, file], []), ([], [file])] {
            var options = BreakingOptions()
            options.selection.use = ["FILE", "PACKAGE", "WIRE_JSON", "WIRE"]
            _ = try BreakingChecker(options: options).compare(new, against: old)
        }
    }
}
