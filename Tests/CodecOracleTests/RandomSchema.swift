import Descriptors
import Timebase

/// A random contract: messages of every kind of field, as a linked descriptor.
struct RandomSchema {
    private var chance: Chance
    private let syntax: String
    private static let package = "random"

    /// The file of this seed: proto2, proto3 and an edition in turn.
    static func file(seed: UInt64, allowsGroups: Bool) -> FileDescriptorProto {
        var schema = RandomSchema(seed: seed)
        return schema.file(seed, allowsGroups)
    }

    private init(seed: UInt64) {
        chance = Chance(seed: seed)
        syntax = ["proto2", "proto3", "editions"][Int(seed % 3)]
    }

    private mutating func file(_ seed: UInt64, _ allowsGroups: Bool) -> FileDescriptorProto {
        var file = FileDescriptorProto()
        file.name = "random/schema\(seed).proto"
        file.package = Self.package
        if syntax != "proto2" { file.syntax = syntax }
        if syntax == "editions" { file.edition = .edition2023 }
        file.enumType = [enumeration()]
        let count = 2 + Int(chance.next() % 4)
        file.messageType = (0..<count).map { message($0, of: count, allowsGroups) }
        return file
    }

    private mutating func enumeration() -> EnumDescriptorProto {
        var made = EnumDescriptorProto()
        made.name = "Colour"
        made.value = (0..<4).map { index in
            var value = EnumValueDescriptorProto()
            value.name = "COLOUR_\(index)"
            value.number = index == 3 ? -7 : Int32(index * index)
            return value
        }
        return made
    }

    private mutating func message(_ index: Int, of count: Int, _ allowsGroups: Bool) -> DescriptorProto {
        var made = DescriptorProto()
        made.name = "M\(index)"
        var oneof = OneofDescriptorProto()
        oneof.name = "choice"
        made.oneofDecl = [oneof]
        var number: Int32 = 0
        for position in 0..<(2 + Int(chance.next() % 12)) {
            number += 1 + (chance.next() % 6 == 0 ? Int32(chance.next() % 3000) : 0)
            if (19000...19999).contains(number) { number = 20_000 }
            var field = FieldDescriptorProto()
            field.name = "field_\(position)"
            field.jsonName = "field\(position)"
            field.number = number
            field.label = .optional
            shape(&field, &made, count, allowsGroups)
            made.field.append(field)
        }
        if !made.field.contains(where: { $0.oneofIndex != nil }) { made.oneofDecl = [] }
        return made
    }

    private mutating func shape(
        _ field: inout FieldDescriptorProto, _ message: inout DescriptorProto, _ count: Int, _ allowsGroups: Bool
    ) {
        choose(type: Int(chance.next() % 18), for: &field, count)
        switch chance.next() % 6 {
        case 0, 1: field.label = .repeated
        case 2: field.oneofIndex = 0
        case 3 where field.type != .message: makeMap(&field, &message)
        case 4 where syntax == "proto2": field.label = field.type == .message ? .optional : .required
        case 5 where syntax == "editions" && field.type != .message:
            var options = FieldOptions()
            options.features = FeatureSet()
            options.features?.fieldPresence = .implicit
            field.options = options
        default: break
        }
        if allowsGroups, syntax == "editions", field.type == .message, field.typeName?.hasSuffix("Entry") == false {
            var options = FieldOptions()
            options.features = FeatureSet()
            options.features?.messageEncoding = .delimited
            field.options = options
        }
    }

    private mutating func choose(type index: Int, for field: inout FieldDescriptorProto, _ count: Int) {
        let scalars: [FieldDescriptorProto.Kind] = [
            .double, .float, .int64, .uint64, .int32, .fixed64, .fixed32, .bool, .string, .bytes, .uint32, .sfixed32,
            .sfixed64, .sint32, .sint64,
        ]
        switch index {
        case 0..<scalars.count: field.type = scalars[index]
        case scalars.count:
            field.type = .enum
            field.typeName = ".\(Self.package).Colour"
        default:
            field.type = .message
            field.typeName = ".\(Self.package).M\(chance.next() % UInt64(count))"
        }
    }

    /// Turns the field into a map from text to what it was.
    private func makeMap(_ field: inout FieldDescriptorProto, _ message: inout DescriptorProto) {
        var entry = DescriptorProto()
        entry.name = "Field" + String((field.name ?? "").dropFirst("field_".count)) + "Entry"
        var key = FieldDescriptorProto()
        (key.name, key.jsonName, key.number, key.label, key.type) = ("key", "key", 1, .optional, .string)
        var value = field
        (value.name, value.jsonName, value.number) = ("value", "value", 2)
        entry.field = [key, value]
        var options = MessageOptions()
        options.mapEntry = true
        entry.options = options
        (field.type, field.label) = (.message, .repeated)
        field.typeName = ".\(Self.package).\(message.name ?? "").\(entry.name ?? "")"
        message.nestedType.append(entry)
    }
}
