import ProtoSyntax

extension OptionInterpreter {
    /// The value as the field holds it; `nil` is reported.
    ///
    /// Within an aggregate text format rules, which is laxer: enums by number, `1` and `t` for true.
    mutating func content(
        of written: AggregateValue, for field: FieldDraft, inAggregate: Bool
    ) -> FieldSlot.Content? {
        switch field.type {
        case .scalar(let scalar):
            return content(of: written, as: scalar, for: field, inAggregate)
        case .enumeration(let ref):
            return enumValue(written, of: ref, for: field, inAggregate)
        case .message(let ref), .group(let ref):
            guard case .message(let aggregate) = written.value else {
                let help = "write `{ … }`" + (inAggregate ? "" : ", or set its fields by `\(field.name).field = …`")
                mismatch(written, field, help: help)
                return nil
            }
            return message(aggregate, as: ref).map { .message($0) }
        case .unknown:
            return nil
        }
    }

    private mutating func mismatch(_ written: AggregateValue, _ field: FieldDraft, help: String? = nil) {
        var what = written.value.kind
        if case .identifier(let name, _) = written.value { what = "`\(name)`" }
        report.error(
            .optionType, "`\(field.name)` is \(kind(of: field)), not \(what)", at: written.span,
            notes: field.nameSpan.source == written.span.source ? [.init("declared here", at: field.nameSpan)] : [],
            help: help)
    }

    // MARK: - Scalars

    private mutating func content(
        of written: AggregateValue, as scalar: ScalarType, for field: FieldDraft, _ inAggregate: Bool
    ) -> FieldSlot.Content? {
        switch scalar {
        case .bool:
            return bool(written, field, inAggregate)
        case .string, .bytes:
            guard case .string(let bytes) = written.value else {
                mismatch(written, field, help: "put it in quotes")
                return nil
            }
            if scalar == .string, String(validating: bytes, as: UTF8.self) == nil {
                report.error(
                    .optionType, "`\(field.name)` is string, and this is not UTF-8", at: written.span,
                    help: "bytes that are no text need a field of type `bytes`")
                return nil
            }
            return .bytes(bytes)
        case .double, .float:
            guard let number = number(written, inAggregate) else {
                mismatch(written, field)
                return nil
            }
            return scalar == .double ? .fixed64(number.double.bitPattern) : .fixed32(number.float.bitPattern)
        default:
            return integer(written, as: scalar, field)
        }
    }

    /// The number that a `double` or `float` is set to. Text format and option statements have each their own corners.
    private func number(_ written: AggregateValue, _ inAggregate: Bool) -> FloatValue? {
        switch written.value {
        case .integer(0, _) where !inAggregate:
            return .zero  // A whole number, which knows no sign of zero.
        case .integer where inAggregate:
            // Text format has no hexadecimal and octal forms of numbers with a point.
            let digits = report.text(at: written.span).drop { $0 == "-" || $0 == " " }
            return digits.count > 1 && digits.first == "0" ? nil : FloatValue(written.value)
        case .identifier(let word, let isNegative) where !inAggregate:
            guard word == "inf" || word == "nan" else { return nil }
            return FloatValue(.identifier(word, isNegative: isNegative && word == "inf"))
        default:
            return FloatValue(written.value)
        }
    }

    private mutating func bool(
        _ written: AggregateValue, _ field: FieldDraft, _ inAggregate: Bool
    ) -> FieldSlot.Content? {
        switch written.value {
        case .identifier("true", isNegative: false): return .varint(1)
        case .identifier("false", isNegative: false): return .varint(0)
        case .identifier(let word, isNegative: false) where inAggregate && ["t", "True"].contains(word):
            return .varint(1)
        case .identifier(let word, isNegative: false) where inAggregate && ["f", "False"].contains(word):
            return .varint(0)
        case .integer(let number, isNegative: false) where inAggregate && number < 2: return .varint(number)
        default:
            mismatch(written, field, help: "write `true` or `false`")
            return nil
        }
    }

    private mutating func integer(
        _ written: AggregateValue, as scalar: ScalarType, _ field: FieldDraft
    ) -> FieldSlot.Content? {
        guard case .integer(let magnitude, let isNegative) = written.value else {
            if case .float(let text, _) = written.value, text.allSatisfy(\.isNumber) {
                reportRange(written, scalar)
            } else {
                mismatch(written, field)
            }
            return nil
        }
        guard let bits = scalar.bits(magnitude: magnitude, isNegative: isNegative) else {
            reportRange(written, scalar)
            return nil
        }
        switch scalar {
        case .fixed32, .sfixed32: return .fixed32(UInt32(truncatingIfNeeded: bits))
        case .fixed64, .sfixed64: return .fixed64(bits)
        case .sint32, .sint64:
            let value = Int64(bitPattern: bits)
            return .varint(UInt64(bitPattern: value << 1 ^ value >> 63))
        default: return .varint(bits)
        }
    }

