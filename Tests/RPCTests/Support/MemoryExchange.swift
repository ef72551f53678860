import Bytes
import Exchange

/// Exchanges in memory, between an initiator and an acceptor: in order, with windows, and with bytes cut as a test likes.
///
/// It keeps the contract of `Exchange` on both sides and stops the test when somebody breaks it: a send after the end, a
/// second `ended`, more consumed than was heard.
final class MemoryExchanger: Exchanger, @unchecked Sendable {  // a test runs on one thread
    let loop: ManualLoop
    let acceptor: any Acceptor
    /// Bytes that a side may send before the other consumes.
    var window = 64 * 1024
    /// A body is delivered in pieces of this many bytes.
    var pieceSize = Int.max
    private(set) var exchanges: [MemoryExchange] = []
    var executor: any TaskExecutor { loop }

    init(loop: ManualLoop, acceptor: any Acceptor) {
        self.loop = loop
        self.acceptor = acceptor
    }

    func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        let exchange = MemoryExchange(self, initiator: handler)
        exchanges.append(exchange)
        return exchange.ends[0]
    }
}

final class MemoryExchange {
    private(set) var ends: [MemoryEnd] = []
    let exchanger: MemoryExchanger

    init(_ exchanger: MemoryExchanger, initiator: any ExchangeHandler) {
        self.exchanger = exchanger
        ends = [MemoryEnd(exchanger), MemoryEnd(exchanger)]
        ends[0].handler = initiator
        ends[0].other = ends[1]
        ends[1].other = ends[0]
        ends[1].acceptor = exchanger.acceptor
    }

    /// The request's and the response's.
    var heads: [Fields] { ends.flatMap(\.heads) }
    var initiator: MemoryEnd { ends[0] }
    var responder: MemoryEnd { ends[1] }

    /// The transport loses it.
    func breakOff(_ failure: Failure) {
        for end in ends { end.finish(.failed(failure)) }
    }
}

/// One end: what it sends waits until the other end's window lets it pass.
final class MemoryEnd: ExchangeStream {
    enum Item {
        case head(Fields, end: Bool)
        case chunk(Chunk, end: Bool)
        case trailers(Fields)
    }

    fileprivate(set) weak var other: MemoryEnd?
    fileprivate(set) var handler: (any ExchangeHandler)?
    fileprivate var acceptor: (any Acceptor)?
    private let exchanger: MemoryExchanger
    private var queue: [Item] = []
    private var queued = 0
    /// What may be sent before the other end consumes.
    private var credit: Int
    private var lacksRoom = false
    private var hasSentEnd = false
    private var hasHeardEnd = false
    private(set) var endings: [Ending] = []
    private(set) var resets: [ResetCode] = []
    /// Heard and not consumed.
    private(set) var held = 0
    /// The most that was ever queued here.
    private(set) var mostQueued = 0
    /// All bytes of the body that were sent here, and each head.
    private(set) var sentBytes = 0
    private(set) var heads: [Fields] = []

    init(_ exchanger: MemoryExchanger) {
        self.exchanger = exchanger
        credit = exchanger.window
    }

    var executor: any TaskExecutor { exchanger.loop }
    var isOver: Bool { !endings.isEmpty }

    var room: Int {
        let room = isOver ? 0 : exchanger.window - queued
        if room <= 0 { lacksRoom = true }
        return room
    }

    func send(head: Fields, end: Bool) {
        heads.append(head)
        enqueue(.head(head, end: end), end)
    }
    func send(trailers: Fields) { enqueue(.trailers(trailers), true) }

    func send(_ chunk: Chunk, end: Bool) {
        guard !isOver else { return }
        queued += chunk.count
        sentBytes += chunk.count
        mostQueued = max(mostQueued, queued)
        enqueue(.chunk(chunk, end: end), end)
    }

    private func enqueue(_ item: Item, _ end: Bool) {
        guard !isOver else { return }
        precondition(!hasSentEnd, "nothing is sent after the end")
        hasSentEnd = end
        queue.append(item)
        exchanger.loop.later { self.pump() }
    }

    func consume(_ count: Int) {
        guard !isOver else { return }
        precondition(count <= held, "more is consumed than was heard")
        held -= count
        guard let other else { return }
        other.credit += count
        exchanger.loop.later { other.pump() }
    }

    func reset(_ code: ResetCode) {
        guard !isOver else { return }
        resets.append(code)
        let other = other
        exchanger.loop.later {
            let isAnswered = code == .noError && other?.hasHeardEnd == true
            other?.finish(
                isAnswered ? .complete : .failed(Failure(.receive, .peerReset, detail: "reset by the peer", code: code))
            )
        }
        finish(.failed(Failure(.send, .cancelled, detail: "reset here", code: code)))
    }

    fileprivate func finish(_ ending: Ending) {
        guard !isOver else { return }
        endings.append(ending)
        queue = []
        let handler = handler
        self.handler = nil
        handler?.ended(ending)
    }

    /// Delivers what the window allows.
    private func pump() {
        while !isOver, let other, !queue.isEmpty {
            switch queue[0] {
            case .head(let fields, let end):
                queue.removeFirst()
                other.hear(fields, end)
            case .trailers(let fields):
                queue.removeFirst()
                other.hasHeardEnd = true
                other.handler?.heard(trailers: fields)
            case .chunk(var chunk, let end):
                let count = min(chunk.count, credit, exchanger.pieceSize)
                if count == 0, !chunk.isEmpty { return }
                credit -= count
                queued -= count
                let piece = chunk.takePrefix(count)
                if chunk.isEmpty { queue.removeFirst() } else { queue[0] = .chunk(chunk, end: end) }
                other.held += count
                if chunk.isEmpty, end { other.hasHeardEnd = true }
                other.handler?.heard(piece, end: chunk.isEmpty && end)
                if lacksRoom, queued < exchanger.window {
                    lacksRoom = false
                    handler?.hasRoom()
                }
            }
        }
        if !isOver, hasSentEnd, hasHeardEnd, queue.isEmpty, let other, other.queue.isEmpty, other.hasHeardEnd {
            finish(.complete)
            other.finish(.complete)
        }
    }

    private func hear(_ fields: Fields, _ end: Bool) {
        hasHeardEnd = end
        guard let acceptor else {
            handler?.heard(head: fields, end: end)
            return
        }
        self.acceptor = nil
        let handler = acceptor.accept(fields, end: end, from: Peer(address: "memory"), on: self)
        if let ending = endings.first {
            handler.ended(ending)
        } else {
            self.handler = handler
        }
    }
}
