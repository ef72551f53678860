import CEL
import Descriptors
import SwiftEmit

/// Turns typed expressions into Swift over the generated structs.
///
/// Where Swift's own operators differ from CEL's (overflow, order of strings, errors in `&&`), functions of `Eval` stand.
struct Lowering {
    let schema: Schema
    /// What the variables `this`, `rule` and `rules` are in Swift.
    let variables: [String: String]
    /// The list or map that `this` is.
    let thisField: Schema.Field?
    var patterns: PatternTable

    mutating func lower(_ typed: Typed) throws(LoweringError) -> Lowered {
        switch typed.node {
        case .literal(let value): return Lowered(text: Lowering.literal(value))
        case .variable(let name): return Lowered(text: variables[name] ?? Lowering.local(name))
        case .field(let target, let field): return try self.field(field, of: target, typed)
        case .hasField(let target, let field): return try has(field, of: target)
        case .hasKey(let map, let key):
            let map = try lower(map)
            return Lowered(
                text: "\(map.operand)[\(Literal.text(key))] != nil", canThrow: map.canThrow, isTight: false)
        case .element(let target, at: let index): return try element(target, index)
        case .unary(let symbol, let operand): return try unary(symbol, operand)
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right)
        case .call(let name, let arguments): return try call(name, arguments, typed)
        case .conditional(let condition, let then, let otherwise):
            let parts = (try present(condition), try lower(then), try lower(otherwise))
            return Lowered(
                text: "\(parts.0.operand) ? \(parts.1.operand) : \(parts.2.operand)",
                canThrow: parts.0.canThrow || parts.1.canThrow || parts.2.canThrow, isTight: false)
        case .list(let items): return try list(items)
        case .map(let entries): return try map(entries, typed)
        case .message(let name, _):
            throw LoweringError(message: "a message of `\(name)` is not made here", offset: typed.offset)
        case .comprehension(let node): return try comprehension(node)
        }
    }

    /// A value that is not null: a wrapper that is gives an error, as its operators do.
    mutating func present(_ typed: Typed) throws(LoweringError) -> Lowered {
        let value = try lower(typed)
        guard case .optional = typed.type else { return value }
        return Lowered(text: "Eval.present(\(value.text))", canThrow: true)
    }

    static func literal(_ value: Expression.Value) -> String {
        switch value {
        case .null: "nil"
        case .bool(let value): String(value)
        case .int(let value): "Int64(\(value))"
        case .uint(let value): "UInt64(\(value))"
        case .double(let value): "Double(\(Literal.number(value)))"
        case .string(let value): Literal.text(value)
        case .bytes(let value): "(\(Literal.bytes(value)) as [UInt8])"
        }
    }

    /// The variable of a macro: in back-ticks where Swift has the word, apart where generated code has it.
    static func local(_ name: String) -> String { Locals.isTaken(name) ? name + "_" : Naming.escaped(name) }

    private mutating func list(_ items: [Typed]) throws(LoweringError) -> Lowered {
        var texts: [String] = []
        var canThrow = false
        for item in items {
            let item = try lower(item)
            canThrow = canThrow || item.canThrow
            texts.append(item.text)
        }
        return Lowered(text: Literal.list(texts), canThrow: canThrow)
    }

    private mutating func map(
        _ entries: [(key: Typed, value: Typed)], _ typed: Typed
    ) throws(LoweringError) -> Lowered {
        guard case .map(let key, let value) = typed.type, let keyName = Lowering.swiftType(key),
            let valueName = Lowering.swiftType(value)
        else { throw LoweringError(message: "a map of this type has no form in Swift", offset: typed.offset) }
        var texts: [String] = []
        var canThrow = false
        for entry in entries {
            let (key, value) = (try lower(entry.key), try lower(entry.value))
            canThrow = canThrow || key.canThrow || value.canThrow
            texts.append("\(key.text): \(value.text)")
        }
        let body = texts.isEmpty ? "[:]" : Literal.list(texts)
        return Lowered(text: "(\(body) as ProtoMap<\(keyName), \(valueName)>)", canThrow: canThrow)
    }

    static func swiftType(_ type: CELType) -> String? {
        switch type {
        case .bool: "Bool"
        case .int: "Int64"
        case .uint: "UInt64"
        case .double: "Double"
        case .string: "String"
        case .bytes: "[UInt8]"
        case .duration: "GoogleProtobuf.Duration"
        case .timestamp: "GoogleProtobuf.Timestamp"
        case .list(let element): swiftType(element).map { "[\($0)]" }
        default: nil
        }
    }
}

