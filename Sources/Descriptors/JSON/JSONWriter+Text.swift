import ProtoWire

// JSON's own forms of strings and numbers.
extension JSONWriter {
    /// A quoted string, or false if the bytes are not UTF-8.
    ///
    /// Eight bytes at a time are tested and copied, as long as none of them needs an escape or is not ASCII.
    mutating func quoted(_ text: UnsafeRawBufferPointer) -> Bool {
        reserve(text.count + 2)
        append(UInt8(ascii: "\""))
        guard quotedBody(text) else { return false }
        append(UInt8(ascii: "\""))
        return true
    }

    private mutating func quotedBody(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let start = text.baseAddress else { return true }
        var index = 0
        var isValidated = false
        while index < text.count {
            reserve(text.count - index + 8)
            while index + 8 <= text.count {
                let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let care = needsCare(word)
                // All eight are copied; those from the first that needs care on are overwritten.
                UnsafeMutableRawPointer(base + count).storeBytes(of: word.littleEndian, as: UInt64.self)
                let plain = care == 0 ? 8 : care.trailingZeroBitCount / 8
                count += plain
                index += plain
                if care != 0 { break }
            }
            if index + 8 > text.count, ending(start, index, text.count) { return true }
            // The byte that needs care, or the last few; then the fast way again.
            let stop = index + 8 <= text.count ? index + 1 : text.count
            while index < stop {
                let byte = text[index]
                if byte >= 0x80, !isValidated {
                    guard UTF8Text.isValid(UnsafeRawBufferPointer(rebasing: text[index...])) else { return false }
                    isValidated = true
                }
                if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    escape(byte)
                } else {
                    append(byte)
                }
                index += 1
            }
        }
        return true
    }

    /// Copies the last bytes of a text, seven at most, as one word, or none of them if one needs care.
    @inline(__always)
    private mutating func ending(_ start: UnsafeRawPointer, _ index: Int, _ size: Int) -> Bool {
        let left = size - index
        guard left > 0 else { return true }
        var word: UInt64
        if size >= 8 {
            word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: size - 8, as: UInt64.self))
            word >>= UInt64(truncatingIfNeeded: 8 * (8 - left))
        } else if left >= 4 {
            let last = UInt32(littleEndian: start.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self))
            word = UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
            word |= UInt64(last) << UInt64(truncatingIfNeeded: 8 * (left - 4))
        } else {
            word = 0
            for place in 0..<left {
                let byte = start.load(fromByteOffset: index + place, as: UInt8.self)
                word |= UInt64(byte) << UInt64(truncatingIfNeeded: 8 * place)
            }
        }
        // The bytes above those that are left are zero, which would need care.
        let mask = UInt64.max >> UInt64(truncatingIfNeeded: 8 * (8 - left))
        guard needsCare(word) & mask == 0 else { return false }
        UnsafeMutableRawPointer(base + count).storeBytes(of: word.littleEndian, as: UInt64.self)
        count += left
        return true
    }

    /// Marks the first of eight bytes that is a quote, a backslash, a control character or not ASCII; 0 if none is.
    @inline(__always)
    private func needsCare(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ ones &* UInt64(UInt8(ascii: "\""))
        let slashes = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        let found =
            (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word | word
        return found & highs
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        case 8: append("\\b")
        case 12: append("\\f")
        default:
            append("\\u00")
            append(hexDigit(byte >> 4))
            append(hexDigit(byte & 15))
        }
    }

    private func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    mutating func decimal(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        decimal(value.magnitude)
    }

    mutating func decimal(_ value: UInt64) {
        reserve(20)
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, value >= bound {
            digits += 1
            bound = bound &* 10
        }
        var rest = value
        var place = count + digits
        count = place
        repeat {
            place -= 1
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            base[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
            rest = quotient
        } while rest != 0
    }

    /// A number with leading zeros.
    mutating func padded(_ value: Int, _ width: Int) {
        var bound = 1
        for _ in 1..<width { bound *= 10 }
        while bound > value, bound > 1 {
            append(UInt8(ascii: "0"))
            bound /= 10
        }
        decimal(UInt64(value))
    }

    /// The shortest text that reads back as the same number; the three that JSON has no number for are strings.
    mutating func number(_ value: Double) {
        if value.magnitude < 0x1p53, value == value.rounded(.towardZero), value.bitPattern != 1 << 63 {
            decimal(Int64(value))
        } else if value.isFinite {
            if !thousandths(value) { append(value.description) }
        } else {
            append(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"" as StaticString)
        }
    }

    /// Writes a number of at most three decimal places, or nothing if it has more.
    ///
    /// Two decimals of at most fifteen digits are never the same double, so one that reads back as the number is also
    /// the shortest that does.
    private mutating func thousandths(_ value: Double) -> Bool {
        let scaled = (value * 1000).rounded()
        guard scaled.magnitude < 1e15, scaled / 1000 == value else { return false }
        let digits = UInt64(scaled.magnitude)
        guard digits % 1000 != 0 else { return false }  // minus zero
        if value < 0 { append(UInt8(ascii: "-")) }
        decimal(digits / 1000)
        append(UInt8(ascii: "."))
        var rest = digits % 1000
        var place: UInt64 = 100
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / place))
            rest %= place
            place /= 10
        } while rest != 0
        return true
    }

    mutating func number(_ value: Float) {
        if value.magnitude < 0x1p24, value == value.rounded(.towardZero), value.bitPattern != 1 << 31 {
            decimal(Int64(value))
        } else if value.isFinite, value.magnitude < Float.greatestFiniteMagnitude {
            append(value.description)
        } else {
            // The shortest text of the greatest float is a greater double, which some readers then refuse.
            number(Double(value))
        }
    }

    mutating func base64(_ bytes: UnsafeRawBufferPointer) {
        let size = Base64.encodedCount(bytes.count, padded: true)
        reserve(size + 2)
        append(UInt8(ascii: "\""))
        Base64.encode(
            bytes, into: UnsafeMutableRawBufferPointer(start: base + count, count: size), padded: true, urlSafe: false)
        count += size
        append(UInt8(ascii: "\""))
    }
}
