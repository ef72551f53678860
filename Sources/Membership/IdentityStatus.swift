public import Timebase
import Transport

/// How a member's identity fares: for its readiness, its metrics and its operators.
public struct IdentityStatus: Sendable, Equatable {
    /// When the leaf ends; nil before the first one.
    public var ends: WallTime?
    /// Certificates that were taken, the first included.
    public var issued = 0
    /// Tries that failed since the last certificate was taken.
    public var failures = 0
    /// Three quarters of the leaf's life are over and it is not renewed: an alarm.
    public var isOverdue = false
    /// Why the last try failed; nil after one that did not.
    public var lastFailure: String?

    public init() {}

    /// For people: what is wrong; nil if nothing is.
    public var alarm: String? {
        guard isOverdue, let ends else { return nil }
        return "the identity ends at \(ends.text) and could not be renewed in \(failures) tries: \(lastFailure ?? "")"
    }
}
