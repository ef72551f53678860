/// A JSON text as a tree, for configuration files: strict (RFC 8259), small, and exact about where a fault is.
package enum JSONTree: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    /// In the order of the text; a name that stands twice is refused.
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONTree

        package init(name: String, value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// What it is, for messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

package struct JSONFault: Error, Equatable {
    package var line: Int
    package var column: Int
    package var problem: String
}

/// Reads one JSON text.
package struct JSONReader {
    /// A configuration is four deep; deeper text is a mistake or an attack on the stack.
    static let depthLimit = 32

    private let bytes: [UInt8]
    private var index = 0

    package static func read(_ bytes: [UInt8]) throws(JSONFault) -> JSONTree {
        var reader = JSONReader(bytes: bytes)
        let tree = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.index < bytes.count { throw reader.fault("nothing may follow the value") }
        return tree
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONTree {
        skipSpace()
        guard depth < Self.depthLimit else { throw fault("nested too deeply") }
        switch peek {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("the text ends where a value should be")
        case let byte? where "-0123456789".utf8.contains(byte): return try number()
        default: throw fault("no value begins so")
        }
    }

    private mutating func object(_ depth: Int) throws(JSONFault) -> JSONTree {
        index += 1
        var members: [JSONTree.Member] = []
        if takes("}") { return .object([]) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes should stand here") }
            let place = self
            let name = try string()
            guard !members.contains(where: { $0.name == name }) else {
                throw place.fault("'\(name)' stands here twice")
            }
            guard takes(":") else { throw fault("a colon should follow the name '\(name)'") }
            members.append(JSONTree.Member(name: name, value: try value(depth: depth + 1)))
            if takes("}") { return .object(members) }
            guard takes(",") else { throw fault("a comma or '}' should stand here") }
        }
    }

    private mutating func array(_ depth: Int) throws(JSONFault) -> JSONTree {
        index += 1
        var elements: [JSONTree] = []
        if takes("]") { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            if takes("]") { return .array(elements) }
            guard takes(",") else { throw fault("a comma or ']' should stand here") }
        }
    }

    private mutating func string() throws(JSONFault) -> String {
        index += 1
        var text: [UInt8] = []
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let decoded = String(validating: text, as: UTF8.self) else { throw fault("not UTF-8") }
                return decoded
            case UInt8(ascii: "\\"): text.append(contentsOf: Array(String(try escape()).utf8))
            case 0..<0x20:
                index -= 1
                throw fault("a control character must be escaped")
            default: text.append(byte)
            }
        }
        throw fault("a string has no end")
    }

    private mutating func escape() throws(JSONFault) -> Character {
        let byte = peek
        index += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw fault("no escape is written so")
        }
    }

    private mutating func unicode() throws(JSONFault) -> Character {
        var unit = try hex()
        if (0xD800..<0xDC00).contains(unit) {
            guard peek == UInt8(ascii: "\\"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else {
                throw fault("half of a surrogate pair is missing")
            }
            index += 2
            let low = try hex()
            guard (0xDC00..<0xE000).contains(low) else { throw fault("half of a surrogate pair is missing") }
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(unit) else { throw fault("half of a surrogate pair is missing") }
        return Character(scalar)
    }

    private mutating func hex() throws(JSONFault) -> UInt32 {
        guard index + 4 <= bytes.count,
            let unit = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits should stand here") }
        index += 4
        return unit
    }

    private mutating func number() throws(JSONFault) -> JSONTree {
        let start = index
        while let byte = peek, "+-.eE0123456789".utf8.contains(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let hasBadZero = digits.count > 1 && digits.hasPrefix("0") && !digits.dropFirst().hasPrefix(".")
        guard !hasBadZero, let number = Double(text), number.isFinite, digits.first?.isNumber == true else {
            index = start
            throw fault("'\(text)' is not a number")
        }
        return .number(number)
    }

    private mutating func word(_ word: String, _ tree: JSONTree) throws(JSONFault) -> JSONTree {
        guard bytes[index...].starts(with: word.utf8) else { throw fault("no value begins so") }
        index += word.utf8.count
        return tree
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private func fault(_ problem: String) -> JSONFault {
        let before = bytes[..<min(index, bytes.count)]
        let line = before.count { $0 == 0x0a } + 1
        let column = before.count - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
        return JSONFault(line: line, column: column, problem: problem)
    }
}
