import ProtoSyntax

extension Validator {
    func check(_ field: FieldDraft, _ report: inout Report) {
        let options = file.optionSets[field.optionSet]
        if field.isMap { checkMap(field, &report) }
        if field.isExtension {
            checkExtension(field, &report)
            checkDeclaration(of: field, &report)
        }
        checkOptions(of: field, options, &report)
        checkEnum(of: field, &report)
        checkEntry(of: field, &report)
        checkVisibility(of: field, &report)
        checkSupport(of: field, options, &report)
        if file.dialect.hasFeatures, field.syntax != nil { checkFeatures(of: field, options, &report) }
    }

    private func place(of name: String, in options: OptionSet, or field: FieldDraft) -> Span {
        options.written.first { $0.name.first?.text == name }?.nameSpan ?? field.nameSpan
    }

    // MARK: - Types

    private func checkMap(_ field: FieldDraft, _ report: inout Report) {
        guard let ref = field.type.messageRef, ref.file == index,
            case .map(let keyType, let valueType, _) = field.written
        else { return }
        let entry = file.messages[ref.index]
        guard entry.fields.count == 2 else { return }
        switch file.fields[entry.fields[0]].type {
        case .scalar(.float), .scalar(.double), .scalar(.bytes), .message, .group, .enumeration:
            report.error(
                .mapKeyType, "a map may not have keys of this type", at: keyType.span,
                help: "keys are whole numbers, `bool` or `string`")
        case .scalar, .unknown:
            break
        }
        if case .enumeration(let enumeration) = file.fields[entry.fields[1]].type,
            let first = program.enumeration(enumeration).values.first, let number = first.number, number != 0
        {
            report.error(
                .firstEnumValueNotZero, "the values of a map may be of this enum only if its first value is 0",
                at: valueType.span, notes: [.init("its first value is \(number)", at: first.numberSpan)])
        }
    }

    private func checkExtension(_ field: FieldDraft, _ report: inout Report) {
        if field.label == .required {
            report.error(
                .requiredExtension, "an extension may not be required", at: field.syntax?.label?.span ?? field.nameSpan,
                help: "who does not know it could not read the message")
        }
        guard let ref = field.extended, let extendee = field.extendee else { return }
        let message = program.message(ref)
        if file.dialect == .proto3, !Validator.optionMessages.contains(message.fullName) {
            report.error(
                .extendInProto3, "a file of proto3 may extend only the options of descriptor.proto", at: extendee.span,
                help: "use fields or `google.protobuf.Any`")
        }
        if message.isMessageSet {
            var isMessage = false
            if case .message = field.type { isMessage = true }
            if field.type != .unknown, !isMessage || field.label != .optional {
                report.error(
                    .messageSetRules, "an extension of a message set is an optional message", at: field.nameSpan)
            }
        } else if let number = field.number, number > FieldNumber.largest {
            report.error(
                .numberOutOfRange, "number \(number) is too large", at: field.numberSpan,
                help: "the largest is \(FieldNumber.largest)")
        }
    }

    private static let optionMessages: Set<String> = Set(
        ["File", "Message", "Field", "Oneof", "Enum", "EnumValue", "Service", "Method", "ExtensionRange"]
            .map { "google.protobuf.\($0)Options" })

    /// The message of a map's entries is the compiler's own: nobody else may have fields of it.
    private func checkEntry(of field: FieldDraft, _ report: inout Report) {
        guard !field.isMap, let ref = field.type.messageRef, program.message(ref).isMapEntry else { return }
        report.error(
            .wrongKind, "`\(program.message(ref).fullName)` holds the entries of a map, and is no type for fields",
            at: field.written.span, notes: [.init("the map", at: program.message(ref).nameSpan)],
            help: "declare a message of your own")
    }

    /// A field that reads as 0 when it is unset needs an enum in which 0 means something.
    private func checkEnum(of field: FieldDraft, _ report: inout Report) {
        guard case .enumeration(let ref) = field.type, field.features.presence == .implicit, !field.isRepeated,
            field.oneof == nil, !field.isExtension
        else { return }
        let enumeration = program.enumeration(ref)
        guard enumeration.isClosed else { return }
        report.error(
            .closedEnumInOpen,
            "the enum `\(enumeration.fullName)` is closed and cannot be the type of a field without presence",
            at: field.written.span, notes: [.init("declared here", at: enumeration.nameSpan)],
            help: file.dialect == .proto3
                ? "an enum of proto2 may not be used in proto3: move it to a file of proto3"
                : "give the field `features.field_presence = EXPLICIT`")
    }

