import ProtoWire

/// A message of few fields, as generated code has it: one for each way of reading.
struct Sample: Message {
    var number: Int32 = 0
    var text: String = ""
    var inner: Box<Sample>?
    var numbers: [Int64] = []
    var exact: Double = 0
    var doubles: [Double] = []
    var group: Point?
    var labels = ProtoMap<String, String>()
    var unknownFields = UnknownFields()

    init() {}

    static let descriptor = MessageDescriptor(
        fullName: "test.Sample", file: GeneratedFile(name: "sample.proto", descriptorBase64: "", dependencies: []))

    mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: number = try reader.int32()
            case 18: text = try reader.string()
            case 26: try reader.message(&inner)
            case 32: try reader.repeated(&numbers, tag: 32, ProtoInt64.self)
            case 34: try reader.packed(&numbers, ProtoInt64.self)
            case 41: exact = try reader.double()
            case 49: try reader.repeated(&doubles, tag: 49, ProtoDouble.self)
            case 50: try reader.packed(&doubles, ProtoDouble.self)
            case 59:
                var value = group ?? Point()
                try reader.group(&value, number: 7)
                group = value
            case 66: try reader.map(&labels, tag: 66, ProtoString.self, ProtoString.self)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.map(labels, tag: 66, ProtoString.self, ProtoString.self)
        if let group { writer.group(group, number: 7) }
        writer.packed(doubles, tag: 50, ProtoDouble.self)
        if exact.bitPattern != 0 { writer.double(exact, tag: 41) }
        writer.packed(numbers, tag: 34, ProtoInt64.self)
        if let inner { writer.message(inner, tag: 26) }
        if !text.isEmpty { writer.string(text, tag: 18) }
        if number != 0 { writer.int32(number, tag: 8) }
    }

    /// Every field set, with values of every length.
    static var full: Sample {
        var sample = Sample()
        sample.number = -1
        sample.text = "héllo, a text that is longer than a small string"
        sample.numbers = [0, 1, 127, 128, 16_383, 16_384, .max, .min, 1 << 35, 1 << 49, 1 << 56, -1]
        sample.exact = -0.0
        sample.doubles = [1.5, -0.0, 1e300]
        sample.group = Point()
        sample.group?.number = 300
        sample.group?.text = "g"
        sample.labels = ["a": "1", "": "", "a key that is longer than a small string": "2"]
        sample.unknownFields = UnknownFields(bytes: [0x98, 0x06, 0x01])
        return sample
    }
}

/// The message of a group, with the same first two fields and one that holds bytes for its nesting.
struct Point: Message {
    var number: Int32 = 0
    var text: String = ""
    var nested: [UInt8] = []
    var unknownFields = UnknownFields()

    init() {}

    static let descriptor = MessageDescriptor(
        fullName: "test.Point", file: GeneratedFile(name: "sample.proto", descriptorBase64: "", dependencies: []))

    mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: number = try reader.int32()
            case 18: text = try reader.string()
            case 26:
                var inner = Sample()
                try reader.message(&inner)
                nested = inner.encoded()
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if !nested.isEmpty { writer.bytes(nested, tag: 26) }
        if !text.isEmpty { writer.string(text, tag: 18) }
        if number != 0 { writer.int32(number, tag: 8) }
    }
}
