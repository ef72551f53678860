import ProtoResolve
import ProtoSyntax
import Testing

/// How much a declaration may hold in edition 2026: as much as protoc lets it.
struct LimitTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let isRefused: Bool

        init(_ words: String, _ text: String, refused isRefused: Bool) {
            testDescription = words
            self.text = text
            self.isRefused = isRefused
        }
    }

    private static func fields(_ count: Int) -> String {
        (1...count).map { " int32 f\($0) = \($0);" }.joined()
    }

    private static func oneofs(_ count: Int) -> String {
        (1...count).map { " oneof o\($0) { int32 f\($0) = \($0); }" }.joined()
    }

    private static func values(_ count: Int) -> String {
        (0..<count).map { " V\($0) = \($0);" }.joined()
    }

    private static let optOut = " option features.enforce_proto_limits = LEGACY_NO_EXPLICIT_LIMITS;"

    static let cases = [
        Case("1,500 fields", "message M {\(fields(1_500)) }", refused: false),
        Case("1,501 fields", "message M {\(fields(1_501)) }", refused: true),
        Case("1,501 fields, opted out", "message M {\(optOut)\(fields(1_501)) }", refused: false),
        Case("1,501 fields, opted out around", "message O {\(optOut) message M {\(fields(1_501)) } }", refused: false),
        Case("1,000 oneofs", "message M {\(oneofs(1_000)) }", refused: false),
        Case("1,001 oneofs", "message M {\(oneofs(1_001)) }", refused: true),
        Case("1,200 fields in a oneof", "message M { oneof o {\(fields(1_200)) } }", refused: false),
        Case("1,201 fields in a oneof", "message M { oneof o {\(fields(1_201)) } }", refused: true),
        Case(
            "1,201 fields in a oneof, opted out", "message M { oneof o {\(optOut)\(fields(1_201)) } }", refused: false),
        Case("1,700 values", "enum E {\(values(1_700)) }", refused: false),
        Case("1,701 values", "enum E {\(values(1_701)) }", refused: true),
        Case("1,701 values, opted out", "enum E {\(optOut)\(values(1_701)) }", refused: false),
        Case("1,501 extensions", "message X { extensions 1 to max; } extend X {\(fields(1_501)) }", refused: false),
    ]

    @Test("declarations hold so much and no more", arguments: cases)
    func limitsAreKept(each: Case) {
        let report = Files.compile(["a.proto": "edition = \"2026\";\n\(each.text)\n"]).report
        let codes = Set(report.diagnostics.map(\.code))
        #expect(codes == (each.isRefused ? [.protoLimits] : []))
    }

    @Test("before edition 2026 nobody counts")
    func olderEditionsHaveNoLimits() {
        #expect(Files.compile(["a.proto": "edition = \"2024\";\nmessage M {\(Self.fields(3_000)) }\n"]).report.isEmpty)
    }
}
