internal import ProtoWire

/// The text of a Timestamp (RFC 3339) and of a Duration (`1.5s`), both ways.
enum TimeText {
    static let timestampRange = CivilTime.timestampRange
    static let durationRange = CivilTime.durationRange

    static func timestamp(_ seconds: Int64, _ nanos: Int32, _ out: inout JSONWriter) {
        let (day, second) = CivilTime.daySplit(seconds)
        let (year, month, dayOfMonth) = CivilTime.civil(day)
        out.append(UInt8(ascii: "\""))
        out.padded(year, 4)
        out.append(UInt8(ascii: "-"))
        out.padded(month, 2)
        out.append(UInt8(ascii: "-"))
        out.padded(dayOfMonth, 2)
        out.append(UInt8(ascii: "T"))
        out.padded(second / 3600, 2)
        out.append(UInt8(ascii: ":"))
        out.padded(second / 60 % 60, 2)
        out.append(UInt8(ascii: ":"))
        out.padded(second % 60, 2)
        fraction(Int(nanos), &out)
        out.append("Z\"")
    }

    static func duration(_ seconds: Int64, _ nanos: Int32, _ out: inout JSONWriter) {
        out.append(UInt8(ascii: "\""))
        if seconds < 0 || nanos < 0 { out.append(UInt8(ascii: "-")) }
        out.decimal(seconds.magnitude)
        fraction(Int(nanos.magnitude), &out)
        out.append("s\"")
    }

    /// Nothing, or 3, 6 or 9 digits.
    private static func fraction(_ nanos: Int, _ out: inout JSONWriter) {
        guard nanos != 0 else { return }
        out.append(UInt8(ascii: "."))
        if nanos % 1_000_000 == 0 {
            out.padded(nanos / 1_000_000, 3)
        } else if nanos % 1_000 == 0 {
            out.padded(nanos / 1_000, 6)
        } else {
            out.padded(nanos, 9)
        }
    }

    static func parseTimestamp(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        CivilTime.parseTimestamp(text)
    }

    static func parseDuration(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        CivilTime.parseDuration(text)
    }
}

/// The paths of a FieldMask: `snake_case` in the message, `camelCase` in JSON.
enum FieldMaskText {
    /// Writes a path in camel case. False if it would not come back as it was.
    static func camelCase(_ path: UnsafeRawBufferPointer, _ out: inout JSONWriter) -> Bool {
        var raise = false
        for byte in path {
            if raise {
                guard byte &- 0x61 < 26 else { return false }
                out.append(byte - 0x20)
                raise = false
            } else if byte == UInt8(ascii: "_") {
                raise = true
            } else {
                guard byte &- 0x41 >= 26, byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return false }
                out.append(byte)
            }
        }
        return !raise
    }

    /// A path in snake case, or nil if it has what no path in camel case has.
    static func snakeCase(_ path: UnsafeRawBufferPointer) -> [UInt8]? {
        var result: [UInt8] = []
        for byte in path {
            if byte &- 0x41 < 26 {
                result += [UInt8(ascii: "_"), byte + 0x20]
            } else if byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: ".") {
                result.append(byte)
            } else {
                return nil
            }
        }
        return result
    }
}
