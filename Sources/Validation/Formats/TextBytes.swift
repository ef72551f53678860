/// The UTF-8 of a text, as the formats read it.
typealias TextBytes = UnsafeBufferPointer<UInt8>

extension String {
    /// Calls `body` with the text's UTF-8. Native strings, which decoders make, are not copied.
    @inline(__always)
    func withBytes<Value>(_ body: (TextBytes) -> Value) -> Value {
        if let value = utf8.withContiguousStorageIfAvailable(body) { return value }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}

extension TextBytes {
    /// A part of the bytes. The bounds must lie within.
    @inline(__always)
    func part(_ start: Int, _ end: Int) -> TextBytes { TextBytes(rebasing: self[start..<end]) }

    /// The place of the last such byte.
    @inline(__always)
    func last(_ byte: UInt8) -> Int? { lastIndex(of: byte) }
}

/// Classes of ASCII bytes, by the names of RFC 5234 and RFC 3986.
extension UInt8 {
    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    @inline(__always)
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    @inline(__always)
    var isAlphanumeric: Bool { isDigit || isLetter }

    /// The value of a hexadecimal digit of either case.
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// RFC 3986 §2.3.
    @inline(__always)
    var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: isAlphanumeric
        }
    }

    /// RFC 3986 §2.2.
    @inline(__always)
    var isSubDelimiter: Bool {
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }
}
