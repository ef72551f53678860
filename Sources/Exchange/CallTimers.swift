public import Timebase

/// A loop's time, as drivers and RPC see it: a reactor's loop in a process, moved by hand in a test.
///
/// Loop-bound, like the calls that it serves.
public protocol CallTimers: AnyObject, Sendable {
    /// The loop's time, read once a turn.
    var now: Instant { get }

    /// Does `action` at `due` or soon after, never from within this call.
    func timer(at due: Instant, _ action: @escaping () -> Void) -> any CancellableTimer
}

public protocol CancellableTimer: AnyObject {
    /// Forgets the action. Cancelling a timer that fired, or twice, does nothing.
    func cancel()
}
