import ProtoWire

/// A signed span of time: it goes both ways with Swift's own `Duration`.
///
///     request.timeout = .init(.seconds(5))
///     let wait = Duration(request.timeout ?? .init())
///     retry.delay = "1.5s"
extension GoogleProtobuf.Duration {
    /// A span in the parts that protobuf has; their signs must be the same (see `isValid`).
    public init(seconds: Int64, nanos: Int32 = 0) {
        self.init()
        self.seconds = seconds
        self.nanos = nanos
    }

    /// What is finer than a nanosecond is cut off, and what is beyond about 10,000 years becomes that: the format has no
    /// more.
    public init(_ duration: Swift.Duration) {
        let (seconds, attoseconds) = duration.components
        guard CivilTime.durationRange.contains(seconds) else {
            self.init(seconds: seconds < 0 ? CivilTime.durationRange.lowerBound : CivilTime.durationRange.upperBound)
            return
        }
        self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
    }

    /// What JSON has: `1.5s`, `-0.000000001s`. Nil if it is not that.
    public init?(text: String) {
        var text = text
        guard let (seconds, nanos) = text.withUTF8({ CivilTime.parseDuration(UnsafeRawBufferPointer($0)) }) else {
            return nil
        }
        self.init(seconds: seconds, nanos: nanos)
    }

    /// As JSON has it: `1.500s`. Nil if it is not valid.
    public var text: String? {
        guard isValid else { return nil }
        let sign = seconds < 0 || nanos < 0 ? "-" : ""
        return "\(sign)\(seconds.magnitude)\(fraction(nanos.magnitude))s"
    }

    /// Whether the parts have one sign and are in the format's range: other ones have no JSON.
    public var isValid: Bool {
        CivilTime.durationRange.contains(seconds) && nanos.magnitude < 1_000_000_000
            && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0))
    }
}

extension GoogleProtobuf.Duration: Comparable {
    public static func < (left: Self, right: Self) -> Bool {
        Swift.Duration(left) < Swift.Duration(right)
    }
}

extension GoogleProtobuf.Duration: ExpressibleByStringLiteral {
    /// `"1.5s"`; a literal that is no duration is a fault of the program.
    public init(stringLiteral text: String) {
        guard let duration = Self(text: text) else { preconditionFailure("'\(text)' is no duration such as 1.5s") }
        self = duration
    }
}

extension Swift.Duration {
    /// The same span; parts of different signs are added up.
    public init(_ duration: GoogleProtobuf.Duration) {
        self = .seconds(duration.seconds) + .nanoseconds(Int64(duration.nanos))
    }
}

/// Nothing, or a point and 3, 6 or 9 digits.
func fraction(_ nanos: UInt32) -> String {
    guard nanos != 0 else { return "" }
    let digits = String(nanos)
    let padded = String(repeating: "0", count: 9 - min(9, digits.utf8.count)) + digits
    let count = nanos % 1_000_000 == 0 ? 3 : nanos % 1_000 == 0 ? 6 : 9
    return "." + padded.prefix(count)
}
