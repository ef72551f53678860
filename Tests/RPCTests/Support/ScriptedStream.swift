import Bytes
import Exchange
import RPC

/// One end of an exchange that a test plays by hand: it writes down what is sent.
final class ScriptedStream: ExchangeStream {
    private let loop: ManualLoop
    private(set) var heads: [Fields] = []
    private(set) var body: [UInt8] = []
    private(set) var trailers: Fields?
    private(set) var resets: [ResetCode] = []
    private(set) var consumed = 0
    private(set) var hasEnded = false
    var handler: (any ExchangeHandler)?
    var room = 1 << 20

    init(loop: ManualLoop) {
        self.loop = loop
    }

    var executor: any TaskExecutor { loop }

    func send(head: Fields, end: Bool) {
        heads.append(head)
        note(end)
    }

    func send(_ chunk: Chunk, end: Bool) {
        body += chunk.array
        note(end)
    }

    func send(trailers: Fields) {
        self.trailers = trailers
        note(true)
    }

    func reset(_ code: ResetCode) {
        guard let handler else { return }
        resets.append(code)
        self.handler = nil
        handler.ended(.failed(Failure(.send, .cancelled, code: code)))
    }

    func consume(_ count: Int) { consumed += count }

    private func note(_ end: Bool) {
        precondition(!hasEnded, "nothing is sent after the end")
        hasEnded = end
    }

    /// The status that was sent, as trailers or as a head alone.
    var status: (code: StatusCode, message: String)? {
        guard let fields = trailers ?? heads.last(where: { $0[.grpcStatus] != nil }) else { return nil }
        let status = StatusTrailers(fields)
        return (status.code, status.message)
    }
}

/// Opens exchanges on streams that a test plays.
final class ScriptedExchanger: Exchanger, @unchecked Sendable {  // a test runs on one thread
    let loop = ManualLoop()
    private(set) var streams: [ScriptedStream] = []
    private(set) var intents: [CallIntent] = []
    var isSecure = false
    var keepsDeadlines = false
    var executor: any TaskExecutor { loop }

    func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        let stream = ScriptedStream(loop: loop)
        stream.handler = handler
        streams.append(stream)
        intents.append(intent)
        return stream
    }
}

extension Chunk {
    /// Messages as they travel.
    static func framed(_ messages: [UInt8]...) -> Chunk {
        Chunk(messages.flatMap { MessageFramer.frame(Chunk($0)).array })
    }
}
