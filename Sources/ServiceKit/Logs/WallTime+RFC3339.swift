internal import ProtoWire
public import Timebase

extension WallTime {
    /// `2026-11-21T04:05:06.789Z` (RFC 3339), in UTC, to the millisecond.
    public var rfc3339: String {
        let (dayNumber, second) = CivilTime.daySplit(seconds)
        let (year, month, day) = CivilTime.civil(dayNumber)
        return "\(year)-\(pad(month, 2))-\(pad(day, 2))T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):"
            + "\(pad(second % 60, 2)).\(pad(Int(nanoseconds) / 1_000_000, 3))Z"
    }

    private func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
