import Bytes

/// Which octets field names and values may have (RFC 9113 §8.2.1, RFC 9110 §5, RFC 3986 §3).
///
/// A field that breaks these makes its message malformed. Texts are judged eight octets at a time, since every octet of
/// every head passes here.
enum FieldRules {
    /// What an octet may stand in.
    private struct Classes: OptionSet {
        let rawValue: UInt8

        /// A name of a field: the token octets (RFC 9110 §5.6.2) but for upper case.
        static let name = Classes(rawValue: 1)
        /// A method: any token octet.
        static let token = Classes(rawValue: 2)
        /// What an authority may have (RFC 3986 §3.2), unescaped or in a literal address.
        static let authority = Classes(rawValue: 4)
        /// A scheme behind its first letter (RFC 3986 §3.1).
        static let scheme = Classes(rawValue: 8)
        static let letter = Classes(rawValue: 16)

        static func of(_ octet: UInt8) -> Classes {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): [.name, .token, .authority, .scheme, .letter]
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): [.token, .authority, .scheme, .letter]
            case UInt8(ascii: "0")...UInt8(ascii: "9"): [.name, .token, .authority, .scheme]
            case UInt8(ascii: "-"), UInt8(ascii: "."): [.name, .token, .authority, .scheme]
            case UInt8(ascii: "+"): [.name, .token, .authority, .scheme]
            case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
                UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                [.name, .token, .authority]
            case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"): [.name, .token]
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"),
                UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "["), UInt8(ascii: "]"):
                .authority
            default: []
            }
        }
    }

    private static func isAll(_ bytes: UnsafeBufferPointer<UInt8>, _ wanted: Classes) -> Bool {
        for octet in bytes where !Classes.of(octet).contains(wanted) { return false }
        return true
    }

    /// The name of a field that is no pseudo-header field.
    static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { !bytes.isEmpty && isAll(bytes, .name) }

    static func isMethod(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { !bytes.isEmpty && isAll(bytes, .token) }

    static func isScheme(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, Classes.of(first).contains(.letter) else { return false }
        return isAll(bytes, .scheme)
    }

    static func isAuthority(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { isAll(bytes, .authority) }

    /// A value: neither control octets but HTAB, nor blanks around it.
    static func isValue(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return true }
        guard !isBlank(first), !isBlank(last) else { return false }
        if hasNoControl(bytes, below: 0x20) { return true }
        for octet in bytes where octet < 0x20 && octet != 0x09 || octet == 0x7F { return false }
        return true
    }

    /// A path: neither control octets nor blanks. What it begins with depends on the scheme and the method.
    static func isPath(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { hasNoControl(bytes, below: 0x21) }

    static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    /// No octet is DEL or less than `least`, which is 128 at most.
    ///
    /// Of eight octets in a word, `word - least` borrows into the top bit of one that is too small and had none; `^ DEL`
    /// makes a DEL zero, and the same finds it.
    private static func hasNoControl(_ bytes: UnsafeBufferPointer<UInt8>, below least: UInt8) -> Bool {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return true }
        let each: UInt64 = 0x0101_0101_0101_0101
        let tops = each &* 0x80
        var at = 0
        while at + 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let deletes = word ^ (each &* 0x7F)
            let small = (word &- each &* UInt64(least)) & ~word
            guard (small | (deletes &- each) & ~deletes) & tops == 0 else { return false }
            at += 8
        }
        while at < bytes.count {
            guard bytes[at] >= least, bytes[at] != 0x7F else { return false }
            at += 1
        }
        return true
    }
}
