import Glibc
import Reactor
import Transport

/// A listening socket: connections that are made wait in its queue until they are accepted.
final class SimulatedListener: ListeningSocket, SimulatedHandle {
    let host: Host
    private(set) var handle: Int32 = -1
    let localAddress: SocketAddress
    let sharesPort: Bool
    weak var poller: SimulatedPoller?
    private var queue: [SimulatedSocket] = []
    private var isClosed = false
    private var isDead = false

    init(on host: Host, at address: SocketAddress, sharesPort: Bool) {
        self.host = host
        localAddress = address
        self.sharesPort = sharesPort
        handle = host.open(self)
    }

    var readiness: Readiness { queue.isEmpty ? [] : .read }
    var isFull: Bool { queue.count >= host.world.conditions.backlog }

    /// It hears what is sent to `address` of this host.
    func hears(_ address: SocketAddress) -> Bool {
        switch (localAddress, address) {
        case (.unix(let own), .unix(let asked)): own == asked
        case (.ip(let own, let port), .ip(let asked, let askedPort)):
            port == askedPort && (own == asked || own == "0.0.0.0" || own == "::")
        default: false
        }
    }

    func enqueue(_ socket: SimulatedSocket) {
        queue.append(socket)
        poller?.mustLook = true
    }

    func accept() -> AcceptResult {
        guard let first = queue.first else { return .wouldBlock }
        guard host.openHandles < host.world.conditions.handleLimit else { return .exhausted(EMFILE) }
        queue.removeFirst()
        first.takeHandle()
        host.world.note(.accept, host, first.handle)
        return .connection(first, from: first.peer?.address ?? "")
    }

    func close() {
        precondition(!isClosed, "a listener is closed once")
        isClosed = true
        if isDead { return host.close(handle) }
        host.listeners.removeAll { $0 === self }
        host.close(handle)
        // Nobody accepts these any more.
        for socket in queue { socket.peer?.fail(ECONNRESET) }
        queue = []
    }

    func crash() {
        guard !isClosed else { return }
        isDead = true
        for socket in queue { socket.peer?.fail(ECONNRESET) }
        queue = []
    }
}
