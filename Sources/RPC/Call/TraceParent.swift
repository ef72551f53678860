/// Where a request stands in its trace: the field `traceparent` (W3C Trace Context, level 1, §3.2).
///
///     00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
///     version, trace id, the caller's span id, flags
///
/// What cannot be read is as if it were not there: whoever reads it begins a trace of its own (§3.2.2, §4.3).
public struct TraceParent: Sendable, Equatable {
    public var traceHigh: UInt64
    public var traceLow: UInt64
    /// The span that the request comes from.
    public var span: UInt64
    public var flags: UInt8

    /// Whoever began the trace records it.
    public static let sampled: UInt8 = 1
    /// The trace id is random, which level 2 says; it is passed on as it came.
    public static let random: UInt8 = 2
    /// The length of the field in version 0, and the least in any other.
    public static let length = 55

    public init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, flags: UInt8) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.flags = flags
    }

    public var isSampled: Bool { flags & Self.sampled != 0 }

    public init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ TraceParent($0) }) else { return nil }
        self = parsed
    }

    /// A version that is not known yet is read as far as version 0 goes (§4.3 of the recommendation).
    public init?(_ text: UnsafeBufferPointer<UInt8>) {
        let dash = UInt8(ascii: "-")
        guard text.count >= Self.length, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Self.number(text, 0..<2), version != 0xFF,
            text.count == Self.length || (version != 0 && text[Self.length] == dash),
            let high = Self.number(text, 3..<19), let low = Self.number(text, 19..<35), high | low != 0,
            let span = Self.number(text, 36..<52), span != 0, let flags = Self.number(text, 53..<55)
        else { return nil }
        self.init(
            traceHigh: high, traceLow: low, span: span, flags: UInt8(flags) & (Self.sampled | Self.random))
    }

    /// Lower case alone is allowed (§3.2.2.3).
    private static func number(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for index in range {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    /// The span of a call's second attempt and of those after it, out of the span that the attempt before was sent with.
    /// It is worked out and not drawn, so that nobody needs to keep it until the call is told.
    public static func span(ofAttempt attempt: Int, after span: UInt64) -> UInt64 {
        let mixed = (span ^ UInt64(attempt)) &* 0x9E37_79B9_7F4A_7C15
        return max(1, mixed ^ mixed >> 32)
    }

    // MARK: Writing

    public var traceID: String { Self.hex(traceHigh) + Self.hex(traceLow) }
    public var spanID: String { Self.hex(span) }

    public var text: String {
        "00-\(traceID)-\(spanID)-" + String(Self.hex(UInt64(flags)).suffix(2))
    }

    /// The field's bytes, without a string made for them: each call of a traced mesh has one.
    public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.length) { bytes in
            bytes.initialize(repeating: UInt8(ascii: "-"))
            Self.put(0, to: bytes, 0..<2)
            Self.put(traceHigh, to: bytes, 3..<19)
            Self.put(traceLow, to: bytes, 19..<35)
            Self.put(span, to: bytes, 36..<52)
            Self.put(UInt64(flags), to: bytes, 53..<55)
            return body(UnsafeBufferPointer(bytes))
        }
    }

    private static func put(_ number: UInt64, to bytes: UnsafeMutableBufferPointer<UInt8>, _ range: Range<Int>) {
        var rest = number
        for index in range.reversed() {
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            bytes[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
            rest >>= 4
        }
    }

    /// 16 digits.
    public static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
