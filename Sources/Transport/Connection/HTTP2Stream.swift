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
final class HTTP2Stream: ExchangeStream, Retired {
    /// Zero until the stream is on a connection.
    @exclusivity(unchecked) private(set) var id: Int32 = 0
    @exclusivity(unchecked) var marks: Marks = []
    /// Uncounted: a connection lets go of all its streams before it goes.
    @exclusivity(unchecked) private var place: Unmanaged<HTTP2Connection>?
    @exclusivity(unchecked) private var slot = HandlerSlot()
    /// The pool that looks for a connection, until there is one.
    @exclusivity(unchecked) private(set) var pool: ConnectionPool?
    /// What was sent before there was a connection, once the stream stands in the pool's queue.
    @exclusivity(unchecked) var held: HeldExchange?
    /// When it left its pool's queue for a connection; nil if it never stood there.
    @exclusivity(unchecked) private(set) var connectedAt: Instant?
    /// Bytes handed to the session.
    @exclusivity(unchecked) private(set) var sentBytes = 0
    /// How many of them had gone when none went any more, and since when.
    var stall: (gone: Int, since: Instant)?
    private var missed: MissedEnding?
    /// Uncounted: a loop outlives what happens on it.
    private let loop: Unmanaged<Loop>

    struct Marks: OptionSet {
        let rawValue: UInt8
        static let heardHead = Marks(rawValue: 1)
        static let heardEnd = Marks(rawValue: 2)
        static let sentEnd = Marks(rawValue: 4)
        /// Waits also while dials fail.
        static let waitsForReady = Marks(rawValue: 8)
    }

    /// An ending that came before there was a handler to hear it. An object, as endings are large and this one is rare.
    private final class MissedEnding {
        let ending: Ending
        init(_ ending: Ending) { self.ending = ending }
    }

    init(on loop: Loop) {
        self.loop = .passUnretained(loop)
    }

    init(waitingIn pool: ConnectionPool, handler: any ExchangeHandler, waitsForReady: Bool) {
        loop = .passUnretained(pool.loop)
        self.pool = pool
        slot = HandlerSlot(handler)
        if waitsForReady { marks = .waitsForReady }
    }

    var executor: any TaskExecutor { loop.takeUnretainedValue() }
    var connection: HTTP2Connection? { place?.takeUnretainedValue() }
    var isOver: Bool { place == nil && pool == nil }
    /// Who hears it, for those who look at all streams.
    var handler: (any ExchangeHandler)? { slot.counted }

    // MARK: What its owner sends

    func send(head: Fields, end: Bool) {
        if let place {
            if end { marks.insert(.sentEnd) }
            place._withUnsafeGuaranteedRef { $0.send(head: head, on: id, end: end) }
        } else if let pool, held == nil {
            pool.begin(self, head: head, end: end)
        }
    }

    func send(_ chunk: Chunk, end: Bool) {
        if let place {
            if end { marks.insert(.sentEnd) }
            sentBytes &+= chunk.count
            place._withUnsafeGuaranteedRef { $0.send(chunk, on: id, end: end) }
        } else {
            held?.append(chunk, end: end)
        }
    }

    func send(trailers: Fields) {
        if let place {
            marks.insert(.sentEnd)
            place._withUnsafeGuaranteedRef { $0.send(trailers: trailers, on: id) }
        } else if let held {
            held.trailers = trailers
            held.hasEnd = true
        }
    }

    func reset(_ code: ResetCode) {
        if let place {
            place._withUnsafeGuaranteedRef { $0.reset(self, code) }
        } else if let pool {
            pool.leave(self, code)
        }
    }

    func consume(_ count: Int) {
        place?._withUnsafeGuaranteedRef { $0.consume(count, on: id) }
    }

    var room: Int {
        if let place { return place._withUnsafeGuaranteedRef { $0.room(on: id) } }
        if let pool { return pool.limits.streamBuffer - (held?.byteCount ?? 0) }
        return 0
    }

    // MARK: What its handler hears

    func hear(head: Fields, end: Bool) {
        marks.insert(end ? [.heardHead, .heardEnd] : .heardHead)
        slot.heard(head: head, end: end)
    }

    func hear(interim head: Fields) {
        slot.heard(head: head, end: false)
    }

    func hear(_ chunk: Chunk, end: Bool) {
        if end { marks.insert(.heardEnd) }
        slot.heard(chunk, end: end)
    }

    func hear(trailers: Fields) {
        marks.insert(.heardEnd)
        slot.heard(trailers: trailers)
    }

    func hearRoom() {
        slot.hasRoom()
    }

    // MARK: Beginning and end

    /// Joins a connection that has given it an id. An accepted stream has no handler yet: its acceptor may answer, or
    /// give it up, before it returns one.
    func join(_ connection: HTTP2Connection, as id: Int32) {
        join(id: id)
        place = .passUnretained(connection)
        if pool != nil { pool = nil }
        if held != nil {
            connectedAt = loop._withUnsafeGuaranteedRef { $0.now }
            held = nil
        }
    }

    func join(id: Int32) {
        self.id = id
    }

    /// Takes the handler of an accepted stream; answers the ending that it has missed, if the stream is over already.
    func adopt(_ handler: consuming any ExchangeHandler) -> Ending? {
        slot = HandlerSlot(handler)
        return missed?.ending
    }

    /// Leaves the connection. Whoever calls must `tell` the handler; false if there is none yet, which will ask.
    func leave(_ ending: Ending) -> Bool {
        place = nil
        pool = nil
        held = nil
        if slot.isEmpty { missed = MissedEnding(ending) }
        return !slot.isEmpty
    }

    /// Says to the handler how it ended, as the last news.
    func tell(_ ending: Ending) {
        slot.ended(ending)
        loop._withUnsafeGuaranteedRef { $0.retire(self) }
    }

    func finish(_ ending: Ending) {
        if leave(ending) { tell(ending) }
    }

    func letGo() {
        slot = HandlerSlot()
    }

    /// How a failure of this stream is named: by how far its response was.
    var phase: Failure.Phase { marks.contains(.heardHead) ? .receive : .wait }
}

/// Whom a stream tells what it hears: called without counting a reference, as a value that cannot be copied is borrowed.
///
/// So nobody may empty the slot while the handler is called. A stream does so at the turn's end (`Loop.retire`).
struct HandlerSlot: ~Copyable {
    private let handler: (any ExchangeHandler)?

    init() { handler = nil }
    init(_ handler: consuming any ExchangeHandler) { self.handler = handler }

    var isEmpty: Bool { handler == nil }
    /// The handler for whoever keeps it.
    var counted: (any ExchangeHandler)? { handler }

    @inline(__always) borrowing func heard(head: Fields, end: Bool) { handler?.heard(head: head, end: end) }
    @inline(__always) borrowing func heard(_ chunk: Chunk, end: Bool) { handler?.heard(chunk, end: end) }
    @inline(__always) borrowing func heard(trailers: Fields) { handler?.heard(trailers: trailers) }
    @inline(__always) borrowing func hasRoom() { handler?.hasRoom() }
    @inline(__always) borrowing func ended(_ ending: Ending) { handler?.ended(ending) }
}
