import Bytes
import Exchange
import Glibc
import Reactor
import Timebase

@testable import Transport

/// A poller whose time a test moves and whose handles are always as ready as their sockets say.
final class ManualPoller: Poller {
    var now = Instant(nanoseconds: 0)
    var wall: WallTime { WallTime(seconds: 1_000_000) }
    private var watched: [Int32: (interest: Interest, token: UInt64)] = [:]
    private var ready: [(UInt64, Readiness)] = []
    /// What each handle is ready for, asked once a turn.
    var readiness: [Int32: () -> Readiness] = [:]

    func add(_ handle: Int32, _ interest: Interest, token: UInt64) { watched[handle] = (interest, token) }
    func change(_ handle: Int32, _ interest: Interest, token: UInt64) { watched[handle] = (interest, token) }
    func remove(_ handle: Int32) { watched[handle] = nil }
    func wake() {}

    func wait(until deadline: Instant?) -> Int {
        ready = watched.sorted { $0.key < $1.key }.compactMap { handle, entry in
            var events = readiness[handle]?() ?? []
            if !entry.interest.contains(.read) { events.remove(.read) }
            if !entry.interest.contains(.write) { events.remove(.write) }
            return events.isEmpty ? nil : (entry.token, events)
        }
        return ready.count
    }

    func ready(at index: Int) -> (token: UInt64, readiness: Readiness) { (ready[index].0, ready[index].1) }
}

/// A socket in memory: what it is to read stands in `input`, each call that writes is kept by itself.
final class ManualSocket: StreamSocket {
    let handle: Int32
    var input: [UInt8] = []
    var isEnded = false
    var isClosed = false
    /// Bytes that it takes before it is full.
    var capacity = Int.max
    private(set) var output: [UInt8] = []
    /// The calls that wrote or tried to, each with the runs that it offered.
    private(set) var writes: [[UnsafeRawBufferPointer]] = []

    init(_ handle: Int32, on poller: ManualPoller) {
        self.handle = handle
        poller.readiness[handle] = { [unowned self] in
            var events: Readiness = []
            if !input.isEmpty || isEnded { events.insert(.read) }
            if capacity > 0 { events.insert(.write) }
            return events
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        if input.isEmpty { return isEnded ? .end : .wouldBlock }
        let count = min(buffer.count, input.count)
        buffer.copyBytes(from: input[..<count])
        input.removeFirst(count)
        return .bytes(count)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult { write([bytes]) }

    func write(_ runs: UnsafeBufferPointer<iovec>) -> IOResult {
        write(runs.map { UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len) })
    }

    private func write(_ runs: [UnsafeRawBufferPointer]) -> IOResult {
        writes.append(runs)
        if capacity == 0 { return .wouldBlock }
        var written = 0
        for run in runs {
            let taken = min(run.count, capacity)
            output += run[..<taken]
            capacity -= taken
            written += taken
        }
        return .bytes(written)
    }

    func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    func connectResult() -> Int32 { 0 }
    func finishWriting() {}
    func close() { isClosed = true }
}

/// A network of such sockets: those that a pool dials, and those that a listener accepts.
final class ManualNetwork: Network, ListeningSocket, @unchecked Sendable {  // one thread uses it
    private let poller: ManualPoller
    private var nextHandle: Int32 = 10
    private var waiting: [ManualSocket] = []
    private(set) var dialled: [ManualSocket] = []
    let handle: Int32 = 3
    let localAddress = SocketAddress.ip("127.0.0.1", port: 1)

    init(on poller: ManualPoller) {
        self.poller = poller
        poller.readiness[3] = { [unowned self] in waiting.isEmpty ? [] : .read }
    }

    func arrive() -> ManualSocket {
        let socket = make()
        waiting.append(socket)
        return socket
    }

    private func make() -> ManualSocket {
        nextHandle += 1
        return ManualSocket(nextHandle, on: poller)
    }

    func listen(on address: SocketAddress, sharesPort: Bool) throws(ListenError) -> any ListeningSocket { self }

    func connect(to address: SocketAddress) -> ConnectResult {
        let socket = make()
        dialled.append(socket)
        return .begun(socket)
    }

    func resolve(_ name: String, port: UInt16, on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void) {}

    func accept() -> AcceptResult {
        waiting.isEmpty ? .wouldBlock : .connection(waiting.removeFirst(), from: "127.0.0.1:2")
    }

