import Timebase

/// An action that a loop will do at a time, once. Touched on its loop alone.
public final class LoopTimer {
    let due: Instant
    /// Where the timer stands in the heap; -1 when it fired or was cancelled.
    fileprivate(set) var place = -1
    fileprivate var action: (() -> Void)?
    /// Not weak: a weak reference would make every retain of the loop slow. A pending timer stands in its loop's heap, so
    /// that the loop is there.
    private unowned(unsafe) let loop: Loop

    init(due: Instant, loop: Loop, action: @escaping () -> Void) {
        self.due = due
        self.loop = loop
        self.action = action
    }

    /// The action has neither happened nor been cancelled.
    public var isPending: Bool { place >= 0 }

    /// Forgets the action. Cancelling a timer that fired, or twice, does nothing.
    public func cancel() {
        if place >= 0 { loop.forget(self) }
    }

    /// Hands the action out, so that it cannot happen twice.
    func takeAction() -> (() -> Void)? {
        defer { action = nil }
        return action
    }
}

/// The pending timers of a loop, the next one first: a heap of four children a node.
///
/// A call sets a deadline and nearly always cancels it, so both must be cheap and a cancelled timer must leave at once.
/// Deadlines mostly grow, so that a new timer stays where it is appended; each timer knows its place.
struct TimerHeap {
    private var timers: [LoopTimer] = []

    var count: Int { timers.count }
    var next: Instant? { timers.first?.due }

    mutating func insert(_ timer: LoopTimer) {
        timers.append(timer)
        rise(from: timers.count - 1)
    }

    mutating func popDue(at now: Instant) -> LoopTimer? {
        guard let first = timers.first, first.due <= now else { return nil }
        remove(first)
        return first
    }

    mutating func remove(_ timer: LoopTimer) {
        let place = timer.place
        precondition(place >= 0 && place < timers.count && timers[place] === timer, "a timer must know its place")
        timer.place = -1
        let last = timers.removeLast()
        guard last !== timer else { return }
        timers[place] = last
        last.place = place
        if place > 0, last.due < timers[(place - 1) / 4].due {
            rise(from: place)
        } else {
            sink(from: place)
        }
    }

    private mutating func rise(from start: Int) {
        var place = start
        let timer = timers[place]
        while place > 0 {
            let parent = (place - 1) / 4
            guard timer.due < timers[parent].due else { break }
            timers[place] = timers[parent]
            timers[place].place = place
            place = parent
        }
        timers[place] = timer
        timer.place = place
    }

    private mutating func sink(from start: Int) {
        var place = start
        let timer = timers[place]
        while true {
            let first = 4 * place + 1
            guard first < timers.count else { break }
            var least = first
            for child in first + 1..<max(first + 1, min(first + 4, timers.count))
            where timers[child].due < timers[least].due {
                least = child
            }
            guard timers[least].due < timer.due else { break }
            timers[place] = timers[least]
            timers[place].place = place
            place = least
        }
        timers[place] = timer
        timer.place = place
    }
}
