public import Reactor
public import Timebase

/// A machine with one process on it: addresses, loops, handles and a clock of the day.
///
/// Loops of one host stop together when it is paused or crashes.
public final class Host {
    public let name: String
    /// Numeric addresses that others reach it at. It reaches itself at 127.0.0.1 and ::1 as well.
    public let addresses: [String]
    public private(set) var loops: [Loop] = []
    /// How far its clock of the day is ahead of the simulation's.
    public var clockSkew: Duration = .zero
    /// The host runs no turn before this.
    public internal(set) var pausedUntil: Instant
    /// The process died: its connections are reset, and it runs no more.
    public internal(set) var isDown = false
    /// It died, and only puts away what it had: it reaches nobody.
    var isGhost = false
    /// Hosts of one machine are near each other: what passes between them is neither slow nor faulty.
    let machine: String

    let world: World
    let number: Int
    private(set) var pollers: [SimulatedPoller] = []
    private var handles: [(any SimulatedHandle)?] = []
    /// The first one that may be free.
    private var firstFree = 3
    /// Handles that are open.
    public private(set) var openHandles = 0
    var listeners: [SimulatedListener] = []
    private var nextPort: UInt16 = 32_768

    init(_ name: String, addresses: [String], machine: String, number: Int, in world: World) {
        self.machine = machine
        self.name = name
        self.addresses = addresses
        self.number = number
        self.world = world
        pausedUntil = world.now
    }

    /// One more loop. Its turns happen whenever the simulation finds it their time.
    public func loop(_ label: String? = nil) -> Loop {
        let name = "\(name).\(label ?? String(loops.count))"
        let poller = SimulatedPoller(on: self, name: name)
        let loop = Loop(name: name, poller: poller)
        loop.disown()
        loops.append(loop)
        pollers.append(poller)
        world.seats.append(World.Seat(loop: loop, poller: poller, host: self))
        return loop
    }

    /// The world ends: what holds itself in a ring lets go.
    func end() {
        loops = []
        pollers = []
        listeners = []
        handles = []
    }

    func has(_ address: String) -> Bool {
        addresses.contains(address) || address == "127.0.0.1" || address == "::1"
    }

    /// A process and those beside it on its machine.
    func isNear(_ other: Host) -> Bool { self === other || machine == other.machine }

    func newPort() -> UInt16 {
        defer { nextPort = nextPort == .max ? 32_768 : nextPort + 1 }
        return nextPort
    }

    // MARK: Handles

    /// The lowest free one, as kernels do it: so that a number comes back as soon as it is closed.
    func open(_ handle: any SimulatedHandle) -> Int32 {
        while firstFree < handles.count, handles[firstFree] != nil { firstFree += 1 }
        while handles.count <= firstFree { handles.append(nil) }
        handles[firstFree] = handle
        openHandles += 1
        return Int32(firstFree)
    }

    func close(_ handle: Int32) {
        precondition(handles[Int(handle)] != nil, "a handle is closed once")
        handles[Int(handle)] = nil
        openHandles -= 1
        firstFree = min(firstFree, Int(handle))
    }

    subscript(handle: Int32) -> (any SimulatedHandle)? {
        Int(handle) < handles.count ? handles[Int(handle)] : nil
    }

    var allHandles: [any SimulatedHandle] { handles.compactMap { $0 } }
}

/// A socket or a listener, as a poller sees it.
protocol SimulatedHandle: AnyObject {
    var readiness: Readiness { get }
    /// The poller that watches it, to be told when the readiness changes.
    var poller: SimulatedPoller? { get set }
    /// The process is gone.
    func crash()
}