    func close() {}
}

/// One frame of HTTP/2, as a peer writes or reads it.
struct Frame: Equatable {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    static let settings = Frame(type: 4)
    static let settingsAck = Frame(type: 4, flags: 1)

    static func ping(_ number: UInt8 = 0) -> Frame { Frame(type: 6, payload: [0, 0, 0, 0, 0, 0, 0, number]) }
    /// GET / over http, from the static table.
    static func request(_ stream: UInt32, end: Bool = true) -> Frame {
        Frame(type: 1, flags: end ? 5 : 4, stream: stream, payload: [0x82, 0x84, 0x86, 0x41, 1, 0x61])
    }
    static func response(_ stream: UInt32) -> Frame { Frame(type: 1, flags: 5, stream: stream, payload: [0x88]) }
    static func goAway(last: UInt32, code: UInt32 = 0, _ debug: String = "") -> Frame {
        Frame(type: 7, payload: number(last) + number(code) + Array(debug.utf8))
    }

    static func number(_ number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    }

    var bytes: [UInt8] {
        [UInt8(payload.count >> 16), UInt8(payload.count >> 8 & 255), UInt8(payload.count & 255), type, flags]
            + Frame.number(stream) + payload
    }

    static func read(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(
                Frame(
                    type: head[3], flags: head[4], stream: stream, payload: Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }
}

/// A loop on manual time with a listener or a pool, and the peer's side of its connections in a test's hand.
final class ManualWorld {
    let poller = ManualPoller()
    let loop: Loop
    let network: ManualNetwork

    init() {
        loop = Loop(name: "manual", poller: poller)
        network = ManualNetwork(on: poller)
    }

    /// Turns until nothing happens any more.
    func settle() {
        for _ in 0..<8 { loop.turn(wait: false) }
    }

    func advance(_ time: Duration) {
        poller.now = poller.now.advanced(by: time)
        settle()
    }

    func listen(
        _ acceptor: any Acceptor, _ limits: ConnectionLimits = .init(), security: ServerSecurity = .plaintext
    ) throws -> Listener {
        let listener = try Listener.listen(
            on: network.localAddress, network: network, loop: loop, security: security, limits: limits,
            acceptor: acceptor)
        settle()
        return listener
    }

    /// A client's socket that has said its preface and heard ours.
    func client() -> ManualSocket {
        let socket = network.arrive()
        socket.input = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Frame.settings.bytes + Frame.settingsAck.bytes
        settle()
        _ = socket.takeOutput()
        return socket
    }

    func pool(_ limits: ConnectionLimits = .init(), events: ConnectionEvents = .none) -> ConnectionPool {
        ConnectionPool(
            to: .ip("192.0.2.1", port: 1), network: network, loop: loop, security: .plaintext, limits: limits,
            events: events)
    }

    /// The server's side of the pool's last connection, with SETTINGS exchanged.
    func serve() -> ManualSocket {
        settle()
        let socket = network.dialled[network.dialled.count - 1]
        socket.input += Frame.settings.bytes + Frame.settingsAck.bytes
        settle()
        return socket
    }

    /// What a socket has sent since it was asked last, without a client's preface.
    func frames(_ socket: ManualSocket) -> [Frame] {
        settle()
        var bytes = socket.takeOutput()
        if bytes.starts(with: Array("PRI ".utf8)) { bytes.removeFirst(24) }
        return Frame.read(bytes)
    }

    func send(_ frames: Frame..., to socket: ManualSocket) {
        for frame in frames { socket.input += frame.bytes }
        settle()
    }
}

/// An exchange whose end a test looks at.
final class SeenExchange: ExchangeHandler {
    private(set) var ending: Ending?
    private(set) var stream: (any ExchangeStream)?

    init(on pool: ConnectionPool, end: Bool = true, waitsForReady: Bool = false) {
        let stream = pool.open(CallIntent(destination: "test", waitsForReady: waitsForReady), handler: self)
        self.stream = stream
        stream.send(head: [":method": "POST", ":scheme": "http", ":authority": "a", ":path": "/"], end: end)
    }

    var failure: Failure? { if case .failed(let failure) = ending { failure } else { nil } }
    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}

    func ended(_ ending: Ending) {
        self.ending = ending
        stream = nil
    }
}
