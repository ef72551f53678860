/// Splits an expression into words (cel-spec langdef, "Lexical Analysis").
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var tokens: [Token] = []

    /// No rule of a person is longer; the parser's memory is a small multiple of it.
    static let lengthLimit = 64 * 1024

    private static let symbols = [
        "&&", "||", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")", "[", "]", "{",
        "}", ".", ",",
    ].map { Array($0.utf8) }

    static func tokens(_ text: String) throws(CELError) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8))
        guard lexer.bytes.count <= lengthLimit else {
            throw CELError("the expression is longer than \(lengthLimit) bytes", at: 0)
        }
        try lexer.run()
        return lexer.tokens
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func run() throws(CELError) {
        while true {
            skipBlanks()
            guard position < bytes.count else {
                tokens.append(Token(kind: .end, offset: position))
                return
            }
            let start = position
            let kind = try next()
            tokens.append(Token(kind: kind, offset: start))
        }
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D: position += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
            default: return
            }
        }
    }

    func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private mutating func next() throws(CELError) -> Token.Kind {
        let byte = bytes[position]
        if let prefix = stringPrefix() { return try string(prefix) }
        if byte.isDigit || byte == UInt8(ascii: ".") && peek(1)?.isDigit == true { return try number() }
        if byte.isNameStart { return word() }
        if byte == UInt8(ascii: "`") { return try quotedName() }
        for symbol in Lexer.symbols where bytes[position...].starts(with: symbol) {
            position += symbol.count
            return .symbol(String(decoding: symbol, as: UTF8.self))
        }
        let rest = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        throw CELError("`\(rest.prefix(1))` is not part of the language", at: position)
    }

    private mutating func word() -> Token.Kind {
        let start = position
        while let byte = peek(), byte.isNameStart || byte.isDigit { position += 1 }
        switch String(decoding: bytes[start..<position], as: UTF8.self) {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "null": return .literal(.null)
        case "in": return .symbol("in")
        case let name: return .identifier(name)
        }
    }

    private mutating func quotedName() throws(CELError) -> Token.Kind {
        let start = position
        position += 1
        while let byte = peek(), byte != UInt8(ascii: "`") {
            guard byte.isNameStart || byte.isDigit || [0x2E, 0x2D, 0x2F, 0x20].contains(byte) else {
                throw CELError("this character cannot stand in a quoted name", at: position)
            }
            position += 1
        }
        guard peek() != nil, position > start + 1 else { throw CELError("the quoted name has no end", at: start) }
        let name = String(decoding: bytes[(start + 1)..<position], as: UTF8.self)
        position += 1
        return .quoted(name)
    }
}

// MARK: - Numbers

extension Lexer {
    private mutating func number() throws(CELError) -> Token.Kind {
        let start = position
        if peek() == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            position += 2
            let digits = position
            while peek()?.isHexDigit == true { position += 1 }
            return try integer(digits..<position, radix: 16, from: start)
        }
        var isWhole = true
        while peek()?.isDigit == true { position += 1 }
        if peek() == UInt8(ascii: "."), peek(1)?.isDigit == true {
            isWhole = false
            position += 1
            while peek()?.isDigit == true { position += 1 }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard peek()?.isDigit == true else { throw CELError("the exponent has no digits", at: start) }
            while peek()?.isDigit == true { position += 1 }
        }
        if isWhole { return try integer(start..<position, radix: 10, from: start) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text.hasPrefix(".") ? "0" + text : text) else {
            throw CELError("`\(text)` is not a number", at: start)
        }
        return .literal(.double(value))
    }

    private mutating func integer(_ range: Range<Int>, radix: Int, from start: Int) throws(CELError) -> Token.Kind {
        let text = String(decoding: bytes[range], as: UTF8.self)
        let magnitude = UInt64(text, radix: radix)
        if peek() == UInt8(ascii: "u") || peek() == UInt8(ascii: "U") {
            position += 1
            guard let magnitude else { throw CELError("the number does not fit a `uint`", at: start) }
            return .literal(.uint(magnitude))
        }
        guard let magnitude, magnitude <= Int64.min.magnitude else {
            throw CELError("the number does not fit an `int`", at: start)
        }
        return Int64(exactly: magnitude).map { .literal(.int($0)) } ?? .smallestMagnitude
    }
}

// MARK: - Strings

extension Lexer {
    /// What stands before a string's quotes.
    private struct Prefix {
        var length = 0
        var isRaw = false
        var isBytes = false
    }

    private func stringPrefix() -> Prefix? {
        var prefix = Prefix()
        while let byte = peek(prefix.length) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): return prefix
            case UInt8(ascii: "r"), UInt8(ascii: "R"):
                guard !prefix.isRaw else { return nil }
                prefix.isRaw = true
            case UInt8(ascii: "b"), UInt8(ascii: "B"):
                guard !prefix.isBytes else { return nil }
                prefix.isBytes = true
            default: return nil
            }
            prefix.length += 1
        }
        return nil
    }

    private mutating func string(_ prefix: Prefix) throws(CELError) -> Token.Kind {
        let start = position
        position += prefix.length
        let quote = bytes[position]
        let isTriple = peek(1) == quote && peek(2) == quote
        let length = isTriple ? 3 : 1
        position += length
        var content: [UInt8] = []
        while true {
            guard let byte = peek() else { throw CELError("the string has no end", at: start) }
            if byte == quote, !isTriple || peek(1) == quote && peek(2) == quote {
                position += length
                break
            }
            if !isTriple, byte == 0x0A || byte == 0x0D { throw CELError("the string has no end", at: start) }
            if byte == UInt8(ascii: "\\"), !prefix.isRaw {
                content += try escape(isBytes: prefix.isBytes)
            } else {
                content.append(byte)
                position += 1
            }
        }
        guard !prefix.isBytes else { return .literal(.bytes(content)) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw CELError("the string is not UTF-8", at: start)
        }
        return .literal(.string(text))
    }

    /// In strings an escape names a code point, in bytes an octet.
    private mutating func escape(isBytes: Bool) throws(CELError) -> [UInt8] {
        let start = position
        position += 1
        guard let letter = peek() else { throw CELError("the string has no end", at: start) }
        position += 1
        switch letter {
        case UInt8(ascii: "a"): return [7]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "v"): return [11]
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            return [letter]
        case UInt8(ascii: "x"), UInt8(ascii: "X"): return try code(2, radix: 16, isBytes: isBytes, from: start)
        case UInt8(ascii: "u") where !isBytes: return try code(4, radix: 16, isBytes: false, from: start)
        case UInt8(ascii: "U") where !isBytes: return try code(8, radix: 16, isBytes: false, from: start)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            position -= 1
            return try code(3, radix: 8, isBytes: isBytes, from: start)
        default: throw CELError("there is no such escape", at: start)
        }
    }

    private mutating func code(
        _ digits: Int, radix: Int, isBytes: Bool, from start: Int
    ) throws(CELError) -> [UInt8] {
        let end = position + digits
        guard end <= bytes.count,
            let value = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: radix)
        else { throw CELError("the escape wants \(digits) digits", at: start) }
        position = end
        if isBytes { return [UInt8(truncatingIfNeeded: value)] }
        guard let scalar = Unicode.Scalar(value) else { throw CELError("there is no such code point", at: start) }
        return Array(String(Character(scalar)).utf8)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    fileprivate var isHexDigit: Bool {
        isDigit || self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f")
            || self >= UInt8(ascii: "A")
                && self <= UInt8(ascii: "F")
    }
    fileprivate var isNameStart: Bool {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") || self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z")
            || self == UInt8(ascii: "_")
    }
}
