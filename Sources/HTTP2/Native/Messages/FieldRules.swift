import Bytes

/// Which octets field names and values may have (RFC 9113 §8.2.1, RFC 9110 §5, RFC 3986 §3).
///
/// A field that breaks these makes its message malformed. Texts are judged eight octets at a time, since every octet of
/// every head passes here.
enum FieldRules {
    /// Octets below 128 as the bits of two words: asking costs neither a table in memory nor a jump.
    private struct Octets {
        let low: UInt64
        let high: UInt64

        @inline(__always)
        func hasAll(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            for octet in bytes {
                let word = octet & 0x40 == 0 ? low : high
                guard octet < 0x80, word &>> UInt64(octet & 0x3F) & 1 == 1 else { return false }
            }
            return true
        }

        /// Lower-case letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110 §5.6.2, RFC 9113 §8.2.1).
        static var name: Octets { Octets(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C000_0000) }
        /// The same and upper-case letters.
        static var token: Octets { Octets(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }
        /// Letters, digits and `!$%&'()*+,-.:;=@[]_~` (RFC 3986 §3.2).
        static var authority: Octets { Octets(low: 0x2FFF_7FF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF) }
        /// Letters, digits and `+-.` (RFC 3986 §3.1).
        static var scheme: Octets { Octets(low: 0x03FF_6800_0000_0000, high: 0x07FF_FFFE_07FF_FFFE) }
    }

    /// The name of a field that is no pseudo-header field.
    static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { !bytes.isEmpty && Octets.name.hasAll(bytes) }

    static func isMethod(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { !bytes.isEmpty && Octets.token.hasAll(bytes) }

    static func isScheme(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, first | 0x20 >= UInt8(ascii: "a"), first | 0x20 <= UInt8(ascii: "z") else {
            return false
        }
        return Octets.scheme.hasAll(bytes)
    }

    static func isAuthority(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { Octets.authority.hasAll(bytes) }

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
