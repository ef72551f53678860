import Timebase

/// Postgres counts a time in microseconds since 2000-01-01T00:00:00Z, in 64 bits, where the two ends mean infinity.
enum Timestamps {
    /// 2000-01-01T00:00:00Z in seconds since 1970.
    private static let epoch: Int64 = 946_684_800

    static func bytes(of time: WallTime, place: Int) throws(PostgresFailure) -> [UInt8] {
        let (seconds, tooLow) = time.seconds.subtractingReportingOverflow(epoch)
        let (micros, tooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow) = micros.addingReportingOverflow(Int64(time.nanoseconds) / 1000)
        guard !tooLow, !tooLarge, !overflow, sum != .max, sum != .min else {
            throw PostgresFailure(.invalidParameter, "the time for $\(place) is outside of what a timestamptz can hold")
        }
        return withUnsafeBytes(of: sum.bigEndian) { Array($0) }
    }

    /// Nil for the two infinities, which no `WallTime` can say.
    static func time(_ micros: Int64) -> WallTime? {
        guard micros != .max, micros != .min else { return nil }
        var seconds = micros / 1_000_000
        var rest = micros % 1_000_000
        if rest < 0 {  // times before 2000 count downwards; nanoseconds never do
            seconds -= 1
            rest += 1_000_000
        }
        return WallTime(seconds: seconds + epoch, nanoseconds: Int32(rest) * 1000)
    }
}
