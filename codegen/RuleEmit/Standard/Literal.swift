import WellKnown

/// Values of a contract as Swift writes them.
enum Literal {
    static func text(_ value: String) -> String {
        var literal = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            // What no editor shows as it is: control characters, and marks that join what stands before them.
            case _
            where !scalar.isASCII && !scalar.properties.isAlphabetic || scalar.value < 0x20 || scalar.value == 0x7F:
                literal += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }

    static func bytes(_ value: [UInt8]) -> String {
        "[" + value.map(String.init).joined(separator: ", ") + "]"
    }

    static func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.infinity" : ".infinity" }
        return value.description
    }

    static func duration(_ value: GoogleProtobuf.Duration) -> String {
        "Rules.duration(\(value.seconds), \(value.nanos))"
    }

    static func timestamp(_ value: GoogleProtobuf.Timestamp) -> String {
        "Rules.timestamp(\(value.seconds), \(value.nanos))"
    }

    static func list(_ values: [String]) -> String { "[" + values.joined(separator: ", ") + "]" }
}
