// test.v1 of Tests/Support/everything.proto, as generated code has it.
import ProtoWire

enum TestV1 {}

// ---- file descriptor (one per .proto; the name is the file's path in lowerCamel + "File")
extension TestV1 {
    static let demoFile = GeneratedFile(
        name: "everything.proto",
        descriptorBase64: "Cg==",
        dependencies: []
    )
}

extension TestV1 {
    /// Comment of the message in the contract.
    struct Everything: Message {
        // -- singular scalars, implicit presence (proto3): plain values
        var i32: Int32 = 0  // 1 int32
        var i64: Int64 = 0  // 2
        var u32: UInt32 = 0  // 3
        var u64: UInt64 = 0  // 4
        var s32: Int32 = 0  // 5 sint32
        var s64: Int64 = 0  // 6
        var f32: UInt32 = 0  // 7 fixed32
        var f64: UInt64 = 0  // 8
        var sf32: Int32 = 0  // 9
        var sf64: Int64 = 0  // 10
        var ratio: Float = 0  // 11
        var exact: Double = 0  // 12
        var flag: Bool = false  // 13
        var text: String = ""  // 14
        var data: [UInt8] = []  // 15
        var level: TestV1.Level = .unspecified  // 16
        // -- explicit presence (proto3 optional, proto2 optional/required, editions EXPLICIT)
        var minutes: Int32?  // 17
        var note: String?  // 18
        var maybe: TestV1.Level?  // 19
        // -- messages
        var point: TestV1.Point?  // 20
        var points: [TestV1.Point] = []  // 21
        // -- repeated scalars: packed (proto3 default for numbers, bools, enums) and expanded ([packed = false], string, bytes)
        var ints: [Int32] = []  // 22 packed
        var doubles: [Double] = []  // 23 packed
        var levels: [TestV1.Level] = []  // 24 packed
        var loose: [Int32] = []  // 25 [packed = false]
        var names: [String] = []  // 26
        var blobs: [[UInt8]] = []  // 27
        // -- maps
        var labels = ProtoMap<String, String>()  // 28
        var counts = ProtoMap<Int32, Int64>()  // 29
        var ranks = ProtoMap<String, TestV1.Level>()  // 30
        var places = ProtoMap<UInt64, TestV1.Point>()  // 31
        var flags = ProtoMap<Bool, [UInt8]>()  // 32
        // -- oneof: one optional enum
        var content: Content?  // 33 text_content, 34 video_url, 35 spot, 36 rank
        // -- a type that contains itself: boxed behind a computed property
        var _parent: Box<TestV1.Everything>?  // 37
        var parent: TestV1.Everything? {
            get { _parent?.value }
            set { _parent = newValue.map { Box($0) } }
        }
        var children: [TestV1.Everything] = []  // 38: arrays need no box
        var family = ProtoMap<String, TestV1.Everything>()  // 39: nor do maps
        var farNumbers: [Int64] = []
        var fixedNumbers: [UInt32] = []
        var bools: [Bool] = []
        var floats: [Float] = []
        var wides: [UInt64] = []
        var unknownFields = UnknownFields()

        init() {}

        static let descriptor = MessageDescriptor(fullName: "test.v1.Everything", file: TestV1.demoFile)

        /// Comment of the oneof.
        enum Content: Sendable, Equatable {
            case textContent(String)
            case videoUrl(String)
            case spot(TestV1.Point)
            case rank(TestV1.Level)
            indirect case whole(TestV1.Everything)  // `indirect` if the message's type reaches this one again
        }

        mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: i32 = try reader.int32()
                case 16: i64 = try reader.int64()
                case 24: u32 = try reader.uint32()
                case 32: u64 = try reader.uint64()
                case 40: s32 = try reader.sint32()
                case 48: s64 = try reader.sint64()
                case 61: f32 = try reader.fixed32()
                case 65: f64 = try reader.fixed64()
                case 77: sf32 = try reader.sfixed32()
                case 81: sf64 = try reader.sfixed64()
                case 93: ratio = try reader.float()
                case 97: exact = try reader.double()
                case 104: flag = try reader.bool()
                case 114: text = try reader.string()
                case 122: data = try reader.bytes()
                case 128: level = try reader.enumeration()
                case 136: minutes = try reader.int32()
                case 146: note = try reader.string()
                case 152: maybe = try reader.enumeration() as TestV1.Level
                case 162: try reader.message(&point)
                case 170: try reader.messages(&points, tag: 170)
                // Repeated scalars that can be packed take both forms, whatever the contract says.
                case 178: try reader.packed(&ints, ProtoInt32.self)
                case 176: try reader.repeated(&ints, tag: 176, ProtoInt32.self)
                case 186: try reader.packed(&doubles, ProtoDouble.self)
                case 185: try reader.repeated(&doubles, tag: 185, ProtoDouble.self)
                case 194: try reader.packed(&levels, ProtoEnumOf<TestV1.Level>.self)
                case 192: try reader.repeated(&levels, tag: 192, ProtoEnumOf<TestV1.Level>.self)
                case 202: try reader.packed(&loose, ProtoInt32.self)
                case 200: try reader.repeated(&loose, tag: 200, ProtoInt32.self)
                case 210: try reader.repeated(&names, tag: 210, ProtoString.self)
                case 218: try reader.repeated(&blobs, tag: 218, ProtoBytes.self)
                case 226: try reader.map(&labels, tag: 226, ProtoString.self, ProtoString.self)
                case 234: try reader.map(&counts, tag: 234, ProtoInt32.self, ProtoInt64.self)
                case 242: try reader.map(&ranks, tag: 242, ProtoString.self, ProtoEnumOf<TestV1.Level>.self)
                case 250: try reader.map(&places, tag: 250, ProtoUInt64.self, ProtoMessageOf<TestV1.Point>.self)
                case 258: try reader.map(&flags, tag: 258, ProtoBool.self, ProtoBytes.self)
                case 266: content = .textContent(try reader.string())
                case 274: content = .videoUrl(try reader.string())
                case 282:
                    // A message of a oneof merges into the one that is there.
                    var value = TestV1.Point()
                    if case .spot(let current)? = content { value = current }
                    try reader.message(&value)
                    content = .spot(value)
                case 288: content = .rank(try reader.enumeration())
                case 298: try reader.message(&_parent)
                case 306: try reader.messages(&children, tag: 306)
                case 314: try reader.map(&family, tag: 314, ProtoString.self, ProtoMessageOf<TestV1.Everything>.self)
                case 322:
                    var value = TestV1.Everything()
                    if case .whole(let current)? = content { value = current }
                    try reader.message(&value)
                    content = .whole(value)
                case 16394: try reader.packed(&farNumbers, ProtoSInt64.self)
                case 16392: try reader.repeated(&farNumbers, tag: 16392, ProtoSInt64.self)
                case 16402: try reader.packed(&fixedNumbers, ProtoFixed32.self)
                case 16405: try reader.repeated(&fixedNumbers, tag: 16405, ProtoFixed32.self)
                case 16410: try reader.packed(&bools, ProtoBool.self)
                case 16408: try reader.repeated(&bools, tag: 16408, ProtoBool.self)
                case 16418: try reader.packed(&floats, ProtoFloat.self)
                case 16421: try reader.repeated(&floats, tag: 16421, ProtoFloat.self)
                case 16426: try reader.packed(&wides, ProtoUInt64.self)
                case 16424: try reader.repeated(&wides, tag: 16424, ProtoUInt64.self)
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        // Backwards: unknown fields first, then the highest field number, ..., the lowest number last.
        func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            writer.packed(wides, tag: 16426, ProtoUInt64.self)
            writer.packed(floats, tag: 16418, ProtoFloat.self)
            writer.packed(bools, tag: 16410, ProtoBool.self)
            writer.packed(fixedNumbers, tag: 16402, ProtoFixed32.self)
            writer.packed(farNumbers, tag: 16394, ProtoSInt64.self)
            // Members of one oneof: one `switch` if no other field's number lies between them, else `if case` at its
            // place.
            if case .whole(let value)? = content { writer.message(value, tag: 322) }
            writer.map(family, tag: 314, ProtoString.self, ProtoMessageOf<TestV1.Everything>.self)
            writer.messages(children, tag: 306)
            if let box = _parent { writer.message(box, tag: 298) }
            switch content {
            case .textContent(let value)?: writer.string(value, tag: 266)
            case .videoUrl(let value)?: writer.string(value, tag: 274)
            case .spot(let value)?: writer.message(value, tag: 282)
            case .rank(let value)?: writer.enumeration(value, tag: 288)
            default: break
            }
            writer.map(flags, tag: 258, ProtoBool.self, ProtoBytes.self)
            writer.map(places, tag: 250, ProtoUInt64.self, ProtoMessageOf<TestV1.Point>.self)
            writer.map(ranks, tag: 242, ProtoString.self, ProtoEnumOf<TestV1.Level>.self)
            writer.map(counts, tag: 234, ProtoInt32.self, ProtoInt64.self)
            writer.map(labels, tag: 226, ProtoString.self, ProtoString.self)
            writer.repeated(blobs, tag: 218, ProtoBytes.self)
            writer.repeated(names, tag: 210, ProtoString.self)
            writer.repeated(loose, tag: 200, ProtoInt32.self)
            writer.packed(levels, tag: 194, ProtoEnumOf<TestV1.Level>.self)
            writer.packed(doubles, tag: 186, ProtoDouble.self)
            writer.packed(ints, tag: 178, ProtoInt32.self)
            writer.messages(points, tag: 170)
            if let point { writer.message(point, tag: 162) }
            if let maybe { writer.enumeration(maybe, tag: 152) }
            if let note { writer.string(note, tag: 146) }
            if let minutes { writer.int32(minutes, tag: 136) }
            if level.rawValue != 0 { writer.enumeration(level, tag: 128) }
            if !data.isEmpty { writer.bytes(data, tag: 122) }
            if !text.isEmpty { writer.string(text, tag: 114) }
            if flag { writer.bool(flag, tag: 104) }
            if exact.bitPattern != 0 { writer.double(exact, tag: 97) }  // bits, because -0 is not the default
            if ratio.bitPattern != 0 { writer.float(ratio, tag: 93) }
            if sf64 != 0 { writer.sfixed64(sf64, tag: 81) }
            if sf32 != 0 { writer.sfixed32(sf32, tag: 77) }
            if f64 != 0 { writer.fixed64(f64, tag: 65) }
            if f32 != 0 { writer.fixed32(f32, tag: 61) }
            if s64 != 0 { writer.sint64(s64, tag: 48) }
            if s32 != 0 { writer.sint32(s32, tag: 40) }
            if u64 != 0 { writer.uint64(u64, tag: 32) }
            if u32 != 0 { writer.uint32(u32, tag: 24) }
            if i64 != 0 { writer.int64(i64, tag: 16) }
            if i32 != 0 { writer.int32(i32, tag: 8) }
        }
    }
}

extension TestV1 {
    struct Point: Message {
        var x: Double = 0
        var y: Double = 0
        var unknownFields = UnknownFields()

        init() {}

        static let descriptor = MessageDescriptor(fullName: "test.v1.Point", file: TestV1.demoFile)

        mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 9: x = try reader.double()
                case 17: y = try reader.double()
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if y.bitPattern != 0 { writer.double(y, tag: 17) }
            if x.bitPattern != 0 { writer.double(x, tag: 9) }
        }
    }
}

extension TestV1 {
    /// Comment of the enum.
    struct Level: ProtoEnum {
        let rawValue: Int32

        init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        static let unspecified = Level(rawValue: 0)
        /// Comment of the value.
        static let beginner = Level(rawValue: 1)
        static let novice = Level(rawValue: 1)  // allow_alias
        static let advanced = Level(rawValue: 3)
    }
}

extension TestV1 {
    /// A message without fields: everything is unknown to it.
    struct Nothing: Message {
        var unknownFields = UnknownFields()

        init() {}

        static let descriptor = MessageDescriptor(fullName: "test.v1.Nothing", file: TestV1.demoFile)

        mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() { try reader.unknown(tag, &unknownFields) }
        }

        func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
        }
    }
}
