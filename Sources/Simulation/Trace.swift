public import Timebase

/// What happened in a simulation, in order: a digest of everything, the last lines, and all of it if asked for.
///
/// Two runs are the same run if their digests are equal: that is how a replayed seed proves itself.
public struct Trace {
    public enum Kind: UInt8, Sendable {
        case turn, connect, accept, write, read, deliver, end, reset, close, resolve, fault, note
    }

    public struct Line: CustomStringConvertible, Sendable {
        public let time: Instant
        /// A loop or a host: `server.0`.
        public let place: String
        public let kind: Kind
        /// The handle that it happened to, or -1.
        public let handle: Int32
        /// Bytes, mostly.
        public let amount: Int
        public let text: String

        /// `0.001204000 server.0 read #4 120`
        public var description: String {
            let fraction = String(time.nanoseconds % 1_000_000_000)
            let padded = String(repeating: "0", count: 9 - fraction.count) + fraction
            var line = "\(time.nanoseconds / 1_000_000_000).\(padded) \(place) \(kind)"
            if handle >= 0 { line += " #\(handle)" }
            if amount != 0 { line += " \(amount)" }
            return text.isEmpty ? line : "\(line) \(text)"
        }
    }

    /// Lines that are kept to show how a failed run ended.
    static let kept = 60

    public private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    public private(set) var count = 0
    private var ring: [Line] = []
    private let sink: ((Line) -> Void)?

    /// `sink` gets every line as it happens.
    public init(to sink: ((Line) -> Void)? = nil) {
        self.sink = sink
    }

    /// The last lines, the oldest first.
    public var tail: [Line] {
        let start = count % max(ring.count, 1)
        return ring.count < Trace.kept ? ring : Array(ring[start...] + ring[..<start])
    }

    mutating func add(
        _ kind: Kind, at time: Instant, in place: String, number: Int, handle: Int32 = -1, amount: Int = 0,
        text: String = ""
    ) {
        mix(UInt64(bitPattern: time.nanoseconds))
        mix(UInt64(kind.rawValue) << 48 ^ UInt64(truncatingIfNeeded: number) << 32 ^ UInt64(UInt32(bitPattern: handle)))
        mix(UInt64(truncatingIfNeeded: amount))
        for byte in text.utf8 { mix(UInt64(byte)) }
        let line = Line(time: time, place: place, kind: kind, handle: handle, amount: amount, text: text)
        if ring.count < Trace.kept { ring.append(line) } else { ring[count % Trace.kept] = line }
        count += 1
        sink?(line)
    }

    /// FNV-1a, a word at a time.
    private mutating func mix(_ word: UInt64) {
        digest = (digest ^ word) &* 0x0000_0100_0000_01B3
        digest ^= digest &>> 29
    }
}
