/// Whether and how a method's calls are attempted more than once, as its configuration says (gRFC A6). A method has one of
/// the two, or neither.
public enum AttemptPolicy: Sendable, Equatable {
    /// One attempt after the other.
    case retry(RetryPlan)
    /// Several at the same time.
    case hedge(HedgePlan)

    /// More attempts are not made, whatever a configuration says (gRFC A6).
    public static let mostAttempts = 5
}

/// How often one call may be sent after failures, and how soon (gRFC A6, "Retry policy").
public struct RetryPlan: Sendable, Equatable {
    /// With the first.
    public var maxAttempts: Int
    public var initialBackoff: Duration
    public var maxBackoff: Duration
    public var backoffMultiplier: Double
    /// Only these endings are worth another attempt.
    public var statuses: StatusSet

    public init(
        maxAttempts: Int, initialBackoff: Duration, maxBackoff: Duration, backoffMultiplier: Double, statuses: StatusSet
    ) {
        self.maxAttempts = min(maxAttempts, AttemptPolicy.mostAttempts)
        self.initialBackoff = initialBackoff
        self.maxBackoff = maxBackoff
        self.backoffMultiplier = backoffMultiplier
        self.statuses = statuses
    }
}
