import Descriptors
import ProtoCheck

/// What a field that is not set is read as.
///
/// Values of different types are compared by what they are: 1 as an `int32` and 1.0 as a `double` are the same default.
enum DefaultValue {
    case bytes([UInt8])
    case whole(Int128)
    /// Of a `float` the 32 bits that it has.
    case real(Double, isFloat: Bool)

    /// Nil for fields that cannot have one: lists, maps and messages.
    init?(of field: ContractField, in contract: Contract) {
        guard field.cardinality != .repeated, field.cardinality != .map else { return nil }
        let text = field.proto.defaultValue
        switch field.kind {
        case .message, .group: return nil
        case .string: self = .bytes(Array((text ?? "").utf8))
        case .bytes: self = .bytes(DefaultValue.unescaped(text ?? ""))
        case .bool: self = .whole(text == "true" ? 1 : 0)
        case .enumeration:
            guard let values = contract.enums[field.typeName]?.values else { return nil }
            let value = text.map { name in values.first { $0.name == name } } ?? values.first
            self = .whole(Int128(value?.number ?? 0))
        case .float: self = .real(Double(Float(text ?? "0") ?? 0), isFloat: true)
        case .double: self = .real(Double(text ?? "0") ?? 0, isFloat: false)
        default: self = .whole(Int128(text ?? "0") ?? 0)
        }
    }

    var isZero: Bool {
        switch self {
        case .bytes(let bytes): bytes.isEmpty
        case .whole(let number): number == 0
        case .real(let number, _): number == 0 && number.sign == .plus
        }
    }

    var text: String {
        switch self {
        case .bytes(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
        case .whole(let number): String(number)
        case .real(let number, let isFloat): isFloat ? String(Float(number)) : String(number)
        }
    }

    /// Descriptors keep the default of `bytes` as C writes it.
    private static func unescaped(_ text: String) -> [UInt8] {
        let letters: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "a"): 7,
            UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11,
        ]
        var rest = Array(text.utf8)[...]
        var out: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                out.append(byte)
                continue
            }
            if next == UInt8(ascii: "x") || next == UInt8(ascii: "X") {
                let digits = rest.prefix(2).prefix { Character(UnicodeScalar($0)).isHexDigit }
                out.append(UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(digits.count)
            } else if (48...55).contains(next) {
                let digits = [next] + rest.prefix(2).prefix { (48...55).contains($0) }
                out.append(UInt8(truncatingIfNeeded: Int(String(decoding: digits, as: UTF8.self), radix: 8) ?? 0))
                rest = rest.dropFirst(digits.count - 1)
            } else {
                out.append(letters[next] ?? next)
            }
        }
        return out
    }
}

extension DefaultValue: Equatable {
    static func == (left: DefaultValue, right: DefaultValue) -> Bool {
        switch (left, right) {
        case (.bytes(let one), .bytes(let other)): one == other
        case (.whole(let one), .whole(let other)): one == other
        case (.real(let one, let isFloat), .real(let other, let isOtherFloat)):
            (one.isNaN && other.isNaN) || (isFloat != isOtherFloat ? Float(one) == Float(other) : one == other)
        case (.whole(let one), .real(let other, _)), (.real(let other, _), .whole(let one)):
            Int128(exactly: other) == one
        default: false
        }
    }
}
