public import Exchange
public import Reactor
public import Timebase

/// A reactor's loop keeps the time of the calls that run on it.
extension Loop: CallTimers {
    public func timer(at due: Instant, _ action: @escaping () -> Void) -> any CancellableTimer {
        schedule(at: due, action)
    }
}

extension LoopTimer: CancellableTimer {}
