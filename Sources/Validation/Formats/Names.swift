extension Rules {
    /// A UUID in the usual form, 8-4-4-4-12 hexadecimal digits of either case (RFC 9562 §4).
    public static func isUUID(_ text: String) -> Bool {
        text.withBytes { bytes in
            guard bytes.count == 36 else { return false }
            for (index, byte) in bytes.enumerated() {
                switch index {
                case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
                default: guard byte.hexValue != nil else { return false }
                }
            }
            return true
        }
    }

    /// A UUID without its hyphens.
    public static func isTUUID(_ text: String) -> Bool {
        text.withBytes { bytes in bytes.count == 32 && bytes.allSatisfy { $0.hexValue != nil } }
    }

    /// A ULID: 26 digits of Crockford's base 32 in either case, of which the first holds three bits.
    public static func isULID(_ text: String) -> Bool {
        text.withBytes { bytes in
            guard bytes.count == 26, bytes[0].isDigit, bytes[0] <= UInt8(ascii: "7") else { return false }
            return bytes.allSatisfy { byte in
                switch byte | 0x20 {
                case UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
                default: byte.isAlphanumeric
                }
            }
        }
    }

    /// The full name of a protobuf declaration: identifiers with dots between them.
    public static func isProtobufName(_ text: String) -> Bool {
        text.withBytes(isProtobufName)
    }

    /// The same, with a dot in front.
    public static func isProtobufDotName(_ text: String) -> Bool {
        text.withBytes { $0.first == UInt8(ascii: ".") && isProtobufName($0.part(1, $0.count)) }
    }

    private static func isProtobufName(_ bytes: TextBytes) -> Bool {
        var isStart = true
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                guard !isStart else { return false }
                isStart = true
            } else {
                guard byte.isLetter || byte == UInt8(ascii: "_") || (byte.isDigit && !isStart) else { return false }
                isStart = false
            }
        }
        return !isStart
    }

    /// The name of an HTTP field, or of a pseudo-header with its colon.
    ///
    /// - Parameter strict: only the characters of tokens. A comma is among them though RFC 9110 has it not: the
    ///   contract's pattern says `+-.`, a range. Otherwise anything but NUL, CR and LF.
    public static func isHeaderName(_ text: String, strict: Bool = true) -> Bool {
        text.withBytes { bytes in
            guard strict else { return !bytes.isEmpty && bytes.allSatisfy(isLooseHeader) }
            let name = bytes.first == UInt8(ascii: ":") ? bytes.part(1, bytes.count) : bytes
            return !name.isEmpty && name.allSatisfy(isToken)
        }
    }

    /// The value of an HTTP field.
    ///
    /// - Parameter strict: no control characters but tabs. Otherwise anything but NUL, CR and LF.
    public static func isHeaderValue(_ text: String, strict: Bool = true) -> Bool {
        text.withBytes { bytes in
            guard strict else { return bytes.allSatisfy(isLooseHeader) }
            return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
    }

    private static func isLooseHeader(_ byte: UInt8) -> Bool {
        byte != 0 && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r")
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+")...UInt8(ascii: "."), UInt8(ascii: "^"),
            UInt8(ascii: "_"), UInt8(ascii: "|"), UInt8(ascii: "~"), UInt8(ascii: "`"):
            true
        default: byte.isAlphanumeric
        }
    }
}
