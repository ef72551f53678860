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

    @Test("a list that grows keeps what it holds, and its copies what they held")
    func growth() {
        var fields = Fields()
        var copies: [Fields] = []
        var lines: [String] = []
        for step in 0..<200 {
            copies.append(fields)
            let value = String(repeating: "v", count: step % 70)
            fields.append(step % 3 == 0 ? "te" : "x-\(step)", value)
            lines.append((step % 3 == 0 ? "te" : "x-\(step)") + "=" + value)
        }
        #expect(Self.lines(fields) == lines)
        for (count, copy) in copies.enumerated() { #expect(Self.lines(copy) == Array(lines.prefix(count))) }
    }

    @Test("a value that is set again and again changes in its own list alone")
    func sets() {
        var fields: Fields = [":path": "/", "grpc-timeout": "100m"]
        let before = fields
        for length in [3, 0, 50, 2, 500, 499, 1] {
            let text = String(repeating: "9", count: length)
            fields.set(.grpcTimeout, text)
            #expect(Self.lines(fields) == [":path=/", "grpc-timeout=" + text])
            #expect(fields.listSize == 6 + 12 + length + 64)
        }
        #expect(Self.lines(before) == [":path=/", "grpc-timeout=100m"])
    }

    @Test("an identity stays with its field, and goes when the value does")
    func identities() {
        var fields = Fields()
        let value = Array("1".utf8)
        for (number, name) in [Fields.Name.te, .path, .host].enumerated() {
            value.withUnsafeBufferPointer {
                fields.append(name, spelled: name.bytes, $0, isSensitive: false, identity: UInt64(number + 7))
            }
        }
        func all(_ fields: Fields) -> [UInt64] { fields.indices.map { fields.identity(at: $0) } }
        #expect(all(fields) == [7, 8, 9])
        fields.append("x", "2")
        fields.set(.method, "GET")
        #expect(all(fields) == [0, 7, 8, 9, 0])
        var other = fields
        other.removeAll(.te)
        other.append(contentsOf: fields)
        #expect(all(other) == [0, 8, 9, 0, 0, 7, 8, 9, 0])
        other.removeAll { $0.known == .path }
        #expect(all(other) == [0, 9, 0, 0, 7, 9, 0])
        for value in ["1", "22"] {
            var changed = fields
            changed.set(.path, value)
            #expect(all(changed) == [0, 7, 0, 9, 0])
        }
        #expect(all(fields) == [0, 7, 8, 9, 0])
    }

    @Test("identities are given once")
    func taking() {
        var one = FieldIdentities()
        var other = FieldIdentities()
        let taken = (0..<1000).flatMap { _ in [one.take(), other.take()] }
        #expect(Set(taken).count == taken.count && taken.allSatisfy { $0 >= 1024 })
    }

    @Test("staged bytes become a field, or are forgotten")
    func staging() {
        let start: Fields = ["a": "1"]
        var list = FieldsBuilder(start)
        func stage(_ text: String, after staged: Int, _ list: inout FieldsBuilder) -> Int {
            _ = list.stage(room: 1000, after: staged).update(fromContentsOf: Array(text.utf8))
            return text.utf8.count
        }
        #expect(stage("forgotten", after: 0, &list) == 9)
        #expect(stage("te", after: 0, &list) == 2)
        #expect(stage("trailers", after: 2, &list) == 8)
        #expect(Array(list.staged(10)) == Array("tetrailers".utf8))
        list.commit(.te, nameLength: 2, valueLength: 8, isSensitive: true, identity: 5)
        _ = stage("forgotten", after: 0, &list)
        Array("b2".utf8).withUnsafeBufferPointer { list.append(.other, $0, nameLength: 1, identity: 6) }
        #expect(list.count == 3 && list.listSize == 2 + 10 + 2 + 96)
        let fields = list.finish()
        #expect(Self.lines(fields) == ["a=1", "te=trailers", "b=2"] && fields.listSize == 14 + 96)
        #expect(fields[1].isSensitive && fields.indices.map { fields.identity(at: $0) } == [0, 5, 6])
        #expect(Self.lines(start) == ["a=1"])
        #expect(Self.lines(FieldsBuilder(Fields()).finish()) == [])
        var seen: [String] = []
        fields.withView { view in
            for index in 0..<view.count {
                seen.append(String(decoding: view[index].bytes, as: UTF8.self))
                #expect(view[index].name.count == view[index].nameLength && view[index].value.count > 0)
            }
        }
        #expect(seen == ["a1", "tetrailers", "b2"])
    }
}
