extension Rules {
    /// A host name of letters, digits and hyphens, at most 253 bytes, in labels of at most 63. One dot may follow. A last
    /// label of digits alone is refused: it would read as an IPv4 address (RFC 1123 §2.1, RFC 3696 §2).
    public static func isHostname(_ text: String) -> Bool {
        text.withBytes(isHostname)
    }

    /// The longest name, in text form without the root's dot (RFC 1035 §2.3.4 in octets on the wire, less two).
    private static let longestHostname = 253
    private static let longestLabel = 63

    static func isHostname(_ bytes: TextBytes) -> Bool {
        let end = bytes.last == UInt8(ascii: ".") ? bytes.count - 1 : bytes.count
        guard end <= longestHostname else { return false }
        var start = 0
        var isNumber = false
        while true {
            var next = start
            isNumber = true
            while next < end, bytes[next] != UInt8(ascii: ".") {
                let byte = bytes[next]
                guard byte.isAlphanumeric || byte == UInt8(ascii: "-") else { return false }
                if !byte.isDigit { isNumber = false }
                next += 1
            }
            let length = next - start
            guard 1...longestLabel ~= length else { return false }
            guard bytes[start] != UInt8(ascii: "-"), bytes[next - 1] != UInt8(ascii: "-") else { return false }
            if next == end { return !isNumber }
            start = next + 1
        }
    }

    /// A host name or an address, and a port after a colon; an IPv6 address stands in brackets.
    ///
    /// - Parameter portRequired: without it, the port and its colon may be missing.
    public static func isHostAndPort(_ text: String, portRequired: Bool) -> Bool {
        text.withBytes { bytes in
            let colon = bytes.last(UInt8(ascii: ":"))
            if bytes.first == UInt8(ascii: "[") {
                guard let bracket = bytes.last(UInt8(ascii: "]")) else { return false }
                guard IPAddress.v6(bytes.part(1, bracket), zone: .allowed) != nil else { return false }
                if bracket + 1 == bytes.count { return !portRequired }
                return colon == bracket + 1 && isPort(bytes.part(bracket + 2, bytes.count))
            }
            guard let colon else { return !portRequired && isHost(bytes) }
            return isHost(bytes.part(0, colon)) && isPort(bytes.part(colon + 1, bytes.count))
        }
    }

    private static func isHost(_ bytes: TextBytes) -> Bool {
        isHostname(bytes) || IPAddress.v4(bytes) != nil
    }

    /// A number from 0 to 65535 without leading zeros.
    private static func isPort(_ bytes: TextBytes) -> Bool {
        DecimalText.value(bytes, atMost: 65_535) != nil
    }

    /// An address as HTML forms take it (HTML Living Standard, "valid e-mail address"), which is not RFC 5322: no
    /// quotes, comments or address literals.
    public static func isEmail(_ text: String) -> Bool {
        text.withBytes { bytes in
            var at = 0
            while at < bytes.count, isMailbox(bytes[at]) { at += 1 }
            guard at > 0, at < bytes.count, bytes[at] == UInt8(ascii: "@") else { return false }
            return isMailDomain(bytes.part(at + 1, bytes.count))
        }
    }

    private static func isMailbox(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"), UInt8(ascii: "-"):
            true
        default: byte.isAlphanumeric
        }
    }

    /// Labels as in a host name, but any number of them, and digits alone are fine.
    private static func isMailDomain(_ bytes: TextBytes) -> Bool {
        var length = 0
        var last = UInt8(ascii: "-")
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                guard length > 0, last != UInt8(ascii: "-") else { return false }
                length = 0
            } else {
                guard byte.isAlphanumeric || (byte == UInt8(ascii: "-") && length > 0) else { return false }
                length += 1
                guard length <= longestLabel else { return false }
            }
            last = byte
        }
        return length > 0 && last != UInt8(ascii: "-")
    }
}

/// Decimal numbers as the formats write them: digits, no sign, no leading zero.
enum DecimalText {
    static func value(_ bytes: TextBytes, atMost limit: Int) -> Int? {
        guard let first = bytes.first, first != UInt8(ascii: "0") || bytes.count == 1 else { return nil }
        var value = 0
        for byte in bytes {
            guard byte.isDigit else { return nil }
            value = value * 10 + Int(byte &- 0x30)
            guard value <= limit else { return nil }
        }
        return value
    }
}
