extension Rules {
    /// An absolute or relative address with a scheme: `URI` of RFC 3986, with the zones of RFC 6874.
    public static func isURI(_ text: String) -> Bool {
        text.withBytes { bytes in
            var reader = URIReader(bytes)
            return reader.uri() && reader.isAtEnd
        }
    }

    /// A URI, or a reference that is relative to one: `URI-reference` of RFC 3986.
    public static func isURIRef(_ text: String) -> Bool {
        text.withBytes { bytes in
            var reader = URIReader(bytes)
            if reader.uri(), reader.isAtEnd { return true }
            reader = URIReader(bytes)
            return reader.relativeReference() && reader.isAtEnd
        }
    }
}

/// Recognizes the grammar of RFC 3986, appendix A. Each function is a rule of it, and moves past what it takes.
///
/// Nothing is read more than three times, and nothing calls itself.
struct URIReader {
    private let bytes: TextBytes
    private var next = 0

    init(_ bytes: TextBytes) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { next == bytes.count }

    /// `scheme ":" hier-part [ "?" query ] [ "#" fragment ]`
    mutating func uri() -> Bool {
        guard scheme(), take(UInt8(ascii: ":")) else { return false }
        if takeTwoSlashes() {
            guard authority() else { return false }
            segments()
        } else {
            path(firstMayHaveColon: true)
        }
        return queryAndFragment()
    }

    /// `relative-part [ "?" query ] [ "#" fragment ]`
    mutating func relativeReference() -> Bool {
        if takeTwoSlashes() {
            guard authority() else { return false }
            segments()
        } else {
            path(firstMayHaveColon: false)
        }
        return queryAndFragment()
    }

