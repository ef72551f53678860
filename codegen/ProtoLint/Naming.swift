/// The forms of names that protobuf's style guide asks for.
///
/// What is a word follows buf, since the results are compared with its: letters behind `_` begin one, and so does a capital
/// before a small letter or behind one.
enum Naming {
    /// `VideoURL` of `video_URL`: capitals stay, the first letter of each word becomes one.
    static func pascalCase(_ name: String) -> String {
        var out: [UInt8] = []
        var isFirst = true
        for byte in name.utf8 {
            if isDelimiter(byte) {
                isFirst = true
            } else {
                out.append(isFirst ? upper(byte) : byte)
                isFirst = false
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func lowerSnakeCase(_ name: String) -> String {
        String(decoding: snakeCase(name).map(lower), as: UTF8.self)
    }

    static func upperSnakeCase(_ name: String) -> String {
        String(decoding: snakeCase(name).map(upper), as: UTF8.self)
    }

    private static func snakeCase(_ name: String) -> [UInt8] {
        var letters = Array(name.utf8)[...]
        while let first = letters.first, isDelimiter(first) { letters.removeFirst() }
        while let last = letters.last, isDelimiter(last) { letters.removeLast() }
        let word = Array(letters)
        var out: [UInt8] = []
        for (index, byte) in word.enumerated() {
            if isDelimiter(byte) {
                if out.last != UInt8(ascii: "_") { out.append(UInt8(ascii: "_")) }
                continue
            }
            let next = index + 1 < word.count ? word[index + 1] : nil
            let isBeforeSmall = next.map { !isUpper($0) && !isDigit($0) && !isDelimiter($0) } ?? false
            let isBehindSmall = index > 0 && isLower(word[index - 1])
            if isUpper(byte), !out.isEmpty, out.last != UInt8(ascii: "_"), isBeforeSmall || isBehindSmall {
                out.append(UInt8(ascii: "_"))
            }
            out.append(byte)
        }
        return out
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: " ")].contains(byte)
    }
    private static func isUpper(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func upper(_ byte: UInt8) -> UInt8 { isLower(byte) ? byte - 32 : byte }
    private static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte + 32 : byte }
}
