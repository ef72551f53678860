/// The bytes that a string token stands for.
enum StringLiteral {
    /// Reads the escapes of the token from `start` to `end`, quotes included.
    static func value(of token: Token, in id: SourceID, _ report: inout Report) -> [UInt8] {
        let bytes = report.source(id).bytes
        var reader = EscapeReader(
            bytes: bytes, offset: token.start + 1, end: closed(token, bytes) ? token.end - 1 : token.end)
        while reader.offset < reader.end {
            let start = reader.offset
            if let fault = reader.step() {
                report.error(
                    .badEscape, fault, at: Span(source: id, start: start, end: reader.offset),
                    help: "escapes are \\n \\r \\t \\a \\b \\f \\v \\\\ \\' \\\" \\? \\x41 \\101 \\u0041 \\U00000041")
            }
        }
        return reader.out
    }

    private static func closed(_ token: Token, _ bytes: [UInt8]) -> Bool {
        token.end - token.start >= 2 && bytes[token.end - 1] == bytes[token.start]
    }
}

private struct EscapeReader {
    let bytes: [UInt8]
    var offset: Int
    let end: Int
    var out: [UInt8] = []

    private static let simple: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92,
        UInt8(ascii: "'"): 39, UInt8(ascii: "\""): 34, UInt8(ascii: "?"): 63,
    ]

    /// Reads one character or escape; what is wrong with it, or `nil`.
    mutating func step() -> String? {
        let byte = bytes[offset]
        offset += 1
        guard byte == UInt8(ascii: "\\") else {
            out.append(byte)
            return nil
        }
        guard offset < end else { return "the escape is cut off" }
        let letter = bytes[offset]
        if let value = EscapeReader.simple[letter] {
            offset += 1
            out.append(value)
            return nil
        }
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            out.append(UInt8(truncatingIfNeeded: digits(atMost: 3, base: 8)))
            return nil
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            offset += 1
            guard offset < end, bytes[offset].hexValue != nil else { return "`\\x` needs hexadecimal digits" }
            out.append(UInt8(truncatingIfNeeded: digits(atMost: 2, base: 16)))
            return nil
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            offset += 1
            return unicode(length: letter == UInt8(ascii: "u") ? 4 : 8)
        default:
            offset += 1
            return "`\\\(Character(UnicodeScalar(letter)))` is not an escape"
        }
    }

    private mutating func digits(atMost count: Int, base: UInt32) -> UInt32 {
        var value: UInt32 = 0
        let limit = min(end, offset + count)
        while offset < limit, let digit = bytes[offset].hexValue, UInt32(digit) < base {
            value = value * base + UInt32(digit)
            offset += 1
        }
        return value
    }

    private mutating func unicode(length: Int) -> String? {
        let start = offset
        var code = digits(atMost: length, base: 16)
        guard offset - start == length else { return "the escape needs \(length) hexadecimal digits" }
        // Two escapes may spell one character in UTF-16: a high and a low surrogate.
        if (0xD800..<0xDC00).contains(code), offset + 6 <= end, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            let back = offset
            offset += 2
            let low = digits(atMost: 4, base: 16)
            if offset - back == 6, (0xDC00..<0xE000).contains(low) {
                code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00))
            } else {
                offset = back
            }
        }
        guard let scalar = Unicode.Scalar(code) else { return "the escape names no Unicode character" }
        out.append(contentsOf: Array(String(Character(scalar)).utf8))
        return nil
    }
}
