import Timebase

/// Spans that wait to be exported: bounded, the newest dropped when it is full, since what waits is already half told.
///
///     spans ──▶ [ queue ] ──a batch is full, or its time has come──▶ export ──again later──▶ export ──▶ given up
///                  └─full─▶ dropped
public struct SpanQueue: Sendable {
    /// OpenTelemetry's own default: about 2 MiB of spans.
    public static let standardLimit = 2048

    private let limit: Int
    private let batch: Int
    private var spans: [Span] = []
    public private(set) var dropped = 0

    public init(limit: Int, batch: Int) {
        self.limit = limit
        self.batch = max(1, min(batch, limit))
    }

    public var count: Int { spans.count }
    public var isBatchFull: Bool { spans.count >= batch }

    public mutating func add(_ span: Span) {
        guard spans.count < limit else {
            dropped += 1
            return
        }
        spans.append(span)
    }

    /// The oldest, as many as one export takes.
    public mutating func take() -> [Span] {
        let taken = Array(spans.prefix(batch))
        spans.removeFirst(taken.count)
        return taken
    }
}

/// When a failed export is tried again: 1 s, 2 s, 4 s, 8 s, each with jitter, then the batch is given up (OTLP, "OTLP/gRPC
/// Throttling").
struct ExportRetry {
    static let mostAttempts = 5
    private static let base = Duration.seconds(1)

    /// After so many attempts that failed; nil gives up.
    static func delay(after attempts: Int, _ chance: inout Chance) -> Duration? {
        guard attempts < mostAttempts else { return nil }
        return base * (Double(1 << (attempts - 1)) * (0.5 + chance.fraction() / 2))
    }
}