    /// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`
    private mutating func scheme() -> Bool {
        guard let first = peek, first.isLetter else { return false }
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): next += 1
            case _ where byte.isAlphanumeric: next += 1
            default: return true
            }
        }
        return true
    }

    /// `[ userinfo "@" ] host [ ":" port ]`, up to the path, the query, the fragment or the end.
    private mutating func authority() -> Bool {
        let start = next
        takeAll { $0.isUnreserved || $0.isSubDelimiter || $0 == UInt8(ascii: ":") }
        if !take(UInt8(ascii: "@")) { next = start }
        guard host() else { return false }
        if take(UInt8(ascii: ":")) {
            while let byte = peek, byte.isDigit { next += 1 }
        }
        switch peek {
        case nil, UInt8(ascii: "/")?, UInt8(ascii: "?")?, UInt8(ascii: "#")?: return true
        default: return false
        }
    }

    /// `IP-literal / IPv4address / reg-name`; IPv4 addresses are registered names too, as far as the grammar goes.
    private mutating func host() -> Bool {
        if peek == UInt8(ascii: "[") { return literal() }
        return takeText { $0.isUnreserved || $0.isSubDelimiter }
    }

    /// `"[" ( IPv6address [ "%25" ZoneID ] / IPvFuture ) "]"`
    private mutating func literal() -> Bool {
        next += 1
        if take(UInt8(ascii: "v")) || take(UInt8(ascii: "V")) { return future() && take(UInt8(ascii: "]")) }
        let start = next
        while let byte = peek, byte.hexValue != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") {
            next += 1
        }
        guard IPAddress.v6(bytes.part(start, next), zone: .refused) != nil else { return false }
        if take(UInt8(ascii: "]")) { return true }
        guard take(UInt8(ascii: "%")), take(UInt8(ascii: "2")), take(UInt8(ascii: "5")) else { return false }
        let zone = next
        return takeText { $0.isUnreserved } && next > zone && take(UInt8(ascii: "]"))
    }

    /// `1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`, after the "v".
    private mutating func future() -> Bool {
        let start = next
        while let byte = peek, byte.hexValue != nil { next += 1 }
        guard next > start, take(UInt8(ascii: ".")) else { return false }
        let address = next
        while let byte = peek, byte.isUnreserved || byte.isSubDelimiter || byte == UInt8(ascii: ":") { next += 1 }
        return next > address
    }

    /// `path-absolute / path-rootless / path-empty`, or `path-noscheme` in a reference without a scheme.
    private mutating func path(firstMayHaveColon: Bool) {
        let start = next
        if take(UInt8(ascii: "/")) {
            segment()
        } else if firstMayHaveColon {
            segment()
        } else {
            takeAll { $0.isUnreserved || $0.isSubDelimiter || $0 == UInt8(ascii: "@") }
        }
        // An empty first segment ends the path here: two slashes would begin an authority.
        if next > start { segments() }
    }

    /// `*( "/" segment )`
    private mutating func segments() {
        while take(UInt8(ascii: "/")) { segment() }
    }

    /// `*pchar`
    private mutating func segment() {
        takeAll { $0.isPathCharacter }
    }

    /// `[ "?" query ] [ "#" fragment ]`
    private mutating func queryAndFragment() -> Bool {
        if take(UInt8(ascii: "?")) { takeAll { $0.isQueryCharacter } }
        if take(UInt8(ascii: "#")) { takeAll { $0.isQueryCharacter } }
        return true
    }

    private var peek: UInt8? { next < bytes.count ? bytes[next] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        next += 1
        return true
    }

    private mutating func takeTwoSlashes() -> Bool {
        guard next + 1 < bytes.count, bytes[next] == UInt8(ascii: "/"), bytes[next + 1] == UInt8(ascii: "/") else {
            return false
        }
        next += 2
        return true
    }

    /// Takes bytes of a class, and escaped ones.
    @inline(__always)
    private mutating func takeAll(_ isTaken: (UInt8) -> Bool) {
        while let byte = peek {
            if isTaken(byte) {
                next += 1
            } else if byte == UInt8(ascii: "%"), escaped() != nil {
                next += 3
            } else {
                return
            }
        }
    }

    /// Takes bytes of a class, and escaped ones, which must make UTF-8 (RFC 3986 §3.2.2).
    @inline(__always)
    private mutating func takeText(_ isTaken: (UInt8) -> Bool) -> Bool {
        var text = UTF8Progress()
        while let byte = peek {
            if isTaken(byte) {
                guard text.accept(byte) else { return false }
                next += 1
            } else if byte == UInt8(ascii: "%"), let escaped = escaped() {
                guard text.accept(escaped) else { return false }
                next += 3
            } else {
                break
            }
        }
        return text.isComplete
    }

    /// The byte that `%` and two hexadecimal digits stand for.
    private func escaped() -> UInt8? {
        guard next + 2 < bytes.count, let high = bytes[next + 1].hexValue, let low = bytes[next + 2].hexValue else {
            return nil
        }
        return high << 4 | low
    }
}

extension UInt8 {
    /// `pchar`, but for escapes (RFC 3986 §3.3).
    fileprivate var isPathCharacter: Bool {
        isUnreserved || isSubDelimiter || self == UInt8(ascii: ":") || self == UInt8(ascii: "@")
    }

    /// What queries and fragments are made of, but for escapes (RFC 3986 §3.4, §3.5).
    fileprivate var isQueryCharacter: Bool {
        isPathCharacter || self == UInt8(ascii: "/") || self == UInt8(ascii: "?")
    }
}

/// Checks UTF-8 a byte at a time: no overlong forms, no surrogates, nothing past U+10FFFF (RFC 3629 §4).
struct UTF8Progress {
    private var expected = 0
    private var range: ClosedRange<UInt8> = 0x80...0xBF

    var isComplete: Bool { expected == 0 }

    mutating func accept(_ byte: UInt8) -> Bool {
        if expected > 0 {
            guard range.contains(byte) else { return false }
            expected -= 1
            range = 0x80...0xBF
            return true
        }
        switch byte {
        case 0...0x7F: return true
        case 0xC2...0xDF: expected = 1
        case 0xE0...0xEF:
            expected = 2
            if byte == 0xE0 { range = 0xA0...0xBF }
            if byte == 0xED { range = 0x80...0x9F }
        case 0xF0...0xF4:
            expected = 3
            if byte == 0xF0 { range = 0x90...0xBF }
            if byte == 0xF4 { range = 0x80...0x8F }
        default: return false
        }
        return true
    }
}
