import ProtoWire

// Strings are compared by bytes: Swift's `==` calls two texts equal whose code points differ, and counts graphemes.

extension Rules {
    /// The text has at least so many code points.
    public static func length(_ text: String, atLeast limit: UInt64) -> Bool {
        // A code point has 1 to 4 bytes, so most texts need no counting.
        let bytes = UInt64(text.utf8.count)
        if bytes < limit { return false }
        return (bytes + 3) / 4 >= limit || scalarCount(text) >= limit
    }

    /// The text has at most so many code points.
    public static func length(_ text: String, atMost limit: UInt64) -> Bool {
        let bytes = UInt64(text.utf8.count)
        if bytes <= limit { return true }
        return (bytes + 3) / 4 <= limit && scalarCount(text) <= limit
    }

    /// The text has exactly so many code points.
    public static func length(_ text: String, is wanted: UInt64) -> Bool {
        length(text, atMost: wanted) && scalarCount(text) == wanted
    }

    @inlinable
    public static func byteLength(_ text: String, atLeast limit: UInt64) -> Bool { UInt64(text.utf8.count) >= limit }

    @inlinable
    public static func byteLength(_ text: String, atMost limit: UInt64) -> Bool { UInt64(text.utf8.count) <= limit }

    @inlinable
    public static func byteLength(_ text: String, is wanted: UInt64) -> Bool { UInt64(text.utf8.count) == wanted }

    /// How many code points a text has: the bytes that start one.
    static func scalarCount(_ text: String) -> UInt64 {
        text.withBytes { bytes in
            var count = 0
            for byte in bytes where byte & 0xC0 != 0x80 { count &+= 1 }
            return UInt64(count)
        }
    }

    /// Both texts are the same code points.
    public static func equal(_ left: String, _ right: String) -> Bool {
        String.same(left, right)
    }

    public static func isIn(_ text: String, _ list: [String]) -> Bool {
        for item in list where String.same(text, item) { return true }
        return false
    }

    public static func hasPrefix(_ text: String, _ prefix: String) -> Bool {
        text.withBytes { text in prefix.withBytes { Bytes.starts(text, with: $0, at: 0) } }
    }

    public static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
        text.withBytes { text in suffix.withBytes { Bytes.starts(text, with: $0, at: text.count - $0.count) } }
    }

    public static func contains(_ text: String, _ part: String) -> Bool {
        text.withBytes { text in part.withBytes { Bytes.find($0, in: text) != nil } }
    }

    /// The pattern matches a part of the text, as RE2's `PartialMatch` and CEL's `matches`.
    @inlinable
    public static func matches(_ text: String, _ pattern: Pattern) -> Bool {
        pattern.matches(text)
    }
}
