/// Texts as CEL sees them: rows of code points (CEL specification, and the strings extension).
extension Eval {
    /// The most bytes that one expression may make: `replace` and `join` could multiply what a stranger sent.
    static let textLimit = 16 << 20

    public static func size(_ text: String) -> Int64 { Int64(Rules.scalarCount(text)) }

    /// `string(bytes)`: fails unless they are UTF-8.
    public static func string(_ bytes: [UInt8]) throws(EvalError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badConversion("bytes that are no UTF-8 to a string")
        }
        return text
    }

    public static func string(_ text: String) -> String { text }
    public static func string(_ value: Bool) -> String { value ? "true" : "false" }
    public static func string(_ value: Int64) -> String { String(value) }
    public static func string(_ value: UInt64) -> String { String(value) }

    /// With 17 significant digits where fewer do not end the number, as the reference implementation writes it.
    public static func string(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return NumberText.general(value, digits: 17)
    }

    @inlinable
    public static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    public static func startsWith(_ text: String, _ prefix: String) -> Bool { Rules.hasPrefix(text, prefix) }
    public static func endsWith(_ text: String, _ suffix: String) -> Bool { Rules.hasSuffix(text, suffix) }
    public static func contains(_ text: String, _ part: String) -> Bool { Rules.contains(text, part) }

    /// `matches` with a pattern that the contract computes; one that stands in it is compiled beforehand.
    public static func matches(_ text: String, _ pattern: String) throws(EvalError) -> Bool {
        do {
            return try Pattern(pattern).matches(text)
        } catch {
            throw .badPattern("\(error)")
        }
    }

    /// The code point at `index`; nothing right behind the last.
    public static func charAt(_ text: String, _ index: Int64) throws(EvalError) -> String {
        let scalars = text.unicodeScalars
        guard index >= 0, index <= scalars.count else { throw .indexOutOfRange(index) }
        return String(String.UnicodeScalarView(scalars.dropFirst(Int(index)).prefix(1)))
    }

    public static func substring(_ text: String, _ start: Int64) throws(EvalError) -> String {
        try substring(text, start, size(text))
    }

    public static func substring(_ text: String, _ start: Int64, _ end: Int64) throws(EvalError) -> String {
        let count = size(text)
        guard 0...count ~= start else { throw .indexOutOfRange(start) }
        guard start <= end, end <= count else { throw .indexOutOfRange(end) }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(Int(start)).prefix(Int(end - start))))
    }

    /// The first place of `part` at or after `start`; -1 if there is none.
    public static func indexOf(_ text: String, _ part: String, _ start: Int64 = 0) throws(EvalError) -> Int64 {
        guard 0...size(text) ~= start else { throw .indexOutOfRange(start) }
        let offset = byteOffset(text, Int(start))
        let found = text.withBytes { text in part.withBytes { Bytes.find($0, in: text, from: offset) } }
        return found.map { scalarOffset(text, $0) } ?? -1
    }

    public static func lastIndexOf(_ text: String, _ part: String) throws(EvalError) -> Int64 {
        try lastIndexOf(text, part, size(text))
    }

    /// The last place of `part` at or before `start`; -1 if there is none.
    public static func lastIndexOf(_ text: String, _ part: String, _ start: Int64) throws(EvalError) -> Int64 {
        guard 0...size(text) ~= start else { throw .indexOutOfRange(start) }
        let offset = byteOffset(text, Int(start))
        let found: Int? = text.withBytes { text in
            part.withBytes { part in
                // Linear in what was found so far: from the first place to the next, as long as there is one.
                var last: Int?
                var next = 0
                while let place = Bytes.find(part, in: text, from: next), place <= offset {
                    last = place
                    next = place + 1
                    if next > text.count { break }
                }
                return last
            }
        }
        return found.map { scalarOffset(text, $0) } ?? -1
    }

    public static func lowerAscii(_ text: String) -> String {
        String(decoding: text.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    public static func upperAscii(_ text: String) -> String {
        String(decoding: text.utf8.map { 0x61...0x7A ~= $0 ? $0 & 0xDF : $0 }, as: UTF8.self)
    }

    /// Without Unicode's white space at both ends.
    public static func trim(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }

    public static func reverse(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
    }

    /// - Parameter limit: how often at most; all of them if negative.
    public static func replace(
        _ text: String, _ old: String, _ new: String, _ limit: Int64 = -1
    ) throws(EvalError) -> String {
        let pieces = split(text, old, limit < 0 ? -1 : limit == .max ? limit : limit + 1)
        if limit == 0 { return text }
        guard old.isEmpty else { return try join(pieces, new) }
        // Nothing stands before, between and behind all code points.
        var left = limit < 0 ? Int64.max : limit
        var result = ""
        for scalar in text.unicodeScalars {
            if left > 0 { result += new }
            left -= 1
            result.unicodeScalars.append(scalar)
            guard result.utf8.count <= textLimit else { throw .tooLarge(limit: textLimit) }
        }
        return left > 0 ? result + new : result
    }

    /// - Parameter limit: the most pieces, the last of which has the rest; any number if negative.
    public static func split(_ text: String, _ separator: String, _ limit: Int64 = -1) -> [String] {
        if limit == 0 { return [] }
        if limit == 1 { return [text] }
        var pieces: [String] = []
        if separator.isEmpty {
            var rest = text.unicodeScalars[...]
            while let first = rest.popFirst() {
                if limit > 0, pieces.count == Int(limit) - 1 {
                    pieces.append(String(first) + String(rest))
                    return pieces
                }
                pieces.append(String(first))
            }
            return pieces
        }
        text.withBytes { text in
            separator.withBytes { separator in
                var start = 0
                while limit < 0 || pieces.count < Int(limit) - 1,
                    let place = Bytes.find(separator, in: text, from: start)
                {
                    pieces.append(String(decoding: text[start..<place], as: UTF8.self))
                    start = place + separator.count
                }
                pieces.append(String(decoding: text[start...], as: UTF8.self))
            }
        }
        return pieces
    }

    public static func join(_ pieces: [String], _ separator: String = "") throws(EvalError) -> String {
        var size = 0
        for piece in pieces { size += piece.utf8.count + separator.utf8.count }
        guard size <= textLimit else { throw .tooLarge(limit: textLimit) }
        return pieces.joined(separator: separator)
    }

    private static func byteOffset(_ text: String, _ scalars: Int) -> Int {
        let view = text.unicodeScalars
        return text.utf8.distance(from: text.startIndex, to: view.index(view.startIndex, offsetBy: scalars))
    }

    private static func scalarOffset(_ text: String, _ bytes: Int) -> Int64 {
        text.withBytes { text in Int64(text[..<bytes].count { $0 & 0xC0 != 0x80 }) }
    }
}
