import Glibc
import Reactor
import Transport

/// One end of a simulated connection, with the manners of a kernel's socket.
final class SimulatedSocket: StreamSocket, SimulatedHandle {
    let host: Host
    /// -1 while it waits to be accepted.
    private(set) var handle: Int32 = -1
    /// What its peer sees as its address.
    let address: String
    weak var poller: SimulatedPoller?
    private var state = State.connecting
    /// Why it failed, once it did.
    private var failure: Int32 = 0
    private var hasFinished = false
    private(set) var outgoing: Pipe?
    private(set) var incoming: Pipe?
    /// Known while both live.
    weak var peer: SimulatedSocket?

    private enum State { case connecting, connected, failed, closed }

    init(on host: Host, address: String) {
        self.host = host
        self.address = address
    }

    var isClosed: Bool { state == .closed }
    var isConnecting: Bool { state == .connecting }

    func takeHandle() {
        handle = host.open(self)
    }

    /// The other end and the pipes between them are there.
    func join(_ peer: SimulatedSocket, outgoing: Pipe, incoming: Pipe) {
        self.peer = peer
        self.outgoing = outgoing
        self.incoming = incoming
    }

    func becomeConnected() {
        guard state == .connecting else { return }
        state = .connected
        changed()
    }

    /// The connection is broken, as the kernel knows now.
    func fail(_ code: Int32) {
        guard state == .connecting || state == .connected else { return }
        state = .failed
        failure = code
        outgoing?.die()
        host.world.note(.reset, host, handle, Int(code))
        changed()
    }

    /// Somebody breaks the connection on its way: both ends hear of it.
    func breakOff() {
        peer?.fail(ECONNRESET)
        fail(ECONNRESET)
    }

    func crash() {
        guard state != .closed else { return }
        let peer = peer
        outgoing?.die()
        state = handle >= 0 ? .failed : .closed
        failure = ECONNRESET
        host.world.after(.milliseconds(1)) { peer?.fail(ECONNRESET) }
        changed()
    }

    func changed() {
        poller?.mustLook = true
    }

    var readiness: Readiness {
        switch state {
        case .connecting, .closed: return []
        case .failed: return [.read, .write, .hangup]
        case .connected: break
        }
        var readiness: Readiness = []
        guard let incoming, let outgoing else { return readiness }
        if incoming.unread > 0 || incoming.hasEnd { readiness.insert(.read) }
        if outgoing.isWritable { readiness.insert(.write) }
        if incoming.hasEnd, hasFinished { readiness.insert(.hangup) }
        return readiness
    }

    // MARK: StreamSocket

    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        precondition(state != .closed, "a closed handle is read")
        // What arrived before a reset can still be read, as Linux has it.
        if let incoming, incoming.unread > 0, !buffer.isEmpty {
            let count = incoming.read(into: buffer)
            host.world.note(.read, host, handle, count)
            return .bytes(count)
        }
        if state == .failed { return .failed(failure) }
        guard let incoming, state == .connected else { return .wouldBlock }
        return incoming.hasEnd ? .end : .wouldBlock
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        precondition(state != .closed, "a closed handle is written")
        precondition(!hasFinished, "nothing is written after the end of this direction")
        if state == .failed { return .failed(failure == ECONNRESET ? EPIPE : failure) }
        guard let outgoing, state == .connected, outgoing.room > 0 else { return .wouldBlock }
        let count = outgoing.write(bytes)
        host.world.note(.write, host, handle, count)
        return .bytes(count)
    }

    func connectResult() -> Int32 {
        state == .connected ? 0 : state == .connecting ? EINPROGRESS : failure
    }

    func finishWriting() {
        guard state == .connected, !hasFinished else { return }
        hasFinished = true
        outgoing?.finish()
    }

    func close() {
        precondition(state != .closed, "a socket is closed once")
        host.world.note(.close, host, handle)
        if state == .connected {
            if let incoming, incoming.unread > 0 {
                // What nobody has read is lost, and the peer shall know (RFC 9293 §3.6.1).
                host.world.after(.milliseconds(1)) { [weak peer] in peer?.fail(ECONNRESET) }
            } else if !hasFinished {
                outgoing?.finish()
            }
        }
        state = .closed
        host.close(handle)
    }
}
