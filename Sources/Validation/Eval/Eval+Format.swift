/// `format` of CEL's strings extension.
extension Eval {
    /// Puts values in the places of a template: `%s`, `%d`, `%f`, `%e`, `%x`, `%X`, `%o`, `%b`, and `%%`.
    public static func format(_ template: String, _ values: [Dynamic]) throws(EvalError) -> String {
        var result = ""
        var left = values[...]
        var scalars = template.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if scalars.first == "%" {
                scalars.removeFirst()
                result += "%"
                continue
            }
            let precision = try precision(&scalars)
            guard let verb = scalars.popFirst() else { throw .badArgument("the format ends in the middle of a clause") }
            guard let value = left.popFirst() else { throw .badArgument("the format has more clauses than values") }
            result += try text(value, verb, precision)
            guard result.utf8.count <= textLimit else { throw .tooLarge(limit: textLimit) }
        }
        return result
    }

    private static func precision(_ scalars: inout Substring.UnicodeScalarView) throws(EvalError) -> Int? {
        guard scalars.first == "." else { return nil }
        scalars.removeFirst()
        var value: Int?
        while let digit = scalars.first, "0"..."9" ~= digit {
            value = min((value ?? 0) * 10 + Int(digit.value - 0x30), NumberText.precisionLimit)
            scalars.removeFirst()
        }
        guard let value else { throw .badArgument("a precision in the format has no digits") }
        return value
    }

    private static func text(
        _ value: Dynamic, _ verb: Unicode.Scalar, _ precision: Int?
    ) throws(EvalError) -> String {
        switch (verb, value) {
        case ("s", _): return try plain(value)
        case ("d", .int(let number)): return String(number)
        case ("d", .uint(let number)): return String(number)
        case ("d", .double(let number)): return special(number) ?? NumberText.fixed(number, precision: 6)
        case ("f", .double(let number)): return special(number) ?? NumberText.fixed(number, precision: precision ?? 6)
        case ("e", .double(let number)):
            return special(number) ?? NumberText.scientific(number, precision: precision ?? 6)
        case ("x", _), ("X", _): return try hexadecimal(value, isUpper: verb == "X")
        case ("o", .int(let number)): return String(number, radix: 8)
        case ("o", .uint(let number)): return String(number, radix: 8)
        case ("b", .int(let number)): return String(number, radix: 2)
        case ("b", .uint(let number)): return String(number, radix: 2)
        case ("b", .bool(let flag)): return flag ? "1" : "0"
        case ("d", _), ("f", _), ("e", _), ("o", _), ("b", _):
            throw .badArgument("the clause %\(verb) of a format takes no \(value.typeName)")
        default: throw .badArgument("a format has no clause %\(verb)")
        }
    }

    private static func hexadecimal(_ value: Dynamic, isUpper: Bool) throws(EvalError) -> String {
        switch value {
        case .int(let number): return String(number, radix: 16, uppercase: isUpper)
        case .uint(let number): return String(number, radix: 16, uppercase: isUpper)
        case .string(let text): return hexadecimal(Array(text.utf8), isUpper)
        case .bytes(let bytes): return hexadecimal(bytes, isUpper)
        default: throw .badArgument("the clause %x of a format takes no \(value.typeName)")
        }
    }

    private static func hexadecimal(_ bytes: [UInt8], _ isUpper: Bool) -> String {
        var text = ""
        for byte in bytes {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16, uppercase: isUpper)
        }
        return text
    }

    private static func special(_ number: Double) -> String? {
        if number.isNaN { return "NaN" }
        return number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : nil
    }

    /// `%s`: any value as a person reads it. Doubles have six significant digits, as in the reference implementation;
    /// entries of maps are in the order of their keys' texts.
    private static func plain(_ value: Dynamic) throws(EvalError) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return special(number) ?? NumberText.general(number, digits: 6)
        case .string(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .duration(let duration): return try string(duration)
        case .timestamp(let time): return try string(time)
        case .type(let name): return name
        case .list(let values):
            var texts: [String] = []
            for value in values { texts.append(try plain(value)) }
            return "[" + (try join(texts, ", ")) + "]"
        case .map(let entries):
            var texts: [(key: String, value: String)] = []
            for entry in entries { texts.append((try plain(entry.key), try plain(entry.value))) }
            texts.sort { less($0.key, $1.key) }
            return "{" + (try join(texts.map { "\($0.key): \($0.value)" }, ", ")) + "}"
        }
    }
}
