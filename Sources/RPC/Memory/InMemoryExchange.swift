package import Bytes
package import Exchange
import DequeModule

/// An exchange in memory: what one end sends, the other hears, in order, as far as the windows allow.
///
///     initiator ──head, chunks, end──▶ responder        each end: queue ──(credit of the other)──▶ handler
///     initiator ◀──head, chunks, end── responder
package final class InMemoryExchange {
    package let initiator: InMemoryEnd
    package let responder: InMemoryEnd

    init(_ transport: InMemoryTransport, initiator handler: any ExchangeHandler) {
        initiator = InMemoryEnd(transport)
        responder = InMemoryEnd(transport)
        initiator.handler = handler
        initiator.other = responder
        responder.other = initiator
        responder.acceptor = transport.acceptor
    }

    package var ends: [InMemoryEnd] { [initiator, responder] }
    /// The request's and the response's.
    package var heads: [Fields] { ends.flatMap(\.heads) }

    /// The transport loses it.
    package func breakOff(_ failure: Failure) {
        for end in ends { end.finish(.failed(failure)) }
    }
}

/// One end: what it sends waits until the other end's window lets it pass.
///
/// It keeps the law of `Exchange` and stops the process when its user breaks it: a send after the end, more consumed than
/// was heard.
package final class InMemoryEnd: ExchangeStream {
    private enum Item {
        case head(Fields, end: Bool)
        case chunk(Chunk, end: Bool)
        case trailers(Fields)
    }

    /// The ends hold each other until the exchange is over.
    fileprivate var other: InMemoryEnd?
    package fileprivate(set) var handler: (any ExchangeHandler)?
    fileprivate var acceptor: (any Acceptor)?
    private let transport: InMemoryTransport
    private var queue = Deque<Item>()
    private var queued = 0
    /// What may be sent before the other end consumes.
    private var credit: Int
    private var lacksRoom = false
    private var hasSentEnd = false
    private var hasHeardEnd = false
    /// What a test looks at: how it ended, which resets were sent here, what is heard and not consumed, the most that was
    /// ever queued, all that was sent.
    package private(set) var endings: [Ending] = []
    package private(set) var resets: [ResetCode] = []
    package private(set) var held = 0
    package private(set) var mostQueued = 0
    package private(set) var sentBytes = 0
    package private(set) var heads: [Fields] = []

    init(_ transport: InMemoryTransport) {
        self.transport = transport
        credit = transport.window
    }

    package var executor: any TaskExecutor { transport.executor }
    package var isOver: Bool { !endings.isEmpty }

    package var room: Int {
        let room = isOver ? 0 : transport.window - queued
        if room <= 0 { lacksRoom = true }
        return room
    }

    // MARK: What this end does

    package func send(head: Fields, end: Bool) {
        heads.append(head)
        enqueue(.head(head, end: end), end)
    }

    package func send(trailers: Fields) { enqueue(.trailers(trailers), true) }

    package func send(_ chunk: Chunk, end: Bool) {
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
        transport.later { self.pump() }
    }

    package func consume(_ count: Int) {
        guard !isOver else { return }
        precondition(count <= held, "more is consumed than was heard")
        held -= count
        guard let other else { return }
        other.credit += count
        transport.later { other.pump() }
    }

    package func reset(_ code: ResetCode) {
        guard !isOver else { return }
        resets.append(code)
        let other = other
        transport.later {
            // A responder that has answered may ask for no more (RFC 9113 §8.1): that is no failure.
            let isAnswered = code == .noError && other?.hasHeardEnd == true
            let failure = Failure(.receive, .peerReset, detail: "reset by the peer", code: code)
            other?.finish(isAnswered ? .complete : .failed(failure))
        }
        finish(.failed(Failure(.send, .cancelled, detail: "reset here", code: code)))
    }

    // MARK: What it hears

    fileprivate func finish(_ ending: Ending) {
        guard !isOver else { return }
        endings.append(ending)
        queue.removeAll()
        other = nil
        let handler = handler
        self.handler = nil
        handler?.ended(ending)
    }

    /// Delivers what the window allows.
    private func pump() {
        while !isOver, let other, let item = queue.first {
            switch item {
            case .head(let fields, let end):
                queue.removeFirst()
                other.hear(fields, end)
            case .trailers(let fields):
                queue.removeFirst()
                other.hasHeardEnd = true
                other.handler?.heard(trailers: fields)
            case .chunk(let chunk, let end):
                guard pass(chunk, end: end, to: other) else { return }
            }
        }
        finishIfBothEnded()
    }

    /// Hands on one piece. Answers false if the other end's window is closed.
    private func pass(_ chunk: Chunk, end: Bool, to other: InMemoryEnd) -> Bool {
        var chunk = chunk
        let count = min(chunk.count, credit, transport.pieceSize)
        if count == 0, !chunk.isEmpty { return false }
        credit -= count
        queued -= count
        let piece = chunk.takePrefix(count)
        if chunk.isEmpty { queue.removeFirst() } else { queue[0] = .chunk(chunk, end: end) }
        let isEnd = chunk.isEmpty && end
        other.held += count
        if isEnd { other.hasHeardEnd = true }
        other.handler?.heard(piece, end: isEnd)
        if lacksRoom, queued < transport.window {
            lacksRoom = false
            handler?.hasRoom()
        }
        return true
    }

    private func finishIfBothEnded() {
        guard !isOver, hasSentEnd, hasHeardEnd, queue.isEmpty, let other, other.queue.isEmpty, other.hasHeardEnd else {
            return
        }
        finish(.complete)
        other.finish(.complete)
    }

    private func hear(_ fields: Fields, _ end: Bool) {
        hasHeardEnd = end
        guard let acceptor else {
            handler?.heard(head: fields, end: end)
            return
        }
        self.acceptor = nil
        let handler = acceptor.accept(fields, end: end, from: transport.peer, on: self)
        if let ending = endings.first {
            handler.ended(ending)
        } else {
            self.handler = handler
        }
    }
}
