public import Reactor
import Synchronization
public import Timebase

/// Makes version 7 ids, each larger than the one before, even within a millisecond or when the clock jumps back.
public final class UniqueIDSource: Sendable {
    private let state: Mutex<State>

    private struct State {
        var chance: Chance
        var last = UniqueID(high: 0, low: 0)
    }

    public init(chance: Chance = Entropy.chance()) {
        state = Mutex(State(chance: chance))
    }

    public func make() -> UniqueID {
        make(at: SystemClock.wall)
    }

    public func make(at time: WallTime) -> UniqueID {
        state.withLock { state in
            var id = UniqueID.v7(at: time, by: &state.chance)
            // Method 2 of RFC 9562 §6.2: within a millisecond the chance is a counter with a chance start.
            if id <= state.last { id = state.last.successor }
            state.last = id
            return id
        }
    }
}

extension UniqueID {
    /// The next id in the 62 bits that the version and the variant leave at the low end.
    fileprivate var successor: UniqueID {
        let next = (low & 0x3fff_ffff_ffff_ffff) + 1
        if next >> 62 == 0 { return UniqueID(high: high, low: 0x8000_0000_0000_0000 | next) }
        let counter = (high & 0x0fff) + 1
        let time = high >> 16 + counter >> 12  // 2^74 ids later the counter runs into the time
        return UniqueID(high: time << 16 | 0x7000 | counter & 0x0fff, low: 0x8000_0000_0000_0000)
    }
}
