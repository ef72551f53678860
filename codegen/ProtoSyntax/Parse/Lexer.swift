/// Cuts a file into tokens. A fault is reported and stepped over, so the tokens always reach the end of the file.
///
/// Words, numbers and escapes are those of the Protocol Buffers language specification; words are ASCII only.
package struct Lexer {
    private let source: Source
    private let id: SourceID
    private let bytes: [UInt8]
    private var offset = 0
    private var tokens: [Token] = []

    private init(_ source: Source, _ id: SourceID) {
        self.source = source
        self.id = id
        bytes = source.bytes
    }

    /// All tokens of the source, the last being `.end`.
    package static func tokens(of id: SourceID, _ report: inout Report) -> [Token] {
        var lexer = Lexer(report.source(id), id)
        lexer.run(&report)
        return lexer.tokens
    }

    private mutating func run(_ report: inout Report) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
        while skipBlanks(&report) {
            readToken(&report)
        }
        tokens.append(Token(kind: .end, start: bytes.count, end: bytes.count, text: ""))
    }

    // MARK: - Between tokens

    /// Goes to the next token; false at the end of the file.
    private mutating func skipBlanks(_ report: inout Report) -> Bool {
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte.isBlank || byte == UInt8(ascii: "\n") {
                offset += 1
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
                while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                skipBlockComment(&report)
            } else {
                return true
            }
        }
        return false
    }

    private mutating func skipBlockComment(_ report: inout Report) {
        let start = offset
        offset += 2
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                offset += 2
                return
            }
            if bytes[offset] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                report.error(
                    .nestedComment, "`/*` inside a block comment", at: span(offset, offset + 2),
                    notes: [.init("the comment begins here", at: span(start, start + 2))],
                    help: "block comments do not nest: the first `*/` ends them all")
            }
            offset += 1
        }
        report.error(
            .unterminatedComment, "the comment is never closed", at: span(start, start + 2),
            help: "close it with `*/`")
    }

    // MARK: - Tokens

    private mutating func readToken(_ report: inout Report) {
        let start = offset
        let byte = bytes[offset]
        switch byte {
        case _ where byte.isLetter || byte >= 0x80:
            readWord(&report)
        case _ where byte.isDigit:
            readNumber(&report)
        case UInt8(ascii: ".") where peek(1)?.isDigit ?? false:
            if let last = tokens.last, last.kind == .identifier, last.end == start {
                report.error(
                    .malformedNumber, "a number may not follow a name directly", at: span(start, start + 1),
                    help: "put a space before the point")
            }
            readNumber(&report)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            readString(quote: byte, &report)
        case 0x21...0x7E:
            offset += 1
            append(.symbol, from: start)
        default:
            readStray(&report)
        }
    }

    /// A name. One with foreign letters is reported, and taken for a name all the same.
    private mutating func readWord(_ report: inout Report) {
        let start = offset
        var isASCII = true
        while offset < bytes.count, bytes[offset].isLetter || bytes[offset].isDigit || bytes[offset] >= 0x80 {
            isASCII = isASCII && bytes[offset] < 0x80
            offset += 1
        }
        if !isASCII {
            report.error(
                .strayCharacter, "`\(source.text(start, offset))` is not a name", at: span(start, offset),
                help: "names are ASCII; other letters may stand in strings and comments")
        }
        append(.identifier, from: start)
    }

    /// A run of control characters: reported once.
    private mutating func readStray(_ report: inout Report) {
        let start = offset
        while offset < bytes.count, bytes[offset].isControl { offset += 1 }
        report.error(.strayCharacter, "control characters are not allowed", at: span(start, offset))
    }

    private mutating func readNumber(_ report: inout Report) {
        let start = offset
        var kind = Token.Kind.integer
        if bytes[offset] == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            offset += 2
            let digits = offset
            while offset < bytes.count, bytes[offset].hexValue != nil { offset += 1 }
            if digits == offset {
                report.error(.malformedNumber, "`0x` needs hexadecimal digits", at: span(start, offset))
            }
        } else {
            skipDigits()
            if peek(0) == UInt8(ascii: ".") {
                kind = .float
                offset += 1
                skipDigits()
            }
            if peek(0) == UInt8(ascii: "e") || peek(0) == UInt8(ascii: "E") {
                kind = .float
                offset += 1
                if peek(0) == UInt8(ascii: "+") || peek(0) == UInt8(ascii: "-") { offset += 1 }
                let digits = offset
                skipDigits()
                if digits == offset {
                    report.error(.malformedNumber, "`e` needs an exponent", at: span(start, offset))
                }
            }
            checkOctal(from: start, isFloat: kind == .float, &report)
        }
        let end = offset
        while offset < bytes.count, bytes[offset].isLetter || bytes[offset].isDigit { offset += 1 }
        let suffix = source.text(end, offset)
        if !suffix.isEmpty {
            report.error(
                .malformedNumber, "`\(source.text(start, offset))` is not a number", at: span(start, offset),
                help: "put a space between a number and a name")
        }
        append(kind, from: start, to: end)
    }

    private func checkOctal(from start: Int, isFloat: Bool, _ report: inout Report) {
        guard bytes[start] == UInt8(ascii: "0"), start + 1 < offset, bytes[start + 1].isDigit,
            isFloat || bytes[start..<offset].contains(where: { $0 > UInt8(ascii: "7") })
        else { return }
        report.error(
            .malformedNumber, "`\(source.text(start, offset))` is not an octal number", at: span(start, offset),
            help: "a number that begins with 0 is octal; leave the 0 out")
    }

    private mutating func skipDigits() {
        while offset < bytes.count, bytes[offset].isDigit { offset += 1 }
    }

    private mutating func readString(quote: UInt8, _ report: inout Report) {
        let start = offset
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == quote {
                offset += 1
                append(.string, from: start)
                return
            }
            if byte == UInt8(ascii: "\n") { break }
            offset += byte == UInt8(ascii: "\\") && offset + 1 < bytes.count && peek(1) != UInt8(ascii: "\n") ? 2 : 1
        }
        report.error(
            .unterminatedString, "the string is not closed on its line", at: span(start, offset),
            help:
                "close it with `\(quote == UInt8(ascii: "'") ? "'" : "\"")`; a longer text is several strings in a row")
        append(.string, from: start)
    }

    private mutating func append(_ kind: Token.Kind, from start: Int, to end: Int? = nil) {
        let text = kind == .string ? "" : source.text(start, end ?? offset)
        tokens.append(Token(kind: kind, start: start, end: offset, text: text))
    }

    private func peek(_ distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    private func span(_ start: Int, _ end: Int) -> Span {
        Span(source: id, start: start, end: end)
    }
}

extension UInt8 {
    /// White space within a line.
    var isBlank: Bool { self == 32 || self == 9 || self == 13 || self == 11 || self == 12 }
    var isControl: Bool { self < 32 && !isBlank && self != 10 || self == 127 }
    var isDigit: Bool { self >= 48 && self <= 57 }
    var isLetter: Bool { (self >= 65 && self <= 90) || (self >= 97 && self <= 122) || self == 95 }

    var hexValue: UInt8? {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        case 97...102: self - 87
        default: nil
        }
    }
}
