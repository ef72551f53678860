import Descriptors
import ProtoCheck

extension BreakingRule {
    /// What binary and JSON readers make of fields whose type has changed.
    static let wireRules: [BreakingRule] = [
        fieldRule(
            "FIELD_WIRE_COMPATIBLE_CARDINALITY", wireAlone, "Fields keep a cardinality that reads the same bytes.",
            why: "of several values a singular field keeps the last, and a required one may not be absent"
        ) { old, new, subject, run in
            guard !(old.isInMapEntry && new.isInMapEntry),
                old.cardinality.wireGroup != new.cardinality.wireGroup
            else { return }
            run.reportCardinality(old, new, subject)
        },
        fieldRule(
            "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", jsonAlone,
            "Fields keep a cardinality that reads the same bytes and JSON.",
            why: "a list, an object and a single value look different in JSON"
        ) { old, new, subject, run in
            guard !(old.isInMapEntry && new.isInMapEntry),
                old.cardinality.jsonGroup != new.cardinality.jsonGroup
            else { return }
            run.reportCardinality(old, new, subject)
        },
        fieldRule(
            "FIELD_WIRE_COMPATIBLE_TYPE", wireAlone, "Fields keep a type that reads the same bytes.",
            why: "the same bytes are another value, or none, under the new type"
        ) { old, new, subject, run in
            // Every string is good bytes, but not the other way round.
            if old.kind == .string, new.kind == .bytes { return }
            guard old.kind.wireGroup == new.kind.wireGroup else { return run.reportKind(old, new, subject) }
            run.compareWireTypes(old, new, isEnum: new.proto.type == .enum, subject)
        },
        fieldRule(
            "FIELD_WIRE_JSON_COMPATIBLE_TYPE", jsonAlone, "Fields keep a type that reads the same bytes and JSON.",
            why: "the same bytes or the same JSON are another value, or none, under the new type"
        ) { old, new, subject, run in
            guard old.kind.jsonGroup == new.kind.jsonGroup else { return run.reportKind(old, new, subject) }
            run.compareWireTypes(old, new, isEnum: new.kind == .enumeration, subject)
        },
    ]
}

extension BreakingRun {
    mutating func reportCardinality(_ old: ContractField, _ new: ContractField, _ subject: Subject) {
        report(
            "\(new.phrase) was \(old.cardinality.rawValue) and is \(new.cardinality.rawValue)", at: new.place,
            against: old.place, help: "add a field with a number of its own, and keep this one", subject: subject)
    }

    mutating func reportKind(_ old: ContractField, _ new: ContractField, _ subject: Subject) {
        report(
            "the type of \(new.phrase) was `\(old.kindText)` and is `\(new.kindText)`", at: new.typePlace,
            against: old.typePlace, help: "add a field with a number of its own, and keep this one", subject: subject)
    }

    /// Types of one kind: scalars are read alike, messages and enums may be others under other names.
    fileprivate mutating func compareWireTypes(
        _ old: ContractField, _ new: ContractField, isEnum: Bool, _ subject: Subject
    ) {
        guard old.typeName != new.typeName, !new.typeName.isEmpty else { return }
        if isEnum, let before = self.old.enums[old.typeName], let now = self.new.enums[new.typeName],
            before.name == now.name,
            Set(now.values.map(EnumEntry.init)).isSuperset(of: before.values.map(EnumEntry.init))
        {
            // The enum moved, and may have got more values on the way.
            return
        }
        compareTypes(
            "type of \(new.phrase)", old.typeName, new.typeName, at: new.typeNamePlace, against: old.typeNamePlace,
            subject: subject)
    }

    private struct EnumEntry: Hashable {
        let name: String
        let number: Int32

        init(_ value: ContractEnumValue) {
            name = value.name
            number = value.number
        }
    }
}

extension ContractField.Cardinality {
    /// Cardinalities of one group read each other's bytes.
    var wireGroup: Int {
        switch self {
        case .explicit, .implicit: 1
        case .required: 2
        case .repeated, .map: 3
        }
    }

    /// Cardinalities of one group read each other's bytes and JSON.
    var jsonGroup: Int { self == .map ? 4 : wireGroup }
}

extension FieldKind {
    /// Kinds of one group read each other's bytes (protobuf.dev, "Updating A Message Type"). Values may lose bits.
    var wireGroup: Int {
        switch self {
        case .int32, .int64, .uint32, .uint64, .bool: 1
        case .sint32, .sint64: 2
        case .fixed32, .sfixed32: 5
        case .fixed64, .sfixed64: 6
        default: 100 + Int(rawValue)
        }
    }

    /// Kinds of one group read each other's bytes and JSON: 64-bit numbers are texts in JSON.
    var jsonGroup: Int {
        switch self {
        case .int32, .uint32: 1
        case .int64, .uint64: 2
        case .fixed32, .sfixed32: 3
        case .fixed64, .sfixed64: 4
        default: 100 + Int(rawValue)
        }
    }

    var is64BitInteger: Bool {
        switch self {
        case .int64, .uint64, .sint64, .fixed64, .sfixed64: true
        default: false
        }
    }
}
