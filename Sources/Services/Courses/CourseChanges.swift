import Postgres
import Reactor
import Synchronization

/// The changes of the catalogue, made at any replica, for those who watch at this one.
///
///     change at a replica ──trigger, NOTIFY──▶ Postgres ──▶ feed of each replica ──▶ a queue for each watcher
///
/// A watcher never misses a change silently: when the feed was cut off, or when the watcher is too slow for its queue, its
/// stream ends with a failure that says so, and it lists and watches again.
final class CourseChanges: Sendable {
    /// Watchers of one replica; each holds a stream open.
    static let mostWatchers = 1000
    /// Changes that may wait for one watcher: a burst, not a backlog.
    static let longestQueue = 256

    typealias Watch = AsyncThrowingStream<CourseChange, any Error>

    private let state = Mutex(State())

    private struct State {
        var isListening = false
        var watchers: [Int: Watch.Continuation] = [:]
        var count = 0
    }

    /// Every change from now on. It ends by throwing a `CourseFailure`, or when its reader leaves.
    func watch() throws(CourseFailure) -> Watch {
        let (watch, continuation) = Watch.makeStream(bufferingPolicy: .bufferingOldest(CourseChanges.longestQueue))
        let outcome: Result<Int, CourseFailure> = state.withLock { state in
            guard state.isListening else { return .failure(.watch(.cutOff)) }
            guard state.watchers.count < CourseChanges.mostWatchers else { return .failure(.watch(.tooManyWatchers)) }
            state.count += 1
            state.watchers[state.count] = continuation
            return .success(state.count)
        }
        let number = try outcome.get()
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        return watch
    }

    /// Takes what the feed of notifications says. Called in its order.
    func hear(_ event: NotificationFeed.Event) {
        switch event {
        case .listening:
            state.withLock { $0.isListening = true }
        case .notified(let payload):
            if let change = CourseChange(payload) { tell(change) }
        case .lost:
            endAll(.cutOff)
        }
    }

    /// This replica ends: its watchers go to another one.
    func stop() {
        endAll(.stopping)
    }

    private func endAll(_ reason: CourseFailure.WatchFailure) {
        let watchers = state.withLock { state in
            defer { state.watchers = [:] }
            state.isListening = false
            return state.watchers.values
        }
        for watcher in watchers { watcher.finish(throwing: CourseFailure.watch(reason)) }
    }

    var isListening: Bool { state.withLock { $0.isListening } }
    var watcherCount: Int { state.withLock { $0.watchers.count } }

    private func tell(_ change: CourseChange) {
        for watcher in state.withLock({ $0.watchers.values }) {
            // Outside of the lock: finishing a watch calls back into `onTermination`.
            if case .dropped = watcher.yield(change) {
                watcher.finish(throwing: CourseFailure.watch(.fellBehind))
            }
        }
    }
}

/// One change of one course. Watchers share it, and with it the reading of the course.
final class CourseChange: Sendable {
    enum Kind: String, Sendable {
        case created, updated, deleted
    }

    let kind: Kind
    let id: UniqueID
    private let reading = Mutex(Reading.unread)

    private enum Reading {
        case unread
        /// A watcher asks the database; the others wait for it.
        case underWay([CheckedContinuation<Void, Never>])
        case read(Course?)
    }

    private enum Turn {
        case mine
        case done(Course?)
        case wait
    }

    /// Reads what the trigger says: `updated 01930e9c-... 3`. Nil for what this build does not know.
    init?(_ payload: String) {
        let parts = payload.split(separator: " ")
        guard parts.count == 3, let kind = Kind(rawValue: String(parts[0])), let id = UniqueID(String(parts[1])) else {
            return nil
        }
        self.kind = kind
        self.id = id
    }

    /// The course as it is now: at least as new as the change. Nil if it is a later change that says what became of it.
    func course(from store: CourseStore) async throws(CourseFailure) -> Course? {
        while true {
            switch turn() {
            case .done(let course):
                return course
            case .wait:
                await withCheckedContinuation { continuation in wait(continuation) }
            case .mine:
                do {
                    let course = try await store.findEvenDeleted(id, before: nil)
                    let shown = course?.isDeleted == true && kind != .deleted ? nil : course
                    end(.read(shown))
                    return shown
                } catch {
                    end(.unread)  // this watcher's own failure, or its leaving: the next one asks again
                    throw error
                }
            }
        }
    }

    private func turn() -> Turn {
        reading.withLock { reading in
            switch reading {
            case .unread:
                reading = .underWay([])
                return .mine
            case .underWay: return .wait
            case .read(let course): return .done(course)
            }
        }
    }

    private func wait(_ continuation: CheckedContinuation<Void, Never>) {
        let isWaiting = reading.withLock { reading in
            guard case .underWay(let others) = reading else { return false }
            reading = .underWay(others + [continuation])
            return true
        }
        if !isWaiting { continuation.resume() }
    }

    private func end(_ next: Reading) {
        let waiting = reading.withLock { reading in
            defer { reading = next }
            if case .underWay(let waiting) = reading { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }
}
