public import RPC
public import Timebase

/// One operation of a trace as it ended, ready to be told.
public struct Span: Sendable {
    public var traceHigh: UInt64
    public var traceLow: UInt64
    public var id: UInt64
    /// 0 for the root of a trace.
    public var parent: UInt64
    public var kind: Kind
    public var name: String
    public var start: WallTime
    public var end: WallTime
    public var attributes: [Attribute] = []
    public var events: [Event] = []
    /// Why it is an error; nil if it is none.
    public var error: String?
    /// What tracing systems sent beside the trace's ids, as it came.
    public var state = ""
    public var isSampled = true

    public enum Kind: Sendable {
        case server, client, inside
    }

    public struct Attribute: Sendable {
        public var key: String
        public var value: Value

        public init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    public enum Value: Sendable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
        case text(String)
        case number(Int64)
        case truth(Bool)

        public init(stringLiteral value: String) { self = .text(value) }
        public init(integerLiteral value: Int64) { self = .number(value) }
    }

    public struct Event: Sendable {
        public var name: String
        public var at: WallTime
        public var attributes: [Attribute]

        public init(_ name: String, at: WallTime, _ attributes: [Attribute] = []) {
            self.name = name
            self.at = at
            self.attributes = attributes
        }
    }

    public init(
        _ kind: Kind, _ name: String, of trace: TraceParent, id: UInt64, parent: UInt64, from start: WallTime,
        to end: WallTime
    ) {
        self.kind = kind
        self.name = name
        traceHigh = trace.traceHigh
        traceLow = trace.traceLow
        isSampled = trace.isSampled
        self.id = id
        self.parent = parent
        self.start = start
        self.end = end
    }

    public mutating func set(_ key: String, _ value: Value) {
        attributes.append(Attribute(key, value))
    }
}

extension WallTime {
    /// Nanoseconds since 1970, as OTLP counts.
    var unixNanoseconds: UInt64 {
        UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: nanoseconds)
    }

    /// So much earlier, or later if it is negative.
    public func before(_ duration: Duration) -> WallTime {
        let (whole, atto) = duration.components
        var result = WallTime(seconds: seconds - whole, nanoseconds: nanoseconds - Int32(atto / 1_000_000_000))
        if result.nanoseconds < 0 {
            result.seconds -= 1
            result.nanoseconds += 1_000_000_000
        }
        if result.nanoseconds >= 1_000_000_000 {
            result.seconds += 1
            result.nanoseconds -= 1_000_000_000
        }
        return result
    }
}
