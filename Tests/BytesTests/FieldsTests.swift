import Bytes
import Testing

/// Header lists keep order and bytes, and find the names that the mesh reads.
struct FieldsTests {
    static func lines(_ fields: Fields) -> [String] { fields.map { "\($0.name)=\($0.value)" } }

    @Test("each known name is found by its bytes", arguments: Fields.Name.allCases.filter { $0 != .other })
    func known(_ name: Fields.Name) {
        var fields = Fields()
        fields.append(name.text, "v")
        #expect(fields.name(at: 0) == name && fields[name] == "v" && fields[name.text] == "v")
        // The same length and last letter, and yet another name.
        var near = Array(name.text.utf8)
        near[0] = UInt8(ascii: "~")
        #expect(near.withUnsafeBufferPointer { Fields.Name($0) } == .other)
        let longer = near + near.suffix(1)
        #expect(longer.withUnsafeBufferPointer { Fields.Name($0) } == .other)
    }

    @Test("pseudo-header fields are those with a colon")
    func pseudo() {
        for name in Fields.Name.allCases { #expect(name.isPseudo == name.text.hasPrefix(":")) }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Fields) -> Void
        var lines: [String]

        init(_ rule: String, _ lines: String..., change: @escaping @Sendable (inout Fields) -> Void) {
            testDescription = rule
            self.lines = lines
            self.change = change
        }
    }

    static let start: Fields = [":path": "/", "te": "trailers", "x": "1", "x": "2"]

    static let rows: [Row] = [
        Row("nothing changes nothing", ":path=/", "te=trailers", "x=1", "x=2") { _ in },
        Row("append adds at the end", ":path=/", "te=trailers", "x=1", "x=2", "y=3") { $0.append("y", "3") },
        Row("set replaces where the field is", ":path=/longer", "te=trailers", "x=1", "x=2") {
            $0.set(.path, "/longer")
        },
        Row("set adds a pseudo-header field in front", ":method=GET", ":path=/", "te=trailers", "x=1", "x=2") {
            $0.set(.method, "GET")
        },
        Row("set adds another field at the end", ":path=/", "te=trailers", "x=1", "x=2", "host=h") {
            $0.set(.host, "h")
        },
        Row("removing by name takes all of it out", ":path=/", "x=1", "x=2") { $0.removeAll(.te) },
        Row("removing by condition takes those out", ":path=/", "te=trailers", "x=1") {
            $0.removeAll { $0.value == "2" }
        },
        Row("removing what is not there changes nothing", ":path=/", "te=trailers", "x=1", "x=2") {
            $0.removeAll(.grpcStatus)
            $0.removeAll { _ in false }
        },
        Row("lists are joined, also those that were changed", ":path=/", "x=1", "x=2", ":path=/b", "z=9") {
            $0.removeAll(.te)
            var other: Fields = [":path": "/", "z": "9"]
            other.set(.path, "/b")
            $0.append(contentsOf: other)
        },
    ]

    @Test("a change does what it says, and the list weighs what it holds", arguments: rows)
    func change(_ row: Row) {
        var fields = Self.start
        row.change(&fields)
        #expect(Self.lines(fields) == row.lines)
        // Without the `=`, and with 32 bytes for each field (RFC 9113 §6.5.2).
        #expect(fields.listSize == row.lines.reduce(0) { $0 + $1.utf8.count - 1 + 32 })
        #expect(fields.count == row.lines.count && fields.isEmpty == row.lines.isEmpty)
        for index in 0..<fields.count {
            let place = fields.place(of: index)
            let line = fields.withAllBytes { bytes in
                let middle = place.start + place.nameLength
                let name = String(decoding: bytes[place.start..<middle], as: UTF8.self)
                return name + "=" + String(decoding: bytes[middle..<middle + place.valueLength], as: UTF8.self)
            }
            #expect(line == row.lines[index])
        }
    }

    @Test("the first of several values is the one that is asked for")
    func first() {
        #expect(Self.start["x"] == "1" && Self.start["y"] == nil && Self.start[.grpcStatus] == nil)
        #expect(Self.start.withValue(.te) { $0.count } == 8 && Self.start.withValue(.host) { $0.count } == nil)
    }

    @Test("a copy does not change with its original, and secrets stay marked")
    func values() {
        var fields = Fields()
        fields.append("authorization", "secret", isSensitive: true)
        let copy = fields
        fields.append("x", "")
        #expect(copy.count == 1 && copy[0].isSensitive && !fields[1].isSensitive && fields["x"] == "")
    }
}
