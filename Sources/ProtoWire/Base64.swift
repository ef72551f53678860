/// Base64 of RFC 4648, strict when it writes and lenient when it reads.
///
/// Readers take both alphabets, padded or not, because canonical JSON and gRPC's binary metadata ask for that.
public enum Base64 {
    public static func encode(_ bytes: [UInt8], padded: Bool = true, urlSafe: Bool = false) -> String {
        bytes.withUnsafeBytes { encode($0, padded: padded, urlSafe: urlSafe) }
    }

    public static func encode(_ bytes: UnsafeRawBufferPointer, padded: Bool = true, urlSafe: Bool = false) -> String {
        let capacity = encodedCount(bytes.count, padded: padded)
        return String(unsafeUninitializedCapacity: capacity) { text in
            encode(bytes, into: UnsafeMutableRawBufferPointer(text), padded: padded, urlSafe: urlSafe)
        }
    }

    /// How many characters `count` bytes become.
    public static func encodedCount(_ count: Int, padded: Bool) -> Int {
        padded ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    /// Writes the text of `bytes` into `text`, which holds `encodedCount` bytes at least, and says how many those are.
    @discardableResult
    public static func encode(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer, padded: Bool, urlSafe: Bool
    ) -> Int {
        let alphabet: StaticString =
            urlSafe
            ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let letters = alphabet.utf8Start
        var read = 0
        var written = 0
        while read + 3 <= bytes.count {
            let group = UInt32(bytes[read]) << 16 | UInt32(bytes[read + 1]) << 8 | UInt32(bytes[read + 2])
            text[written] = letters[Int(group >> 18)]
            text[written + 1] = letters[Int(group >> 12 & 63)]
            text[written + 2] = letters[Int(group >> 6 & 63)]
            text[written + 3] = letters[Int(group & 63)]
            read += 3
            written += 4
        }
        let rest = bytes.count - read
        guard rest > 0 else { return written }
        let group = UInt32(bytes[read]) << 16 | (rest == 2 ? UInt32(bytes[read + 1]) << 8 : 0)
        text[written] = letters[Int(group >> 18)]
        text[written + 1] = letters[Int(group >> 12 & 63)]
        written += 2
        if rest == 2 {
            text[written] = letters[Int(group >> 6 & 63)]
            written += 1
        }
        while padded && written & 3 != 0 {
            text[written] = UInt8(ascii: "=")
            written += 1
        }
        return written
    }

    /// The bytes that `text` stands for, or nil if it is not base64 in either alphabet.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    /// The bytes that `text` stands for, or nil if it is not base64 in either alphabet.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var count = text.count
        var padding = 0
        while count > 0, padding < 2, text[count - 1] == UInt8(ascii: "=") {
            count -= 1
            padding += 1
        }
        // Padding may be left out, but what is there must complete a group of four.
        guard count & 3 != 1, padding == 0 || (count + padding) & 3 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 3 / 4)
        var group: UInt32 = 0
        var bits = 0
        for character in text[..<count] {
            let value = sextets[Int(character)]
            guard value < 64 else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return bytes
    }

    /// The six bits of each character, or 255.
    private static let sextets: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for (value, letter) in letters.utf8.enumerated() { table[Int(letter)] = UInt8(value) }
        for (letter, value) in ["+": 62, "-": 62, "/": 63, "_": 63] as [Character: UInt8] {
            table[Int(letter.asciiValue ?? 0)] = value
        }
        return table
    }()
}
