import ProtoSyntax

/// Reads `default` and `json_name`, which are written like options and are properties of the field.
func readDefaults(_ draft: inout Draft, in program: Program, _ report: inout Report) {
    for index in draft.fields.indices {
        guard let syntax = draft.fields[index].syntax else { continue }
        for option in once("default", of: syntax, &report) {
            draft.fields[index].defaultValue = defaultValue(option, of: draft.fields[index], draft, program, &report)
        }
        for option in once("json_name", of: syntax, &report) {
            readJSONName(option, of: index, &draft, &report)
        }
    }
}

/// The pseudo-option, if it stands there; a second one is reported.
private func once(_ name: String, of field: FieldSyntax, _ report: inout Report) -> ArraySlice<OptionSyntax> {
    let written = field.pseudoOption(name)
    for again in written.dropFirst() {
        report.error(
            .repeatedOption, "`\(name)` is set twice", at: again.nameSpan,
            notes: [.init("it was set here", at: written[0].nameSpan)])
    }
    return written.prefix(1)
}

private func readJSONName(_ option: OptionSyntax, of index: Int, _ draft: inout Draft, _ report: inout Report) {
    let field = draft.fields[index]
    guard case .string(let bytes) = option.value else {
        report.error(.badJSONName, "`json_name` is a string", at: option.valueSpan, help: "put it in quotes")
        return
    }
    if field.isExtension {
        report.error(
            .badJSONName, "an extension has no JSON name of its own", at: option.nameSpan,
            help: "in JSON it is written `[\(field.fullName)]`")
    }
    if bytes.contains(0) {
        report.error(.badJSONName, "a JSON name may not hold a NUL", at: option.valueSpan)
    }
    if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
        report.error(
            .badJSONName, "a JSON name in brackets would be read as an extension", at: option.valueSpan)
    }
    draft.fields[index].jsonName = String(decoding: bytes, as: UTF8.self)
    draft.fields[index].hasOwnJSONName = true
}

/// The default as descriptors hold it: a text whose form depends on the type (descriptor.proto, `default_value`).
private func defaultValue(
    _ option: OptionSyntax, of field: FieldDraft, _ draft: Draft, _ program: Program, _ report: inout Report
) -> String? {
    if draft.dialect == .proto3 {
        report.error(
            .defaultInProto3, "fields of proto3 have no defaults of their own", at: option.nameSpan,
            help: "a field that is not set reads as zero or empty; write `optional` to know whether it is set")
        return nil
    }
    if field.isRepeated {
        report.error(.badDefault, "a repeated field can have no default", at: option.nameSpan)
        return nil
    }
    switch field.type {
    case .message, .group:
        report.error(.badDefault, "a message can have no default", at: option.nameSpan)
        return nil
    case .unknown:
        return nil
    case .enumeration(let ref):
        let isHere = ref.file == program.nextIndex
        let enumeration = isHere ? draft.enums[ref.index] : program.enumeration(ref)
        guard case .identifier(let name, isNegative: false) = option.value else {
            report.error(
                .badDefault, "the default of an enum is the name of a value, not \(option.value.kind)",
                at: option.valueSpan)
            return nil
        }
        guard enumeration.values.contains(where: { $0.name == name }) else {
            report.error(
                .badDefault, "enum `\(enumeration.fullName)` has no value `\(name)`", at: option.valueSpan,
                help: nearest(to: name, among: enumeration.values.map(\.name)).map { "did you mean `\($0)`?" })
            return nil
        }
        return name
    case .scalar(let scalar):
        if let text = scalarDefault(option.value, scalar) { return text }
        report.error(
            .badDefault, "the default does not fit \(scalar.text)", at: option.valueSpan,
            label: option.value.kind, help: scalar.rangeText.map { "it goes from \($0)" })
        return nil
    }
}

private func scalarDefault(_ value: OptionValue, _ scalar: ScalarType) -> String? {
    switch (scalar, value) {
    case (.bool, .identifier(let word, isNegative: false)):
        return ["true", "false"].contains(word) ? word : nil
    case (.string, .string(let bytes)):
        return String(validating: bytes, as: UTF8.self)
    case (.bytes, .string(let bytes)):
        return escaped(bytes)
    case (.double, _):
        return FloatValue(value).map { FloatText.text($0.double) }
    case (.float, _):
        return FloatValue(value).map { FloatText.text($0.float) }
    case (_, .integer(let magnitude, let isNegative)):
        guard scalar.bits(magnitude: magnitude, isNegative: isNegative) != nil else { return nil }
        return (isNegative && magnitude > 0 ? "-" : "") + String(magnitude)
    default:
        return nil
    }
}

/// As C escapes, so that the text is UTF-8 whatever the bytes are.
private func escaped(_ bytes: [UInt8]) -> String {
    var out = ""
    for byte in bytes {
        switch byte {
        case 9: out += "\\t"
        case 10: out += "\\n"
        case 13: out += "\\r"
        case 34: out += "\\\""
        case 39: out += "\\'"
        case 92: out += "\\\\"
        case 32..<127: out.append(Character(UnicodeScalar(byte)))
        default:
            let octal = String(byte, radix: 8)
            out += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
        }
    }
    return out
}
