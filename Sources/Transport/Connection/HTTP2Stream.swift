import Bytes
import Exchange
import HTTP2
import Reactor
import Timebase

/// An exchange on an HTTP/2 connection, or on its way to one.
///
///     waiting (a pool looks for a connection) ──▶ open ──▶ over
///
/// Once it is over it takes calls and ignores them.
final class HTTP2Stream: ExchangeStream {
    /// Zero until the stream is on a connection.
    @exclusivity(unchecked) private(set) var id: Int32 = 0
    @exclusivity(unchecked) private(set) var connection: HTTP2Connection?
    @exclusivity(unchecked) private(set) var handler: (any ExchangeHandler)?
    /// The pool that looks for a connection, until there is one.
    @exclusivity(unchecked) private(set) var pool: ConnectionPool?
    /// What was sent before there was a connection, once the stream stands in the pool's queue.
    @exclusivity(unchecked) var held: HeldExchange?
    @exclusivity(unchecked) var marks: Marks = []
    /// Bytes handed to the session.
    @exclusivity(unchecked) private(set) var sentBytes = 0
    /// How many of them had gone when none went any more, and since when.
    var stall: (gone: Int, since: Instant)?
    /// When it left its pool's queue for a connection; nil if it never stood there.
    @exclusivity(unchecked) private(set) var connectedAt: Instant?
    private var missedEnding: Ending?
    private let loop: Loop

    struct Marks: OptionSet {
        let rawValue: UInt8
        static let heardHead = Marks(rawValue: 1)
        static let heardEnd = Marks(rawValue: 2)
        static let sentEnd = Marks(rawValue: 4)
        /// Waits also while dials fail.
        static let waitsForReady = Marks(rawValue: 8)
    }

    init(on loop: Loop) {
        self.loop = loop
    }

    init(waitingIn pool: ConnectionPool, handler: any ExchangeHandler, waitsForReady: Bool) {
        loop = pool.loop
        self.pool = pool
        self.handler = handler
        if waitsForReady { marks = .waitsForReady }
    }

    var executor: any TaskExecutor { loop }
    var isOver: Bool { connection == nil && pool == nil }

    func send(head: Fields, end: Bool) {
        if let connection {
            if end { marks.insert(.sentEnd) }
            connection.send(head: head, on: id, end: end)
        } else if let pool, held == nil {
            pool.begin(self, head: head, end: end)
        }
    }

    func send(_ chunk: Chunk, end: Bool) {
        if let connection {
            if end { marks.insert(.sentEnd) }
            sentBytes &+= chunk.count
            connection.send(chunk, on: id, end: end)
        } else {
            held?.append(chunk, end: end)
        }
    }

    func send(trailers: Fields) {
        if let connection {
            marks.insert(.sentEnd)
            connection.send(trailers: trailers, on: id)
        } else if let held {
            held.trailers = trailers
            held.hasEnd = true
        }
    }

    func reset(_ code: ResetCode) {
        if let connection {
            connection.reset(self, code)
        } else if let pool {
            pool.leave(self, code)
        }
    }

    func consume(_ count: Int) {
        connection?.consume(count, on: id)
    }

    var room: Int {
        if let connection { return connection.room(on: id) }
        if let pool { return pool.limits.streamBuffer - (held?.byteCount ?? 0) }
        return 0
    }

    /// Joins a connection that has given it an id. An accepted stream has no handler yet: its acceptor may answer, or
    /// give it up, before it returns one.
    func join(_ connection: HTTP2Connection, as id: Int32) {
        join(id: id)
        self.connection = connection
        pool = nil
        if held != nil {
            connectedAt = loop.now
            held = nil
        }
    }

    func join(id: Int32) {
        self.id = id
    }

    /// Takes the handler of an accepted stream; answers the ending that it has missed, if the stream is over already.
    func adopt(_ handler: any ExchangeHandler) -> Ending? {
        guard connection != nil else { return missedEnding }
        self.handler = handler
        return nil
    }

    /// Leaves the connection. The handler hears its `ended` from whoever calls.
    func leave(_ ending: Ending) -> (any ExchangeHandler)? {
        connection = nil
        pool = nil
        held = nil
        guard let handler else {
            missedEnding = ending
            return nil
        }
        self.handler = nil
        return handler
    }

    func finish(_ ending: Ending) {
        leave(ending)?.ended(ending)
    }

    /// How a failure of this stream is named: by how far its response was.
    var phase: Failure.Phase { marks.contains(.heardHead) ? .receive : .wait }
}
