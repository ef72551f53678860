import Descriptors

/// A default as descriptors have it, written as Swift writes it.
///
/// Numbers are decimal, floating point may be `inf`, `-inf` and `nan`, bytes are C-escaped, an enum is a name. Source:
/// `FieldDescriptorProto.default_value` in google/protobuf/descriptor.proto.
enum DefaultLiteral {
    /// Nil for a text that is no value of the type.
    static func swift(_ text: String, _ kind: FieldDescriptorProto.Kind, _ enumeration: Symbols.Entry?) -> String? {
        switch kind {
        case .string: return string(text)
        case .bytes: return bytes(text)
        case .float, .double: return floatingPoint(text)
        case .enum:
            guard let enumeration, let index = enumeration.originals.firstIndex(of: text) else { return nil }
            return "." + Naming.escaped(enumeration.values[index])
        case .bool: return text == "true" || text == "false" ? text : nil
        default: return Int64(text) != nil || UInt64(text) != nil ? text : nil
        }
    }

    private static func floatingPoint(_ text: String) -> String? {
        switch text {
        case "inf": return ".infinity"
        case "-inf": return "-.infinity"
        case "nan", "-nan": return ".nan"
        default: break
        }
        guard Double(text) != nil else { return nil }
        // As an integer literal `-0` would lose its sign.
        return text.contains(where: { ".eE".contains($0) }) ? text : text + ".0"
    }

    private static func string(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case _
            where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                || scalar.properties.generalCategory == .lineSeparator
                || scalar.properties.generalCategory == .paragraphSeparator:
                literal += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }

    /// C's escapes: a letter, up to three octal digits, or `x` and up to two hexadecimal ones.
    private static func bytes(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            if let letter = letters[escape] {
                bytes.append(letter)
            } else if escape == UInt8(ascii: "x") || escape == UInt8(ascii: "X") {
                guard let value = number(&rest, radix: 16, most: 2) else { return nil }
                bytes.append(value)
            } else {
                rest = [escape] + rest
                guard let value = number(&rest, radix: 8, most: 3) else { return nil }
                bytes.append(value)
            }
        }
        return "[" + bytes.map { String($0) }.joined(separator: ", ") + "]"
    }

    private static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8,
        UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92, UInt8(ascii: "'"): 39,
        UInt8(ascii: "\""): 34, UInt8(ascii: "?"): 63,
    ]

    private static func number(_ rest: inout ArraySlice<UInt8>, radix: Int, most: Int) -> UInt8? {
        let digits = rest.prefix(most).prefix { Character(UnicodeScalar($0)).hexDigitValue.map { $0 < radix } ?? false }
        rest = rest.dropFirst(digits.count)
        return UInt8(String(decoding: digits, as: UTF8.self), radix: radix)
    }
}
