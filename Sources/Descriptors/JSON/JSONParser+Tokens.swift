import ProtoWire

extension JSONParser {
    func failure(_ problem: String) -> Failure {
        Failure(problem: problem, offset: next - start)
    }

    func failure(_ problem: String, at place: UnsafePointer<UInt8>) -> Failure {
        Failure(problem: problem, offset: place - start)
    }

    /// An error that says what is there instead of what was expected.
    func unexpected(_ expected: String) -> Failure {
        failure("expected \(expected), found \(found)")
    }

    /// What stands at this place, in words.
    var found: String {
        guard next < end else { return "the end of the text" }
        switch next.pointee {
        case UInt8(ascii: "{"): return "an object"
        case UInt8(ascii: "["): return "a list"
        case UInt8(ascii: "\""):
            var probe = JSONParser(text, pool: nil, options: options)
            probe.next = next
            guard let bytes = try? Array(probe.string()) else { return "a string that does not end" }
            let shown = String(decoding: bytes.prefix(32), as: UTF8.self)
            return bytes.count > 32 ? "the string \"\(shown)…\"" : "the string \"\(shown)\""
        default:
            var last = next
            while last < end, last - next < 24, last.pointee > 0x20, !isPunctuation(last.pointee) { last += 1 }
            if last == next { last += 1 }
            return String(decoding: UnsafeBufferPointer(start: next, count: last - next), as: UTF8.self)
        }
    }

    private func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"): true
        default: false
        }
    }

    @inline(__always)
    mutating func skipSpace() {
        while next < end {
            switch next.pointee {
            case 0x20, 0x0A, 0x0D, 0x09: next += 1
            default: return
            }
        }
    }

    @inline(__always)
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next < end, next.pointee == UInt8(ascii: character) else { return false }
        next += 1
        return true
    }

    @inline(__always)
    mutating func expect(_ character: Unicode.Scalar, orSay expected: @autoclosure () -> String) throws(Failure) {
        guard take(character) else { throw unexpected(expected()) }
    }

    /// `true`, `false` or `null`, which this is not a longer word of.
    mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end - next >= count, memoryEqual(next, word.utf8Start, count) else { return false }
        if next + count < end {
            let after = next[count]
            if (after | 0x20) &- 0x61 < 26 || after &- 0x30 < 10 || after == UInt8(ascii: "_") { return false }
        }
        next += count
        return true
    }

    mutating func expectWord(_ word: StaticString) throws(Failure) {
        guard takeWord(word) else { throw unexpected("\(word)") }
    }

    // MARK: Strings

    /// A string's content: in the text itself if it has no escapes, else in `unescaped` until the next such string.
    mutating func string() throws(Failure) -> UnsafeRawBufferPointer {
        let quote = next
        next += 1
        let first = next
        var high: UInt64 = 0
        while true {
            while end - next >= 8 {
                let word = UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
                let stop = stops(word)
                if stop != 0 {
                    // The lowest mark is exact; those above it may be echoes of it.
                    let before = stop.trailingZeroBitCount & ~7
                    high |= word & (1 << UInt64(before) - 1)
                    next += before / 8
                    break
                }
                high |= word
                next += 8
            }
            guard next < end else { throw failure("the string does not end", at: quote) }
            let byte = next.pointee
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { return try escapedString(quote) }
            guard byte >= 0x20 else { throw failure("a string has no unescaped control characters") }
            high |= UInt64(byte)
            next += 1
        }
        let bytes = UnsafeRawBufferPointer(start: first, count: next - first)
        guard high & 0x8080_8080_8080_8080 == 0 || UTF8Text.isValid(bytes) else {
            throw failure("the string is not UTF-8", at: quote)
        }
        next += 1
        return bytes
    }

    /// Marks the first of eight bytes that is a quote, a backslash or a control character; 0 if none is.
    @inline(__always)
    private func stops(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ ones &* UInt64(UInt8(ascii: "\""))
        let slashes = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        let found =
            (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word
        return found & 0x8080_8080_8080_8080
    }

    /// The same string once more, now copied and with its escapes replaced.
    private mutating func escapedString(_ quote: UnsafePointer<UInt8>) throws(Failure) -> UnsafeRawBufferPointer {
        next = quote + 1
        unescaped.truncate(to: 0)
        while true {
            guard next < end else { throw failure("the string does not end", at: quote) }
            let byte = next.pointee
            next += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard UTF8Text.isValid(unescaped.bytes) else { throw failure("the string is not UTF-8", at: quote) }
                return unescaped.bytes
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw failure("a string has no unescaped control characters", at: next - 1)
            default: unescaped.append(byte)
            }
        }
    }

    private mutating func escape() throws(Failure) {
        guard next < end else { throw failure("the string does not end") }
        let letter = next.pointee
        next += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(8)
        case UInt8(ascii: "f"): unescaped.append(12)
        case UInt8(ascii: "n"): unescaped.append(10)
        case UInt8(ascii: "r"): unescaped.append(13)
        case UInt8(ascii: "t"): unescaped.append(9)
        case UInt8(ascii: "u"): try unicodeEscape()
        default: throw failure("\\\(Character(Unicode.Scalar(letter))) is no escape", at: next - 2)
        }
    }

    /// Four digits, or twice four for a character that UTF-16 needs a pair of surrogates for.
    private mutating func unicodeEscape() throws(Failure) {
        let place = next - 2
        var code = try fourHexDigits(place)
        if 0xD800..<0xDC00 ~= code, end - next >= 2, next.pointee == UInt8(ascii: "\\"), next[1] == UInt8(ascii: "u") {
            next += 2
            let low = try fourHexDigits(place)
            guard 0xDC00..<0xE000 ~= low else { throw failure("a surrogate has no partner", at: place) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("a surrogate has no partner", at: place) }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { unescaped.append(byte) }
    }

    private mutating func fourHexDigits(_ place: UnsafePointer<UInt8>) throws(Failure) -> UInt32 {
        guard end - next >= 4 else { throw failure("\\u takes four digits", at: place) }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = next.pointee
            next += 1
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - 0x61 + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - 0x41 + 10
            default: throw failure("\\u takes four digits", at: place)
            }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    // MARK: Passing over

    /// Passes over a value that nothing is known about; it must be well-formed all the same.
    mutating func skipValue(_ depth: Int) throws(Failure) {
        guard depth > 0 else { throw failure("values are nested deeper than \(WireReader.maximumDepth) levels") }
        guard next < end else { throw unexpected("a value") }
        switch next.pointee {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try skipMembers(depth, "}", hasKeys: true)
        case UInt8(ascii: "["): try skipMembers(depth, "]", hasKeys: false)
        case UInt8(ascii: "t"): try expectWord("true")
        case UInt8(ascii: "f"): try expectWord("false")
        case UInt8(ascii: "n"): try expectWord("null")
        default: _ = try number()
        }
    }

    private mutating func skipMembers(_ depth: Int, _ close: Unicode.Scalar, hasKeys: Bool) throws(Failure) {
        next += 1
        skipSpace()
        if take(close) { return }
        while true {
            skipSpace()
            if hasKeys {
                guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected("a key") }
                _ = try string()
                skipSpace()
                try expect(":", orSay: "\":\"")
                skipSpace()
            }
            try skipValue(depth - 1)
            skipSpace()
            if take(",") { continue }
            guard take(close) else { throw unexpected("\",\" or \"\(close)\"") }
            return
        }
    }
}
