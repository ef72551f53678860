public import Exchange

/// What a pool can do for an exchange that begins now, in gRPC's words (connectivity-semantics-and-api.md).
///
///     idle ──connect, exchange──▶ connecting ──SETTINGS──▶ ready ──last connection leaves──▶ idle
///      ▲                              │  ▲
///      └──time to dial again── transientFailure        from everywhere: drain, close ──▶ shutdown
///
/// Out of `transientFailure` a pool goes by itself, to `connecting` if exchanges wait and to `idle` if none do: who wants
/// a connection that is always there calls `connect` when it hears `idle`.
public enum PoolState: Sendable, Equatable {
    /// Nobody has asked for a connection, or nobody needed the last one any more.
    case idle
    /// A dial is under way; exchanges wait for it.
    case connecting
    /// At least one connection takes exchanges.
    case ready
    /// The last dial failed with this; exchanges fail with it until it is time to dial again, but for those that wait
    /// for a ready connection.
    case transientFailure(Failure)
    /// The pool takes no exchanges any more.
    case shutdown
}
