import Bytes
import Synchronization

/// Bounds what the calls of a process keep of their requests, all together.
///
/// Many calls that each keep little are a lot: past the bound calls go on without a copy to repeat them with, and a call
/// that must keep bytes, because it waits for its turn, is refused (DESIGN §6, "buffers").
public final class ReplayBudget: Sendable {
    public static let process = ReplayBudget()

    public let limit: Int
    /// What one call may keep.
    public let perCall: Int
    private let used = Atomic<Int>(0)

    public init(limit: Int = 64 << 20, perCall: Int = 64 << 10) {
        self.limit = limit
        self.perCall = perCall
    }

    public var bytesInUse: Int { used.load(ordering: .relaxed) }

    /// Whether so many more bytes may be kept; if so, they are.
    func take(_ count: Int) -> Bool {
        if used.add(count, ordering: .relaxed).newValue <= limit { return true }
        used.subtract(count, ordering: .relaxed)
        return false
    }

    func give(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }
}

/// The body of one call's request: what an attempt has yet to send, and, while the call may be repeated, all of it.
///
///     [ sent, kept for the next attempt ][ not sent yet ] ── end (with trailers or without)
///                                       ▲ cursor
///
/// Each attempt begins at the front. Past the budget's bound for one call, 64 KiB if nobody says otherwise, the call goes on and is no longer repeatable: what was sent is dropped.
/// Bytes are the caller's to send again when they are *passed on first*, not when a later attempt sends them once more.
struct ReplayBuffer: ~Copyable {
    enum Part {
        case chunk(Chunk, end: Bool, isFirstTime: Bool)
        case trailers(Fields)
    }

    enum Appended {
        case kept
        /// The process keeps too much already, and these bytes cannot be sent yet.
        case noRoom
    }

    private let budget: ReplayBudget
    private var chunks = ChunkList()
    private var cursor = 0
    /// How many chunks, from the front of `chunks`, some attempt has sent: their bytes were given back to the caller.
    private var passed = 0
    private var bytes = 0
    private var trailers: Fields?
    /// The caller has sent its end.
    private(set) var hasEnd = false
    /// The current attempt has sent the end.
    private(set) var sentEnd = false
    /// Everything that the caller sent so far is here.
    private(set) var isReplayable: Bool

    init(keeps: Bool, budget: ReplayBudget) {
        isReplayable = keeps
        self.budget = budget
    }

    deinit {
        if bytes > 0 { budget.give(bytes) }
    }

    /// The caller's request is its head alone, as far as is known.
    var isEmptyAndEnded: Bool { hasEnd && chunks.isEmpty && trailers == nil }

    /// The bytes that nobody has passed on yet: the caller's window is closed by so much.
    var heldBytes: Int { chunks.byteCount(passed..<chunks.count) }

    mutating func append(_ chunk: Chunk, end: Bool) -> Appended {
        if end { hasEnd = true }
        if chunk.isEmpty && !(end && cursor == chunks.count) { return .kept }
        if isReplayable, bytes + chunk.count > budget.perCall { giveUpReplay() }
        if !budget.take(chunk.count) {
            giveUpReplay()
            guard budget.take(chunk.count) else { return .noRoom }
        }
        bytes += chunk.count
        chunks.append(chunk)
        return .kept
    }

    mutating func append(trailers: Fields) {
        self.trailers = trailers
        hasEnd = true
    }

    mutating func endWithHead() {
        hasEnd = true
    }

    /// The current attempt has something to send.
    var hasNext: Bool { cursor < chunks.count || hasEnd && !sentEnd && trailers != nil }

    /// Takes what the current attempt is to send next. nil: nothing for now, or all was sent.
    mutating func next() -> Part? {
        guard cursor < chunks.count else {
            guard hasEnd, !sentEnd, let trailers else { return nil }
            sentEnd = true
            return .trailers(trailers)
        }
        let chunk = chunks[cursor]
        let isFirstTime = cursor >= passed
        cursor += 1
        passed = max(passed, cursor)
        let isEnd = hasEnd && trailers == nil && cursor == chunks.count
        if isEnd { sentEnd = true }
        if !isReplayable { dropSent() }
        return .chunk(chunk, end: isEnd, isFirstTime: isFirstTime)
    }

    /// Bytes need not be kept, and nothing stands before those that come now: they may be sent at once.
    var mayPassStraight: Bool { !isReplayable && cursor == chunks.count }

    /// Bytes went the short way.
    mutating func passStraight(end: Bool) {
        guard end else { return }
        hasEnd = true
        sentEnd = true
    }

    /// The current attempt has sent the end with its head.
    mutating func sentEndWithHead() {
        sentEnd = true
    }

    /// A new attempt begins with the first byte.
    mutating func rewind() {
        precondition(isReplayable, "only a request that is kept whole can be sent again")
        cursor = 0
        sentEnd = false
    }

    /// The call will not be repeated: what was sent is not needed any more.
    mutating func giveUpReplay() {
        guard isReplayable else { return }
        isReplayable = false
        dropSent()
    }

    private mutating func dropSent() {
        guard cursor > 0 else { return }
        let dropped = chunks.byteCount(0..<cursor)
        chunks.removeFirst(cursor)
        passed -= cursor
        cursor = 0
        bytes -= dropped
        budget.give(dropped)
    }
}

/// Chunks in their order: of most requests there is one, which takes no array.
private struct ChunkList {
    private var first: Chunk?
    private var rest: [Chunk] = []

    var isEmpty: Bool { first == nil }
    var count: Int { first == nil ? 0 : 1 + rest.count }

    subscript(index: Int) -> Chunk {
        if index > 0 { return rest[index - 1] }
        guard let first else { preconditionFailure("there is no such chunk") }
        return first
    }

    func byteCount(_ range: Range<Int>) -> Int {
        var bytes = 0
        for index in range { bytes += self[index].count }
        return bytes
    }

    mutating func append(_ chunk: Chunk) {
        if first == nil { first = chunk } else { rest.append(chunk) }
    }

    /// Drops the first `dropped`, which must be there.
    mutating func removeFirst(_ dropped: Int) {
        guard dropped > 0 else { return }
        guard dropped < count else {
            first = nil
            rest.removeAll(keepingCapacity: true)
            return
        }
        first = rest[dropped - 1]
        rest.removeFirst(dropped)
    }
}
