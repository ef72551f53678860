extension TextScanner {
    var startsString: Bool { peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") }

    /// One string, or several that stand one after the other and mean one.
    mutating func strings(_ expected: @autoclosure () -> String) throws(Failure) -> [UInt8] {
        guard startsString else { throw unexpected(expected()) }
        var bytes: [UInt8] = []
        while startsString {
            try string(&bytes)
            // What follows the last string is looked at again by whoever reads on.
            skipSpace()
        }
        return bytes
    }

    private mutating func string(_ bytes: inout [UInt8]) throws(Failure) {
        let quote = index
        let mark = text[quote]
        index += 1
        while true {
            guard index < text.count else { throw failure("the string does not end", at: quote) }
            let byte = text[index]
            switch byte {
            case mark:
                index += 1
                return
            case UInt8(ascii: "\n"): throw failure("the string does not end on its line", at: quote)
            case 0: throw failure("a string has no NUL but as an escape")
            case UInt8(ascii: "\\"): try escape(&bytes)
            default:
                bytes.append(byte)
                index += 1
            }
        }
    }

    private mutating func escape(_ bytes: inout [UInt8]) throws(Failure) {
        let first = index
        index += 1
        guard index < text.count else { throw failure("the string does not end", at: first) }
        let letter = text[index]
        index += 1
        switch letter {
        case UInt8(ascii: "a"): bytes.append(7)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "v"): bytes.append(11)
        case UInt8(ascii: "?"), UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(letter)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value = UInt32(letter - UInt8(ascii: "0"))
            for _ in 0..<2 where peek &- UInt8(ascii: "0") < 8 {
                value = value * 8 + UInt32(peek - UInt8(ascii: "0"))
                index += 1
            }
            guard value < 256 else { throw failure("an octal escape is at most \\377", at: first) }
            bytes.append(UInt8(value))
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard var value = TextScanner.hexadecimal(peek) else {
                throw failure("\"\\x\" needs hexadecimal digits", at: first)
            }
            index += 1
            if let next = TextScanner.hexadecimal(peek) {
                value = value * 16 + next
                index += 1
            }
            bytes.append(UInt8(value))
        case UInt8(ascii: "u"), UInt8(ascii: "U"): try unicode(letter, first, &bytes)
        default: throw failure("\\\(Character(Unicode.Scalar(letter))) is no escape", at: first)
        }
    }

    /// `\u` with four digits or `\U` with eight. Half a surrogate pair is no character, and nor are two halves: what
    /// needs a pair in UTF-16 is written with eight digits.
    private mutating func unicode(_ letter: UInt8, _ first: Int, _ bytes: inout [UInt8]) throws(Failure) {
        let code = try codePoint(letter, first)
        guard let scalar = Unicode.Scalar(code) else {
            let problem =
                code > 0x10FFFF ? "there is no character U+\(String(code, radix: 16))" : "half of a surrogate pair"
            throw failure(problem, at: first)
        }
        bytes += UTF8.encode(scalar).map { Array($0) } ?? []
    }

    private mutating func codePoint(_ letter: UInt8, _ first: Int) throws(Failure) -> UInt32 {
        let digits = letter == UInt8(ascii: "u") ? 4 : 8
        var code: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = TextScanner.hexadecimal(peek), code < 1 << 28 else {
                throw failure("\\\(Character(Unicode.Scalar(letter))) needs \(digits) hexadecimal digits", at: first)
            }
            code = code << 4 | digit
            index += 1
        }
        return code
    }
}
