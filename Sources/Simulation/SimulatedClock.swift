import Timebase

/// The time of a simulation: it moves when nothing is left to do at the present moment, and then to the next moment at which there is.
final class SimulatedClock {
    private(set) var now: Instant

    init(from start: Instant) {
        now = start
    }

    func move(to later: Instant) {
        precondition(later >= now, "time does not run backwards")
        now = later
    }
}
