import CEL
import Descriptors
import ProtoWire
import RulesAPI
import SwiftEmit

/// Rules that a contract adds to the standard ones by extending their messages (`buf.validate.predefined`).
extension RuleFile {
    mutating func writePredefined(
        _ type: BufValidate.FieldRules.TypeOneof, _ text: String, _ value: RuledValue, _ site: Site, _ owner: Owner,
        to printer: inout Printer
    ) {
        let (message, rules) = type.payload
        guard let known = schema.extensions[message], !rules.unknownFields.isEmpty else { return }
        for number in known.keys.sorted() {
            guard let found = known[number] else { continue }
            do {
                guard let predefined = try ReadRules.predefined(found.proto) else { continue }
                guard let rule = try PredefinedValue(found, rules.unknownFields, schema) else { continue }
                write(predefined, found, rule, (message, rules), value, site, owner, to: &printer)
            } catch {
                fault(
                    owner.message, at: owner.path, owner.element, "[\(found.fullName)]", "it cannot be read: \(error)")
            }
        }
    }

    private mutating func write(
        _ predefined: BufValidate.PredefinedRules, _ found: Schema.Extension, _ rule: PredefinedValue,
        _ family: (message: String, rules: any Message), _ value: RuledValue, _ site: Site, _ owner: Owner,
        to printer: inout Printer
    ) {
        var values = CustomValues(value, schema)
        values.types["rule"] = rule.type
        values.texts["rule"] = rule.text
        values.types["rules"] = .message(family.message)
        let usesRules = predefined.cel.contains { ($0.expression ?? "").contains("rules") }
        if usesRules, let names = schema.messages[family.message]?.names {
            values.texts["rules"] = constant(names.type, family.rules.encoded())
        }
        let step = StandardCheck.Step(
            number: found.proto.number ?? 0, name: "[\(found.fullName)]", kind: (found.proto.type ?? .string).pathKind)
        for cel in predefined.cel { write(cel, values, .field(site), [step], owner, to: &printer) }
    }

    /// A message that rules hold, as a constant of the file.
    private mutating func constant(_ type: String, _ bytes: [UInt8]) -> String {
        // The bytes come from this generator's own encoder, so decoding them cannot fail.
        let text = "try! \(type)(decoding: \(Literal.bytes(bytes)) as [UInt8])"
        let name = constants.first { $0.text == text }?.name ?? "rules\(constants.count + 1)"
        if !constants.contains(where: { $0.name == name }) { constants.append((name, text)) }
        return "Constants.\(name)"
    }
}

/// What a contract says for a rule that it defined itself.
private struct PredefinedValue {
    let type: CELType
    /// The value in Swift, as expressions reckon with it.
    let text: String

    /// Nil if the rule is not used, or is of a type that has no form here.
    init?(_ found: Schema.Extension, _ fields: UnknownFields, _ schema: Schema) throws(DecodeError) {
        let kind = found.proto.type ?? .string
        let number = UInt32(found.proto.number ?? 0)
        var values: [String] = []
        try fields.bytes.withUnsafeBufferPointer { (raw) throws(DecodeError) in
            var reader = WireReader(UnsafeRawBufferPointer(raw))
            while let tag = try reader.nextTag() {
                guard tag >> 3 == number else {
                    try reader.skip(tag)
                    continue
                }
                try PredefinedValue.read(kind, tag, &reader, into: &values)
            }
        }
        guard !values.isEmpty, let last = values.last else { return nil }
        let element = ContractTypes.type(kind, found.proto.typeName)
        let isList = found.proto.label == .repeated
        type = isList ? .list(element) : element
        let swift = Lowering.swiftType(type)
        text = isList ? "(\(Literal.list(values)) as \(swift ?? "[Int64]"))" : last
    }

    private static func read(
        _ kind: FieldDescriptorProto.Kind, _ tag: UInt32, _ reader: inout WireReader, into values: inout [String]
    ) throws(DecodeError) {
        switch kind {
        case .bool: values.append(String(try reader.bool()))
        case .string: values.append(Literal.text(try reader.string()))
        case .bytes: values.append("(\(Literal.bytes(try reader.bytes())) as [UInt8])")
        case .double: values.append("Double(\(Literal.number(try reader.double())))")
        case .float: values.append("Double(\(Literal.number(Double(try reader.float()))))")
        case .int32, .enum: values.append("Int64(\(try reader.int32()))")
        case .int64: values.append("Int64(\(try reader.int64()))")
        case .sint32: values.append("Int64(\(try reader.sint32()))")
        case .sint64: values.append("Int64(\(try reader.sint64()))")
        case .sfixed32: values.append("Int64(\(try reader.sfixed32()))")
        case .sfixed64: values.append("Int64(\(try reader.sfixed64()))")
        case .uint32: values.append("UInt64(\(try reader.uint32()))")
        case .uint64: values.append("UInt64(\(try reader.uint64()))")
        case .fixed32: values.append("UInt64(\(try reader.fixed32()))")
        case .fixed64: values.append("UInt64(\(try reader.fixed64()))")
        default: try reader.skip(tag)
        }
    }
}

extension BufValidate.FieldRules.TypeOneof {
    /// The message of the family, by name and value.
    var payload: (name: String, rules: any Message) {
        let rules: any Message =
            switch self {
            case .float(let rules): rules
            case .double(let rules): rules
            case .int32(let rules): rules
            case .int64(let rules): rules
            case .uint32(let rules): rules
            case .uint64(let rules): rules
            case .sint32(let rules): rules
            case .sint64(let rules): rules
            case .fixed32(let rules): rules
            case .fixed64(let rules): rules
            case .sfixed32(let rules): rules
            case .sfixed64(let rules): rules
            case .bool(let rules): rules
            case .string(let rules): rules
            case .bytes(let rules): rules
            case .enum(let rules): rules
            case .repeated(let rules): rules
            case .map(let rules): rules
            case .any(let rules): rules
            case .duration(let rules): rules
            case .timestamp(let rules): rules
            case .fieldMask(let rules): rules
            }
        return (Swift.type(of: rules).descriptor.fullName, rules)
    }
}