// MARK: - Fields and elements

extension Lowering {
    private func find(_ field: String, in type: CELType) -> Schema.Field? {
        guard case .message(let name) = type else { return nil }
        return schema.messages[name]?.fields.first { $0.name == field }
    }

    private mutating func field(
        _ name: String, of target: Typed, _ typed: Typed
    ) throws(LoweringError) -> Lowered {
        guard let field = find(name, in: target.type) else {
            throw LoweringError(message: "the field `\(name)` has no form in Swift", offset: typed.offset)
        }
        let base = try lower(target)
        let raw = stored(field, base)
        if field.isMap { return Lowered(text: raw, canThrow: base.canThrow) }
        if field.isList {
            let item = Widening.element("$0", field.proto)
            return Lowered(text: item == "$0" ? raw : "\(raw).map({ \(item) })", canThrow: base.canThrow)
        }
        if case .optional = typed.type, let wrapped = field.messageType.flatMap(Family.wrapped) {
            let item = Widening.widened("$0.value", wrapped)
            return Lowered(text: "\(optional(field, base)).map({ \(item) })", canThrow: base.canThrow)
        }
        if field.names.isImplicit {
            return Lowered(text: Widening.widened(raw, field.kind), canThrow: base.canThrow)
        }
        let value = "(\(optional(field, base)) ?? \(Widening.zero(field)))"
        return Lowered(text: Widening.widened(value, field.kind), canThrow: base.canThrow)
    }

    private func stored(_ field: Schema.Field, _ base: Lowered) -> String {
        base.text == "self" ? Locals.reference(field.names.property) : base.operand + "." + field.names.property
    }

    /// The field as an optional, also if it is a member of a oneof.
    private func optional(_ field: Schema.Field, _ base: Lowered) -> String {
        let raw = stored(field, base)
        guard let caseName = field.names.caseName else { return raw }
        let type = field.names.type ?? ""
        return "{ () -> \(type)? in if case .\(caseName)(let it)? = \(raw) { it } else { nil } }()"
    }

    private mutating func has(_ name: String, of target: Typed) throws(LoweringError) -> Lowered {
        guard let field = find(name, in: target.type) else {
            throw LoweringError(message: "the field `\(name)` has no form in Swift", offset: target.offset)
        }
        let base = try lower(target)
        return Lowered(text: field.isSet(of: base.operand), canThrow: base.canThrow, isTight: false)
    }

    /// Lists check the index, maps the key. The maps of messages have keys as they are stored.
    private mutating func element(_ target: Typed, _ index: Typed) throws(LoweringError) -> Lowered {
        let base = try lower(target)
        let key = try present(index)
        guard case .map = target.type else {
            return Lowered(text: "Eval.element(\(base.text), \(key.text))", canThrow: true)
        }
        guard let field = mapField(target), let entry = field.entry, let types = field.names.entry else {
            return Lowered(text: "Eval.value(\(base.text), \(key.text))", canThrow: true)
        }
        let exact = narrowed(key.text, entry.key, types.key)
        let wanted = exact.isOptional ? "Eval.present(\(exact.text))" : exact.text
        return Lowered(
            text: Widening.element("Eval.value(\(base.text), \(wanted))", entry.value), canThrow: true)
    }

    /// The field that a map comes from, which says how its keys and values are stored.
    func mapField(_ typed: Typed) -> Schema.Field? {
        switch typed.node {
        case .field(let target, let name): find(name, in: target.type)
        case .variable("this"): thisField
        default: nil
        }
    }

    /// A key as the map stores it; nothing if it does not fit.
    func narrowed(_ key: String, _ proto: FieldDescriptorProto, _ type: String) -> (text: String, isOptional: Bool) {
        switch proto.type {
        case .int32, .sint32, .sfixed32, .uint32, .fixed32: ("\(type)(exactly: \(key))", true)
        default: (key, false)
        }
    }
}