    // MARK: - Options

    private func checkOptions(of field: FieldDraft, _ options: OptionSet, _ report: inout Report) {
        let values = options.values
        if file.dialect.hasFeatures, values.varint(2) != nil {
            report.error(
                .packedType, "`packed` is not in editions", at: place(of: "packed", in: options, or: field),
                help: "write `features.repeated_field_encoding = PACKED`, or leave it out: it is the default")
        } else if values.varint(2) ?? 0 != 0, !isPackable(field) {
            report.error(
                .packedType, "only repeated numbers, bools and enums can be packed",
                at: place(of: "packed", in: options, or: field))
        }
        if values.varint(6) ?? 0 != 0 {
            switch field.type {
            case .scalar(.int64), .scalar(.uint64), .scalar(.sint64), .scalar(.fixed64), .scalar(.sfixed64): break
            default:
                report.error(
                    .jstypeType, "`jstype` is for whole numbers of 64 bits",
                    at: place(of: "jstype", in: options, or: field))
            }
        }
        for (number, name): (Int32, String) in [(5, "lazy"), (15, "unverified_lazy")] where values.varint(number) == 1 {
            if case .message = field.type, !program.isDelimited(field) { continue }
            report.error(.lazyType, "`\(name)` is for messages", at: place(of: name, in: options, or: field))
        }
        if file.dialect >= .edition2024, values.varint(1) != nil {
            report.error(
                .featureLifetime, "`ctype` is not in edition 2024 and later",
                at: place(of: "ctype", in: options, or: field),
                help: "import `google/protobuf/cpp_features.proto` and write `features.(pb.cpp).string_type`")
        } else if values.varint(1) ?? 0 != 0, field.type.isScalar != .string, field.type.isScalar != .bytes {
            report.warning(
                .ctypeType, "`ctype` is for `string` and `bytes`", at: place(of: "ctype", in: options, or: field))
        }
    }

    private func isMapOfText(_ field: FieldDraft) -> Bool {
        guard case .map(let key, let value, _) = field.written else { return false }
        for case .scalar(.string, _) in [key, value] { return true }
        return false
    }

    private func isPackable(_ field: FieldDraft) -> Bool {
        guard field.isRepeated else { return false }
        switch field.type {
        case .scalar(.string), .scalar(.bytes), .message, .group: return false
        case .scalar, .enumeration, .unknown: return true
        }
    }

    private func checkFeatures(of field: FieldDraft, _ options: OptionSet, _ report: inout Report) {
        let place = place(of: "features", in: options, or: field)
        guard let features = options.values.message(21) else {
            checkDefault(of: field, &report)
            return
        }
        if features.varint(1) != nil {
            let kind =
                field.isRepeated ? "a repeated field" : field.oneof != nil ? "a field of a oneof" : "an extension"
            if field.isRepeated || field.oneof != nil || field.isExtension {
                report.error(.featureValue, "\(kind) has no presence to choose", at: place)
            } else if field.type.messageRef != nil, field.features.presence == .implicit {
                report.error(.featureValue, "a message always knows whether it is set", at: place)
            }
        }
        if features.varint(3) != nil, !field.isRepeated {
            report.error(.featureValue, "only a repeated field has a repeated encoding", at: place)
        } else if features.varint(3) == 1, !isPackable(field) {
            report.error(.featureValue, "only numbers, bools and enums can be packed", at: place)
        }
        if features.varint(4) != nil, field.type.isScalar != .string, !isMapOfText(field) {
            report.error(.featureValue, "only a string can be checked for UTF-8", at: place)
        }
        if features.varint(5) != nil, field.type.messageRef == nil || field.isMap {
            report.error(.featureValue, "only a message has a message encoding", at: place)
        }
        checkDefault(of: field, &report)
    }

    private func checkDefault(of field: FieldDraft, _ report: inout Report) {
        guard field.features.presence == .implicit, field.defaultValue != nil, field.oneof == nil, !field.isExtension
        else { return }
        report.error(
            .badDefault, "a field without presence can have no default", at: field.nameSpan,
            help: "give it `features.field_presence = EXPLICIT`")
    }
}
