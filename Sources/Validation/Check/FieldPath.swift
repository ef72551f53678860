/// The way from a message to a field in it, or from a field's options to one of its rules: `lessons[2].title`.
public struct FieldPath: Sendable, Equatable {
    /// From the outside in. While a check runs, from the inside out: see `prepend`.
    public var elements: [Element]

    public init(_ elements: [Element] = []) {
        self.elements = elements
    }

    public var isEmpty: Bool { elements.isEmpty }

    /// A field's type in the contract, numbered as `google.protobuf.FieldDescriptorProto.Type`.
    public enum Kind: Int32, Sendable {
        case double = 1
        case float, int64, uint64, int32, fixed64, fixed32, bool, string, group, message, bytes, uint32
        case enumeration, sfixed32, sfixed64, sint32, sint64
    }

    /// Which element of a repeated field, or which entry of a map.
    public enum Subscript: Sendable, Equatable {
        case index(Int)
        case bool(Bool)
        case int(Int64)
        case uint(UInt64)
        case string(String)
    }

    /// One field on the way, with the element of it that is meant.
    public struct Element: Sendable, Equatable {
        /// Nil for a oneof, which has no number.
        public var number: Int32?
        public var name: String
        public var kind: Kind?
        public var keyKind: Kind?
        public var valueKind: Kind?
        public var `subscript`: Subscript?

        public init(
            number: Int32?, name: String, kind: Kind?, keyKind: Kind? = nil, valueKind: Kind? = nil,
            subscript: Subscript? = nil
        ) {
            self.number = number
            self.name = name
            self.kind = kind
            self.keyKind = keyKind
            self.valueKind = valueKind
            self.subscript = `subscript`
        }

        /// A field as a whole.
        public static func field(_ number: Int32, _ name: String, _ kind: Kind) -> Element {
            Element(number: number, name: name, kind: kind)
        }

        /// An element of a repeated field.
        public static func element(_ number: Int32, _ name: String, _ kind: Kind, _ index: Int) -> Element {
            Element(number: number, name: name, kind: kind, subscript: .index(index))
        }

        /// A oneof.
        public static func oneof(_ name: String) -> Element {
            Element(number: nil, name: name, kind: nil)
        }

        /// An entry of a map with keys and values of these kinds.
        public static func entry(
            _ number: Int32, _ name: String, _ key: Kind, _ value: Kind, _ subscript: Subscript
        ) -> Element {
            Element(
                number: number, name: name, kind: .message, keyKind: key, valueKind: value, subscript: `subscript`)
        }

        /// An entry of a map, by its key.
        public static func entry(
            _ number: Int32, _ name: String, _ key: Kind, _ value: Kind, key subscript: String
        ) -> Element {
            entry(number, name, key, value, .string(`subscript`))
        }

        /// An entry of a map, by its key.
        public static func entry(
            _ number: Int32, _ name: String, _ key: Kind, _ value: Kind, key subscript: Bool
        ) -> Element {
            entry(number, name, key, value, .bool(`subscript`))
        }

        /// An entry of a map, by its key.
        public static func entry<Key: FixedWidthInteger>(
            _ number: Int32, _ name: String, _ key: Kind, _ value: Kind, key subscript: Key
        ) -> Element {
            entry(
                number, name, key, value,
                Key.isSigned
                    ? .int(Int64(truncatingIfNeeded: `subscript`)) : .uint(UInt64(truncatingIfNeeded: `subscript`)))
        }
    }

    /// The path of a rule of a scalar: `string.min_len`. `number` is the rules' field in `FieldRules`.
    public static func rule(
        _ rules: String, _ number: Int32, _ rule: String, _ ruleNumber: Int32, _ kind: Kind
    ) -> FieldPath {
        FieldPath([.field(number, rules, .message), .field(ruleNumber, rule, kind)])
    }

    /// The path of a rule that stands in `FieldRules` itself: `required`.
    public static func rule(_ rule: String, _ number: Int32, _ kind: Kind) -> FieldPath {
        FieldPath([.field(number, rule, kind)])
    }

    /// Puts a step in front, in constant time: until `finish`, elements lie in reverse.
    mutating func prepend(_ step: Element) {
        if !isReversed {
            elements.reverse()
            isReversed = true
        }
        elements.append(step)
    }

    /// Ends the phase in which steps are put in front.
    mutating func finish() {
        if isReversed { elements.reverse() }
        isReversed = false
    }

    private var isReversed = false
}

extension FieldPath: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: Element...) {
        self.init(elements)
    }
}

extension FieldPath: CustomStringConvertible {
    /// As protovalidate writes it everywhere: `lessons[2].title`, `labels["a"].text`.
    public var description: String { elements.map(\.description).joined(separator: ".") }
}

extension FieldPath.Element: CustomStringConvertible {
    public var description: String {
        switch `subscript` {
        case nil: name
        case .index(let index)?: "\(name)[\(index)]"
        case .bool(let key)?: "\(name)[\(key)]"
        case .int(let key)?: "\(name)[\(key)]"
        case .uint(let key)?: "\(name)[\(key)]"
        case .string(let key)?: "\(name)[\(quoted(key))]"
        }
    }

    /// A key may hold anything: what would break the text, or the line that it is logged in, is escaped.
    private func quoted(_ key: String) -> String {
        var text = "\""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                text.unicodeScalars.append("\\")
                text.unicodeScalars.append(scalar)
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
