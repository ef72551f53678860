import Bytes
import Exchange
import Reactor

@testable import Transport

/// A peer that sends HTTP/2 frames as a test writes them, right or wrong.
final class ScriptedServer: WireOwner, ReadySource, @unchecked Sendable {  // touched on its loop alone
    let id = LiveID.next()
    let loop: Loop
    let address: SocketAddress
    /// Called with all that a connection received, each time that there is more; answers what to send.
    private let script: (Script) -> Void
    private let socket: any ListeningSocket
    private var connections: [WireConnection] = []

    init(on loop: Loop, script: @escaping (Script) -> Void) throws {
        self.loop = loop
        self.script = script
        socket = try SystemNetwork().listen(on: .ip("127.0.0.1", port: 0), sharesPort: false)
        address = socket.localAddress
        loop.execute { [self] in try? loop.watch(socket.handle, .read, self) }
    }

    func close() {
        loop.execute { [self] in
            loop.forget(socket.handle)
            socket.close()
            for connection in connections { connection.abort() }
        }
    }

    func ready(_ events: Readiness) {
        guard case .connection(let accepted, let peer) = socket.accept() else { return }
        let connection = WireConnection(
            accepted, peer: peer, isConnecting: false, owner: self, events: .none, on: loop)
        connections.append(connection)
        connection.start(timeout: nil, nil)
    }

    func handler(for connection: WireConnection) -> any WireHandler { Script(connection, script) }
    func ended(_ connection: WireConnection, _ failure: Failure?) {}
}

/// One scripted conversation.
final class Script: WireHandler {
    let connection: WireConnection
    /// The streams whose HEADERS have come.
    private(set) var streams: [Int32] = []
    private let step: (Script) -> Void
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sawPreface = false
    private var sentSettings = false

    init(_ connection: WireConnection, _ step: @escaping (Script) -> Void) {
        self.connection = connection
        self.step = step
    }

    static let settings = 4
    static let goAway = 7

    func send(frame type: UInt8, flags: UInt8 = 0, stream: Int32 = 0, _ payload: [UInt8] = []) {
        output += [0, UInt8(payload.count >> 8), UInt8(payload.count & 255), type, flags]
        output += Script.bytes(UInt32(stream)) + payload
        connection.wantsFlush()
    }

    func sendSettings(maxConcurrentStreams: UInt32 = 100) {
        guard !sentSettings else { return }
        send(frame: 4, [0, 3] + Script.bytes(maxConcurrentStreams))
        sentSettings = true
    }

    /// `:status: 200`, from the static table, and the end of the stream.
    func answer(_ stream: Int32) { send(frame: 1, flags: 0x5, stream: stream, [0x88]) }
    func reset(_ stream: Int32, _ code: UInt32) { send(frame: 3, stream: stream, Script.bytes(code)) }

    func goAway(last: UInt32, code: UInt32 = 0, _ text: String = "") {
        send(frame: 7, Script.bytes(last) + Script.bytes(code) + Array(text.utf8))
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        input += bytes
        if !sawPreface {
            guard input.count >= 24 else { return }
            input.removeFirst(24)
            sawPreface = true
        }
        while input.count >= 9 {
            let length = Int(input[0]) << 16 | Int(input[1]) << 8 | Int(input[2])
            guard input.count >= 9 + length else { break }
            let type = input[3]
            let flags = input[4]
            let stream = Int32(input[5]) << 24 | Int32(input[6]) << 16 | Int32(input[7]) << 8 | Int32(input[8])
            input.removeFirst(9 + length)
            if type == 4, flags & 1 == 0, sentSettings { send(frame: 4, flags: 1) }
            if type == 1 { streams.append(stream) }
        }
        step(self)
    }

    func receivedEnd() { connection.close() }

    func produce(_ limit: Int, into chain: OutputChain) {
        output.withUnsafeBytes { chain.append($0) }
        output = []
    }

    func drain() {}
    func closed(_ failure: Failure?) {}
}
