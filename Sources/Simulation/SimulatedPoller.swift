import Reactor
import Synchronization
import Timebase

/// Gives a loop the readiness of simulated handles and the simulation's time.
final class SimulatedPoller: Poller {
    let host: Host
    let name: String
    let number: Int
    private var watched: [Int32: (interest: Interest, token: UInt64)] = [:]
    private var order: [Int32] = []
    private var found: [(token: UInt64, readiness: Readiness)] = []
    /// Something may be ready: set whenever a handle changes, cleared by a look that found nothing.
    var mustLook = false
    private let isWoken = Atomic<Bool>(false)
    private var chances: Chance

    init(on host: Host, name: String) {
        self.host = host
        self.name = name
        number = host.world.newNumber()
        chances = Chance(seed: host.world.newSeed())
    }

    var now: Instant { host.world.now }

    var wall: WallTime {
        let skewed = host.world.wall.advanced(by: host.clockSkew)
        let second: Int64 = 1_000_000_000
        return WallTime(seconds: skewed.nanoseconds / second, nanoseconds: Int32(skewed.nanoseconds % second))
    }

    func chance() -> Chance { Chance(seed: chances.next()) }

    /// A turn now would find something.
    var isRunnable: Bool {
        if isWoken.load(ordering: .relaxed) { return true }
        guard mustLook else { return false }
        mustLook = order.contains { ready($0) != nil }
        return mustLook
    }

    func add(_ handle: Int32, _ interest: Interest, token: UInt64) throws(ReactorError) {
        guard let object = host[handle], watched[handle] == nil else {
            throw ReactorError(call: "watch", code: 9)  // EBADF
        }
        object.poller = self
        watched[handle] = (interest, token)
        order.append(handle)
        mustLook = true
    }

    func change(_ handle: Int32, _ interest: Interest, token: UInt64) throws(ReactorError) {
        guard watched[handle] != nil else { throw ReactorError(call: "watch", code: 2) }  // ENOENT
        watched[handle] = (interest, token)
        mustLook = true
    }

    func remove(_ handle: Int32) {
        host[handle]?.poller = nil
        if watched.removeValue(forKey: handle) != nil { order.removeAll { $0 == handle } }
    }

    /// Another thread than the simulation's must not be here: a task has been outside.
    func wake() {
        host.world.visit()
        isWoken.store(true, ordering: .relaxed)
    }

    /// Time passes outside of the loops: a wait only looks. What is ready comes in an order that the seed decides.
    func wait(until deadline: Instant?) -> Int {
        isWoken.store(false, ordering: .relaxed)
        found = order.compactMap { ready($0) }
        mustLook = !found.isEmpty
        if found.count > 1 { found.shuffle(using: &chances) }
        return found.count
    }

    func ready(at index: Int) -> (token: UInt64, readiness: Readiness) { found[index] }

    private func ready(_ handle: Int32) -> (token: UInt64, readiness: Readiness)? {
        guard let watch = watched[handle], let object = host[handle] else { return nil }
        var readiness = object.readiness
        if !watch.interest.contains(.read) { readiness.remove(.read) }
        if !watch.interest.contains(.write) { readiness.remove(.write) }
        return readiness.isEmpty ? nil : (watch.token, readiness)
    }
}
