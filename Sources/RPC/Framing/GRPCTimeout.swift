import Timebase

/// The text of `grpc-timeout`: up to eight digits and a unit (gRPC PROTOCOL-HTTP2, "Timeout").
public enum GRPCTimeout {
    private static let digitLimit = 8
    private static let valueLimit: Int64 = 99_999_999
    /// Nanoseconds, finest unit first.
    private static let units: [(letter: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000), (UInt8(ascii: "H"), 3_600_000_000_000),
    ]

    /// Rounds up, so that the server never gives up before the client; a time that does not fit is as long as can be said.
    public static func text(for timeout: Duration) -> String {
        let nanoseconds = max(timeout.clampedNanoseconds, 0)
        for (letter, unit) in units {
            let value = nanoseconds / unit + (nanoseconds % unit == 0 ? 0 : 1)
            if value <= valueLimit { return "\(value)\(Character(UnicodeScalar(letter)))" }
        }
        return "\(valueLimit)H"
    }

    /// Nil if the text is no timeout.
    public static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Duration? {
        guard let last = text.last, 2...digitLimit + 1 ~= text.count,
            let unit = units.first(where: { $0.letter == last })?.nanoseconds
        else { return nil }
        var value: Int64 = 0
        for digit in text.dropLast() {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: unit)
        return .nanoseconds(overflow ? Int64.max : product)
    }

    public static func parse(_ text: String) -> Duration? {
        var text = text
        return text.withUTF8(parse)
    }
}