    private mutating func reportRange(_ written: AggregateValue, _ scalar: ScalarType) {
        guard let range = scalar.rangeText else { return }
        report.error(
            .optionRange, "the value does not fit \(scalar.text)", at: written.span, help: "it goes from \(range)")
    }

    private mutating func enumValue(
        _ written: AggregateValue, of ref: TypeRef, for field: FieldDraft, _ inAggregate: Bool
    ) -> FieldSlot.Content? {
        let enumeration = program.enumeration(ref)
        switch written.value {
        case .identifier(let name, isNegative: false):
            if let value = enumeration.values.first(where: { $0.name == name }), let number = value.number {
                guard check(value, of: ref, at: written.span), checkFeature(field, number, name, at: written.span)
                else { return nil }
                return .varint(UInt64(bitPattern: Int64(number)))
            }
            report.error(
                .unknownEnumValue, "enum `\(enumeration.fullName)` has no value `\(name)`", at: written.span,
                help: suggestion(name, enumeration.values.map(\.name)),
                fixes: mended(name, enumeration.values.map(\.name), at: written.span))
            return nil
        case .integer(let magnitude, let isNegative) where inAggregate:
            guard let bits = ScalarType.int32.bits(magnitude: magnitude, isNegative: isNegative) else {
                reportRange(written, .int32)
                return nil
            }
            let number = Int32(truncatingIfNeeded: bits)
            guard !enumeration.isClosed || enumeration.values.contains(where: { $0.number == number }) else {
                report.error(
                    .unknownEnumValue, "enum `\(enumeration.fullName)` has no value \(number)", at: written.span)
                return nil
            }
            return .varint(bits)
        default:
            mismatch(written, field, help: "write the name of a value")
            return nil
        }
    }

    /// The zero of a feature's enum stands for features that are not known: nobody can ask for it.
    private mutating func checkFeature(
        _ field: FieldDraft, _ number: Int32, _ name: String, at span: Span
    ) -> Bool {
        guard number == 0, field.scope == "google.protobuf.FeatureSet", !field.isExtension else { return true }
        report.error(.featureValue, "`\(name)` is no value that a feature can have", at: span)
        return false
    }

    /// Values have lifetimes as options do.
    private mutating func check(_ value: EnumValueDraft, of ref: TypeRef, at span: Span) -> Bool {
        let options = program.files[ref.file].optionSets[value.optionSet]
        guard options.isPresent, let support = options.values.message(4) else { return true }
        return check(FeatureSupport(support), of: value.name, declaredAt: value.nameSpan, at: span)
    }

    private func mended(_ name: String, _ names: [String], at span: Span) -> [Diagnostic.FixIt] {
        guard let near = nearest(to: name, among: names) else { return [] }
        return [.init("write `\(near)`", replacing: span, with: near)]
    }

    private func suggestion(_ name: String, _ names: [String]) -> String? {
        if let near = nearest(to: name, among: names) { return "did you mean `\(near)`?" }
        if names.count <= 8, !names.isEmpty { return "it has \(names.map { "`\($0)`" }.joined(separator: ", "))" }
        return nil
    }

    // MARK: - Messages in text format

    private mutating func message(_ aggregate: AggregateSyntax, as ref: TypeRef) -> MessageValue? {
        var value = MessageValue()
        var isGood = true
        for field in aggregate.fields where !set(field, in: ref, &value) {
            isGood = false
        }
        guard isGood else { return nil }
        let message = program.message(ref)
        for index in message.fields {
            let field = program.files[ref.file].fields[index]
            guard let number = field.number, value.slots[number] == nil else { continue }
            if field.label == .required || field.features.presence == .legacyRequired {
                report.error(
                    .requiredMissing, "`\(message.fullName)` needs its field `\(field.name)`", at: aggregate.span,
                    notes: [.init("it is required", at: field.nameSpan)])
                return nil
            }
            // An entry of a map always has both of its fields on the wire.
            if message.isMapEntry {
                value.slots[number] = FieldSlot(
                    field: TypeRef(file: ref.file, index: index), values: [initial(of: field)], span: aggregate.span,
                    isWhole: true)
            }
        }
        return value
    }

    private func initial(of field: FieldDraft) -> FieldSlot.Content {
        switch field.type {
        case .scalar(.string), .scalar(.bytes): .bytes([])
        case .scalar(.double), .scalar(.fixed64), .scalar(.sfixed64): .fixed64(0)
        case .scalar(.float), .scalar(.fixed32), .scalar(.sfixed32): .fixed32(0)
        case .message, .group: .message(MessageValue())
        case .enumeration(let ref):
            .varint(UInt64(bitPattern: Int64(program.enumeration(ref).values.first?.number ?? 0)))
        case .scalar, .unknown: .varint(0)
        }
    }

