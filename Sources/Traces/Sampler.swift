public import RPC

/// Which traces are recorded (OpenTelemetry SDK, "Sampling").
///
/// A trace that came with a request is recorded if whoever began it says so: parts of traces are of little use. Only where
/// one begins is there a choice.
public struct Sampler: Sendable, Equatable {
    /// For traces that begin here.
    public var ratio: Double
    /// Whether a request's own trace decides; without it, the ratio holds for all.
    public var followsParent: Bool

    /// One in a hundred, as Istio has it: enough to see how a mesh behaves, and little to pay. Failures are told anyway.
    public static let standardRatio = 0.01

    public init(ratio: Double = Sampler.standardRatio, followsParent: Bool = true) {
        self.ratio = min(max(ratio, 0), 1)
        self.followsParent = followsParent
    }

    public func isSampled(_ trace: TraceParent, isRoot: Bool) -> Bool {
        if followsParent && !isRoot { return trace.isSampled }
        if ratio >= 1 { return true }
        // The lower 63 bits of the trace id, as other SDKs take them: all who look at one trace decide alike.
        return Double(trace.traceLow >> 1) < ratio * 0x1p63
    }
}
