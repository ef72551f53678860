import Descriptors

/// Bytes of random messages of any type: each field has its zero, a value near a rule's limit, or nothing.
struct RandomMessage {
    private var state: UInt64
    private let messages: [String: DescriptorProto]

    init(seed: UInt64, _ files: [FileDescriptorProto]) {
        state = seed
        var messages: [String: DescriptorProto] = [:]
        func add(_ message: DescriptorProto, _ scope: String) {
            let name = scope + "." + (message.name ?? "")
            messages[name] = message
            for nested in message.nestedType { add(nested, name) }
        }
        for file in files {
            for message in file.messageType {
                add(message, (file.package ?? "").isEmpty ? "" : "." + (file.package ?? ""))
            }
        }
        self.messages = messages
    }

    /// `type` is a full name with a dot in front.
    mutating func bytes(of type: String, depth: Int = 3) -> [UInt8] {
        guard let message = messages[type], depth > 0 else { return [] }
        var bytes: [UInt8] = []
        // Some messages are sparse, some are full.
        let filled = [20, 60, 95][pick(3)]
        var oneofs: Set<Int32> = []
        for field in message.field where pick(100) < filled {
            if let oneof = field.oneofIndex, field.proto3Optional != true, !oneofs.insert(oneof).inserted { continue }
            let isMap = messages[field.typeName ?? ""]?.options?.mapEntry == true
            // Entries of a map come out of Python in any order: with one of them, there is one order.
            let count = field.label == .repeated ? (isMap ? pick(2) : pick(4)) : 1
            for _ in 0..<count {
                bytes += isMap ? entry(of: field, depth) : one(field, depth)
            }
        }
        return bytes
    }

    private mutating func entry(of field: FieldDescriptorProto, _ depth: Int) -> [UInt8] {
        guard let entry = messages[field.typeName ?? ""] else { return [] }
        let body = entry.field.flatMap { one($0, depth) }
        return tag(field.number ?? 0, 2) + varint(UInt64(body.count)) + body
    }

    private mutating func one(_ field: FieldDescriptorProto, _ depth: Int) -> [UInt8] {
        let number = field.number ?? 0
        switch field.type {
        case .double: return tag(number, 1) + little(doubles[pick(doubles.count)].bitPattern)
        case .float: return tag(number, 5) + little(Float(doubles[pick(doubles.count)]).bitPattern)
        case .fixed64: return tag(number, 1) + little(UInt64(bitPattern: integer()))
        case .sfixed64: return tag(number, 1) + little(integer())
        case .fixed32: return tag(number, 5) + little(UInt32(truncatingIfNeeded: integer()))
        case .sfixed32: return tag(number, 5) + little(Int32(truncatingIfNeeded: integer()))
        case .sint32, .sint64:
            let value = field.type == .sint32 ? Int64(Int32(truncatingIfNeeded: integer())) : integer()
            return tag(number, 0) + varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
        case .int32, .enum:
            return tag(number, 0) + varint(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: integer()))))
        case .uint32: return tag(number, 0) + varint(UInt64(UInt32(truncatingIfNeeded: integer())))
        case .bool: return tag(number, 0) + [UInt8(pick(2))]
        case .string:
            let text = Array(texts[pick(texts.count)].utf8)
            return tag(number, 2) + varint(UInt64(text.count)) + text
        case .bytes:
            let blob = blobs[pick(blobs.count)]
            return tag(number, 2) + varint(UInt64(blob.count)) + blob
        case .group: return tag(number, 3) + bytes(of: field.typeName ?? "", depth: depth - 1) + tag(number, 4)
        case .message:
            let body = known(field.typeName ?? "") ?? bytes(of: field.typeName ?? "", depth: depth - 1)
            return tag(number, 2) + varint(UInt64(body.count)) + body
        default: return tag(number, 0) + varint(UInt64(bitPattern: integer()))
        }
    }

    /// Times lie in the ranges that their contracts document, and nanoseconds have the sign of the seconds.
    private mutating func known(_ type: String) -> [UInt8]? {
        let nanos: [Int64] = [0, 0, 1, 500_000_000, 120_000_000, 999_999_999]
        switch type {
        case ".google.protobuf.Timestamp":
            let seconds: [Int64] = [0, 1, 2, 3, 1_700_000_000, -62_135_596_800, 253_402_300_799, -1]
            return time(seconds[pick(seconds.count)], nanos[pick(nanos.count)])
        case ".google.protobuf.Duration":
            let seconds: [Int64] = [0, 1, 3, 4, -1, -2, 3600, 315_576_000]
            let whole = seconds[pick(seconds.count)]
            return time(whole, nanos[pick(nanos.count)] * (whole < 0 ? -1 : 1))
        default: return nil
        }
    }

    private func time(_ seconds: Int64, _ nanos: Int64) -> [UInt8] {
        tag(1, 0) + varint(UInt64(bitPattern: seconds)) + tag(2, 0) + varint(UInt64(bitPattern: nanos))
    }
}

extension RandomMessage {
    private mutating func integer() -> Int64 {
        let edges: [Int64] = [.max, .min, 4_294_967_295, 2_147_483_647, -2_147_483_648, -1, -3, 9]
        return pick(4) == 0 ? edges[pick(edges.count)] : Int64(pick(8)) - 1
    }

    private var doubles: [Double] {
        [
            0, -0.0, 1, -1.5, 1.5, 2.5, 2.4, 3, -3, 0.1, 0.2, 1e-7, Double(Float(1e-7)), 1e300, 2e300, .nan, .infinity,
            -.infinity, 3.4e38,
        ]
    }

    private var texts: [String] {
        [
            "", "a", "ab", "abc", "b", "ab1", "abc12", "q", "qé", "é", "e\u{301}", "caf\u{e9} \"\\\n", "日本", "😀", "👨‍👩‍👧",
            "a@b.co", "a@b", "@", "a b@c.d", "x@é.de", "host.example.com", "-bad-.com", "a..b", "123", "a.123",
            "example.com.",
            "1.2.3.4", "1.2.3.04", "256.1.1.1", "::1", "fe80::1%eth0", "1::2::3", "::ffff:1.2.3.4", "10.0.0.0/8",
            "10.0.0.1/8",
            "2001:db8::/32", "2001:db8::1/32", "1.2.3.4/33", "http://a.b/c?d#e", "/x/y?z", "http://[::1]:80/", "%zz",
            "a:b",
            "example.com:80", "[::1]:65536", "1.2.3.4:0", "host", ":80", "123e4567-e89b-12d3-a456-426614174000",
            "123e4567e89b12d3a456426614174000", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "foo.Bar_1.baz",
            ".foo.bar", "foo..bar", "1foo", "x-header", ":path", "bad header", "tab\tx", "line\r\nx", "\u{0}", "\u{7f}",
            "type.googleapis.com/x", "ab.c", "a.b", "z", "zz",
        ]
    }

    private var blobs: [[UInt8]] {
        [
            [], [97], [97, 98], [97, 255], [254], [98, 99], [97, 98, 99], [1, 2, 3, 4],
            [UInt8](repeating: 7, count: 16),
            [97, 10], [0xC3, 0xA9], [120, 98, 99, 255],
        ]
    }

    /// SplitMix64.
    private mutating func pick(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(count))
    }

    private func tag(_ number: Int32, _ wireType: UInt64) -> [UInt8] { varint(UInt64(number) << 3 | wireType) }

    private func varint(_ value: UInt64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
    }
}
