import ProtoWire
import Timebase

/// The time of day as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
struct HTTPDate {
    private var second: Int64?
    private var text = ""

    /// Written once a second at most.
    mutating func text(at time: WallTime) -> String {
        if second != time.seconds {
            second = time.seconds
            text = HTTPDate.text(ofSecond: time.seconds)
        }
        return text
    }

    static func text(ofSecond seconds: Int64) -> String {
        let (day, rest) = CivilTime.daySplit(seconds)
        let (year, month, dayOfMonth) = CivilTime.civil(day)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let weekday = days[((day + 4) % 7 + 7) % 7]
        let date = "\(two(dayOfMonth)) \(months[month - 1]) \(year)"
        return "\(weekday), \(date) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
