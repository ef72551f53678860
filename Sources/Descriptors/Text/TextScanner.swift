import ProtoWire

/// Reads the words of the text format: names, numbers, strings, and what stands between them.
struct TextScanner {
    /// What went wrong and where; the line is found later.
    struct Failure: Error {
        let problem: String
        let offset: Int
    }

    let text: UnsafeRawBufferPointer
    var index = 0

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    var isAtEnd: Bool { index == text.count }

    /// The next byte, or 0 at the end.
    @inline(__always)
    var peek: UInt8 { index < text.count ? text[index] : 0 }

    func failure(_ problem: String, at place: Int? = nil) -> Failure {
        Failure(problem: problem, offset: place ?? index)
    }

    func unexpected(_ expected: String) -> Failure {
        failure("expected \(expected), found \(found)")
    }

    /// What stands here, in words.
    var found: String {
        guard index < text.count else { return "the end of the text" }
        var last = index
        if TextScanner.isWordCharacter(text[last]) {
            while last < text.count, last - index < 32, TextScanner.isWordCharacter(text[last]) { last += 1 }
        } else {
            last += 1
            while last < text.count, text[last] & 0xC0 == 0x80 { last += 1 }
        }
        let word = String(decoding: text[index..<last], as: UTF8.self)
        return word == "\n" ? "the end of the line" : "\"\(word)\""
    }

    // MARK: Space

    /// Passes over white space and comments, which go from `#` to the end of the line.
    mutating func skipSpace() {
        while index < text.count {
            switch text[index] {
            case 0x20, 0x09...0x0D: index += 1
            case UInt8(ascii: "#"):
                while index < text.count, text[index] != UInt8(ascii: "\n") { index += 1 }
            default: return
            }
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    // MARK: Words

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isWordCharacter(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

    /// What a type's URL may have: RFC 3986's characters of a path without what the grammar itself uses.
    static func isURLCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "!"),
            UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "%"):
            true
        default: isWordCharacter(byte)
        }
    }

    /// A name, or nil if none starts here.
    mutating func word() -> Text? {
        guard index < text.count, TextScanner.isLetter(text[index]) else { return nil }
        let first = index
        while index < text.count, TextScanner.isWordCharacter(text[index]) { index += 1 }
        return Text(UnsafeRawBufferPointer(rebasing: text[first..<index]).assumingMemoryBound(to: UInt8.self))
    }

    /// What stands in the brackets of an extension's name or of a type's URL, without white space and comments. The
    /// opening bracket is behind.
    mutating func bracketed() throws(Failure) -> [UInt8] {
        let first = index - 1
        var name: [UInt8] = []
        while true {
            skipSpace()
            guard index < text.count else { throw failure("the bracket is not closed", at: first) }
            if take("]") { break }
            let byte = text[index]
            guard TextScanner.isURLCharacter(byte) else { throw unexpected("the name of an extension or a type") }
            if byte == UInt8(ascii: "%") {
                guard index + 2 < text.count, TextScanner.hexadecimal(text[index + 1]) != nil,
                    TextScanner.hexadecimal(text[index + 2]) != nil
                else { throw failure("\"%\" needs two hexadecimal digits") }
            }
            name.append(byte)
            index += 1
        }
        guard !name.isEmpty else { throw failure("the brackets are empty", at: first) }
        return name
    }

    static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    // MARK: Numbers

    /// A number without its sign.
    struct Number {
        enum Form {
            case decimal, octal, hexadecimal, float
        }

        let form: Form
        /// Without an `f` at the end.
        let digits: String
        /// The value of a whole number, or nil if it has more than 64 bits.
        let magnitude: UInt64?
        let place: Int
    }

    mutating func number(_ expected: @autoclosure () -> String) throws(Failure) -> Number {
        let first = index
        var form = Number.Form.decimal
        var start = first
        if peek == UInt8(ascii: "0"), index + 1 < text.count, text[index + 1] | 0x20 == UInt8(ascii: "x") {
            form = .hexadecimal
            index += 2
            start = index
            while TextScanner.hexadecimal(peek) != nil { index += 1 }
            guard index > start else { throw failure("\"0x\" needs hexadecimal digits", at: first) }
        } else {
            while TextScanner.isDigit(peek) { index += 1 }
            let whole = index - first
            if whole > 1, text[first] == UInt8(ascii: "0") { form = .octal }
            if peek == UInt8(ascii: "."), form == .decimal {
                form = .float
                index += 1
                while TextScanner.isDigit(peek) { index += 1 }
                guard whole > 0 || index > first + 1 else {
                    index = first
                    throw unexpected(expected())
                }
            }
            guard index > first else { throw unexpected(expected()) }
            if form != .octal, peek | 0x20 == UInt8(ascii: "e") {
                form = .float
                try exponent(first)
            }
        }
        let digits = String(decoding: text[start..<index], as: UTF8.self)
        if form == .decimal || form == .float, peek | 0x20 == UInt8(ascii: "f") {
            form = .float
            index += 1
        }
        guard !TextScanner.isWordCharacter(peek), peek != UInt8(ascii: ".") else {
            throw failure("a number ends in \(found)", at: first)
        }
        let radix = form == .hexadecimal ? 16 : form == .octal ? 8 : 10
        let magnitude = form == .float ? nil : UInt64(digits, radix: radix)
        if form == .octal, !digits.utf8.allSatisfy({ $0 < UInt8(ascii: "8") }) {
            throw failure("\(digits) is no octal number, which is what a leading zero means", at: first)
        }
        return Number(form: form, digits: digits, magnitude: magnitude, place: first)
    }

    private mutating func exponent(_ first: Int) throws(Failure) {
        index += 1
        if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { index += 1 }
        guard TextScanner.isDigit(peek) else { throw failure("an exponent needs digits", at: first) }
        while TextScanner.isDigit(peek) { index += 1 }
    }
}
