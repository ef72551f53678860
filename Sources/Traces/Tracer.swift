public import Bytes
public import Exchange
public import RPC
public import Reactor
public import Timebase

/// Puts the requests of one process into traces, and keeps what is to be told of them.
///
/// Each request that passes gets a span of this hop: its number goes on in `traceparent` as the parent of what comes after
/// (W3C Trace Context §3.4), whether or not anybody records the trace, so that a failure deep inside can be told with its place.
/// Loop-bound. While nobody traces there is no tracer, and the fields pass as they came.
public final class Tracer: @unchecked Sendable {  // touched on its loop alone
    /// Spans a second of failures in traces that nobody records: a storm of them must not fill the queue.
    static let failuresPerSecond = 100

    public let loop: Loop
    private let sampler: Sampler
    private let exporter: SpanExporter
    private var chance: Chance
    private var second: Int64 = 0
    private var failures = 0

    public init(_ sampler: Sampler, to exporter: SpanExporter, on loop: Loop) {
        self.loop = loop
        self.sampler = sampler
        self.exporter = exporter
        chance = loop.chance()
    }

    /// Joins the trace that the request's head tells of, or begins one, and writes this hop's own span into the head.
    public func join(_ head: inout Fields) -> SpanMark {
        let parent = Self.parent(in: head)
        if parent == nil {
            // What cannot be read is not passed on, and its state means nothing without it (§4.3).
            head.removeAll(.traceParent)
            head.removeAll { $0.nameEquals(Self.stateName) }
        }
        let (mark, trace) = join(parent)
        trace.withBytes { head.set(.traceParent, $0) }
        return mark
    }

    /// The span of this hop below the caller's, and what goes on to those who are called.
    public func join(_ parent: TraceParent?) -> (mark: SpanMark, trace: TraceParent) {
        var mark = SpanMark()
        mark.id = number()
        mark.parent = parent?.span ?? 0
        var trace = parent ?? TraceParent(traceHigh: number(), traceLow: number(), span: mark.id, flags: 0)
        mark.isSampled = sampler.isSampled(trace, isRoot: parent == nil)
        trace.span = mark.id
        trace.flags = trace.flags & TraceParent.random | (mark.isSampled ? TraceParent.sampled : 0)
        return (mark, trace)
    }

    public static let stateName = "tracestate"

    /// nil if there is none, or several, or one that breaks a rule.
    private static func parent(in head: Fields) -> TraceParent? {
        guard let parsed = head.withValue(.traceParent, { TraceParent($0) }), let parent = parsed else { return nil }
        var count = 0
        for index in 0..<head.count where head.name(at: index) == .traceParent { count += 1 }
        return count == 1 ? parent : nil
    }

    /// 0 stands for none everywhere.
    private func number() -> UInt64 {
        while true {
            let number = chance.next()
            if number != 0 { return number }
        }
    }

    /// Whether a span is to be made of what ended so: traces that are recorded, and failures in others up to a number a second.
    public func wants(_ mark: SpanMark, failed: Bool, at now: Instant) -> Bool {
        if mark.id == 0 { return false }
        if mark.isSampled { return true }
        guard failed else { return false }
        let current = now.nanoseconds / 1_000_000_000
        if current != second {
            second = current
            failures = 0
        }
        failures += 1
        return failures <= Self.failuresPerSecond
    }

    public func record(_ span: Span) {
        exporter.add(span)
    }

    /// The time of day at an instant of the loop's clock.
    public func wall(at instant: Instant) -> WallTime {
        loop.wall.before(instant.duration(to: loop.now))
    }
}
