import Bytes
import Exchange
import Reactor

// MARK: - Beginning exchanges

extension ConnectionPool {
    /// An exchange has its head: it goes on a connection, or waits for one, or fails.
    func begin(_ stream: HTTP2Stream, head: Fields, end: Bool) {
        if waitingCount == 0, let connection = connectionWithCapacity(), connection.open(stream, head: head, end: end) {
            return
        }
        guard !isDraining else {
            fail(stream, drainingFailure)
            return
        }
        guard waitingCount < limits.maxPending else {
            fail(
                stream,
                Failure(
                    .queue, .queueFull, subject: address.description,
                    detail: "\(limits.maxPending) exchanges wait for a connection already", reach: .neverSent))
            return
        }
        if ready.isEmpty, dial == nil, retry != nil, let lastFailure, !stream.marks.contains(.waitsForReady) {
            fail(stream, lastFailure)
            return
        }
        stream.held = HeldExchange(head: head, end: end)
        queue.append(stream)
        waitingCount += 1
        dialIfUseful()
        updateState()
    }

    /// An exchange leaves before it was on a connection.
    func leave(_ stream: HTTP2Stream, _ code: ResetCode) {
        if stream.held != nil {
            waitingCount -= 1
            queue.removeAll { $0 === stream }
        }
        let failure = Failure(
            .queue, .cancelled, subject: address.description, detail: "this side gave the exchange up",
            reach: .neverSent, code: code)
        fail(stream, failure)
    }

    /// The handler hears it later in this turn: nobody hears an end while its owner still sends.
    private func fail(_ stream: HTTP2Stream, _ failure: Failure) {
        neverStarted += 1
        guard stream.leave(.failed(failure)) else { return }
        let ending = LateEnding(stream: stream, failure: failure)
        loop.execute { ending.tell() }
    }

    /// The oldest one that has room: so the younger ones run empty when they are not needed.
    private func connectionWithCapacity() -> HTTP2Connection? {
        for connection in ready where connection.hasCapacity { return connection }
        return nil
    }

    func serveWaiting() {
        guard waitingCount > 0 else { return }
        var served = 0
        for stream in queue {
            guard let held = stream.held else {
                served += 1
                continue
            }
            guard let connection = connectionWithCapacity() else { break }
            let endsWithHead = held.hasEnd && held.chunks.isEmpty && held.trailers == nil
            guard connection.open(stream, head: held.head, end: endsWithHead) else { break }
            served += 1
            waitingCount -= 1
            // A sender that was held stays held: the session's high mark is the same, and it says when there is room.
            held.replay(on: stream)
        }
        queue.removeFirst(served)
        if waitingCount > 0 { dialIfUseful() }
    }

    func failWaiting(_ failure: Failure, where condition: (HTTP2Stream) -> Bool) {
        let failed = queue.filter(condition)
        queue.removeAll(where: condition)
        waitingCount = queue.count
        for stream in failed { fail(stream, failure) }
    }
}

/// An ending on its way to its stream's handler.
private final class LateEnding: @unchecked Sendable {  // made and told on one loop
    private let stream: HTTP2Stream
    private let failure: Failure

    init(stream: HTTP2Stream, failure: Failure) {
        self.stream = stream
        self.failure = failure
    }

    func tell() {
        stream.tell(.failed(failure))
    }
}

/// What an exchange has sent while it stands in a pool's queue.
final class HeldExchange {
    let head: Fields
    private(set) var chunks: [Chunk] = []
    var trailers: Fields?
    var hasEnd: Bool
    private(set) var byteCount = 0

    init(head: Fields, end: Bool) {
        self.head = head
        hasEnd = end
    }

    func append(_ chunk: Chunk, end: Bool) {
        byteCount += chunk.count
        chunks.append(chunk)
        if end { hasEnd = true }
    }

    /// Sends what was held back; the head is on its way.
    fileprivate func replay(on stream: HTTP2Stream) {
        for (index, chunk) in chunks.enumerated() {
            let isLast = index == chunks.count - 1
            stream.send(chunk, end: isLast && hasEnd && trailers == nil)
        }
        if let trailers { stream.send(trailers: trailers) }
    }
}