    private mutating func set(_ written: AggregateField, in message: TypeRef, _ value: inout MessageValue) -> Bool {
        let ref: TypeRef
        let span: Span
        switch written.name {
        case .typeURL(let domain, let type):
            return setAny(domain, type, written.value, in: message, &value)
        case .extensionField(let name):
            guard let found = findExtension(name, of: message) else { return false }
            (ref, span) = (found, name.span)
        case .field(let name):
            if isReserved(name, in: message) { return true }
            guard let found = field(name, in: message) else { return false }
            (ref, span) = (found, name.span)
        }
        let field = program.field(ref)
        guard let number = field.number, check(ref, at: span) else { return false }
        if !field.isRepeated, let earlier = value.slots[number] {
            report.error(
                .repeatedOption, "field `\(field.name)` is set twice", at: span,
                notes: [.init("it was set here", at: earlier.span)])
            return false
        }
        guard checkOneof(of: field, in: message, value, at: span) else { return false }
        if !written.hasColon, field.type.messageRef == nil {
            report.error(
                .expectedToken, "expected `:` behind `\(field.name)`", at: span.after,
                help: "only messages may go without",
                fixes: [.init("put it in", replacing: span.after, with: ":")])
            return false
        }
        var values = [written.value]
        if case .list(let list) = written.value.value {
            guard field.isRepeated else {
                mismatch(written.value, field)
                return false
            }
            values = list
        }
        var contents: [FieldSlot.Content] = []
        for one in values {
            guard let content = content(of: one, for: field, inAggregate: true) else { return false }
            contents.append(content)
        }
        // In place: a copy of a long list for each of its values would take the square of its length.
        value.slots[number, default: FieldSlot(field: ref, span: span, isWhole: true)].values += contents
        return true
    }

    /// A field that was there once: text format passes over it.
    private mutating func isReserved(_ name: Identifier, in message: TypeRef) -> Bool {
        let owner = program.message(message)
        guard let reserved = owner.reservedNames.first(where: { $0.text == name.text }) else { return false }
        report.warning(
            .nameIsReserved, "`\(name.text)` is no field any more: its value is passed over", at: name.span,
            notes: [.init("reserved here", at: reserved.span)], help: "take it out")
        return true
    }

    private mutating func field(_ name: Identifier, in message: TypeRef) -> TypeRef? {
        let owner = program.message(message)
        let fields = program.files[message.file].fields
        // A group goes by its own name and by that of its message.
        let index =
            owner.fields.first { fields[$0].name == name.text }
            ?? owner.fields.first { index in
                guard let ref = fields[index].type.messageRef, program.isGroupLike(fields[index], ref) else {
                    return false
                }
                return program.message(ref).name == name.text
            }
        if let index { return TypeRef(file: message.file, index: index) }
        let known = owner.fields.map { fields[$0].name }
        report.error(
            .unknownAggregateField, "`\(owner.fullName)` has no field `\(name.text)`", at: name.span,
            help: suggestion(name.text, known), fixes: mended(name.text, known, at: name.span))
        return nil
    }

    private mutating func checkOneof(
        of field: FieldDraft, in message: TypeRef, _ value: MessageValue, at span: Span
    ) -> Bool {
        guard let oneof = field.oneof, !field.isExtension else { return true }
        let owner = program.message(message)
        for index in owner.fields {
            let other = program.files[message.file].fields[index]
            guard other.oneof == oneof, other.name != field.name, let number = other.number,
                let slot = value.slots[number]
            else { continue }
            report.error(
                .oneofSetTwice, "`\(field.name)` and `\(other.name)` cannot be set together", at: span,
                notes: [
                    .init("`\(other.name)` is set here; both are in oneof `\(owner.oneofs[oneof].name)`", at: slot.span)
                ])
            return false
        }
        return true
    }

    /// `[type.googleapis.com/package.Message] { … }` within an `Any`.
    private mutating func setAny(
        _ domain: String, _ type: Identifier, _ written: AggregateValue, in message: TypeRef,
        _ value: inout MessageValue
    ) -> Bool {
        let owner = program.message(message)
        guard owner.fullName == OptionInterpreter.anyName else {
            report.error(
                .unknownAggregateField, "`\(owner.fullName)` cannot hold a message of any type", at: type.span,
                help: "only `google.protobuf.Any` can")
            return false
        }
        guard ["type.googleapis.com", "type.googleprod.com"].contains(domain) else {
            report.error(
                .unknownType, "`\(domain)` is not a known home of types", at: type.span,
                help: "write `[type.googleapis.com/\(type.text)]`")
            return false
        }
        guard let symbol = program.symbol(type.text, seenFrom: visible), symbol.kind == .message else {
            report.error(.unknownType, "cannot find message `\(type.text)`", at: type.span)
            return false
        }
        used.insert(symbol.file)
        guard case .message(let aggregate) = written.value, let content = self.message(aggregate, as: symbol.ref),
            owner.fields.count >= 2
        else { return false }
        let bytes = content.encoded(program, retainingSource: true)
        let contents: [FieldSlot.Content] = [.bytes(Array("\(domain)/\(type.text)".utf8)), .bytes(bytes)]
        for (index, content) in zip(owner.fields, contents) {
            let ref = TypeRef(file: message.file, index: index)
            guard let number = program.field(ref).number else { return false }
            value.slots[number] = FieldSlot(field: ref, values: [content], span: type.span, isWhole: true)
        }
        return true
    }
}
