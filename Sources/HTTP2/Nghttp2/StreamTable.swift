import Bytes

/// One stream as the engine sees it, from its first header field or `openStream` to its end.
struct StreamState {
    let id: Int32
    /// The next stream in the same bucket, or in the list of free ones.
    var next: StreamPointer?

    /// The header block that is coming in.
    var block = Fields()
    var outbound = OutboundQueue()
    /// Trailers that wait behind `outbound`.
    var trailers: Fields?
    /// Bytes that were handed out and not consumed.
    var unconsumed = 0

    /// Whoever uses the session knows of the stream, so it must hear of its end.
    var isAnnounced = false
    /// The peer's (final) head came: the next block is trailers.
    var hasHead = false
    /// The block is too large: drop it, the stream is being reset.
    var isRefused = false
    /// We want no more of what the peer sends: a reset with NO_ERROR waits for our end to be sent.
    var isDeaf = false
    var wasResetByPeer = false
    /// The peer's fault on this stream was counted.
    var isFaulty = false
    /// Our final head was submitted.
    var didSendHead = false
    /// Nothing may be queued any more.
    var didQueueEnd = false
    var didSendEnd = false
    /// The library stopped asking for data and must be told when there is some.
    var isDeferred = false
    /// `outbound` reached the high mark and has not been down at the low one since.
    var isFull = false

    init(id: Int32) {
        self.id = id
    }
}

/// Streams live in memory of their own, so that reaching one costs no reference count and no exclusivity check.
typealias StreamPointer = UnsafeMutablePointer<StreamState>

/// The streams of a connection by id: buckets of short chains.
///
/// Ids count up by two, so `id / 2` spreads them over the buckets without a collision until there are more streams than
/// buckets. Chains, and not probing: with sequential ids, removal by backward shift walks the whole cluster.
struct StreamTable: ~Copyable {
    private var buckets: UnsafeMutablePointer<StreamPointer?>
    private var mask: Int32
    private(set) var count = 0
    private var free: StreamPointer?
    private var freeCount = 0

    /// Streams whose memory is kept for the next ones.
    private static let keptFree = 64

    init() {
        buckets = .allocate(capacity: 8)
        buckets.initialize(repeating: nil, count: 8)
        mask = 7
    }

    deinit {
        for index in 0...Int(mask) {
            var next = buckets[index]
            while let stream = next {
                next = stream.pointee.next
                stream.deinitialize(count: 1)
                stream.deallocate()
            }
        }
        buckets.deallocate()
        var unused = free
        while let stream = unused {
            unused = stream.pointee.next
            stream.deinitialize(count: 1)
            stream.deallocate()
        }
    }

    func find(_ id: Int32) -> StreamPointer? {
        var next = buckets[Int((id >> 1) & mask)]
        while let stream = next {
            if stream.pointee.id == id { return stream }
            next = stream.pointee.next
        }
        return nil
    }

    mutating func insert(_ id: Int32) -> StreamPointer {
        if count > Int(mask) { grow() }
        let stream: StreamPointer
        if let reused = free {
            free = reused.pointee.next
            freeCount -= 1
            stream = reused
            stream.pointee = StreamState(id: id)
        } else {
            stream = .allocate(capacity: 1)
            stream.initialize(to: StreamState(id: id))
        }
        let bucket = buckets + Int((id >> 1) & mask)
        stream.pointee.next = bucket.pointee
        bucket.pointee = stream
        count += 1
        return stream
    }

    mutating func remove(_ stream: StreamPointer) {
        let bucket = buckets + Int((stream.pointee.id >> 1) & mask)
        if bucket.pointee == stream {
            bucket.pointee = stream.pointee.next
        } else {
            var before = bucket.pointee
            while let candidate = before, candidate.pointee.next != stream { before = candidate.pointee.next }
            guard let before else { preconditionFailure("a stream was removed twice") }
            before.pointee.next = stream.pointee.next
        }
        count -= 1
        guard freeCount < Self.keptFree else {
            stream.deinitialize(count: 1)
            stream.deallocate()
            return
        }
        // Let go of chunks and fields now, not when the memory is used again.
        stream.pointee = StreamState(id: 0)
        stream.pointee.next = free
        free = stream
        freeCount += 1
    }

    mutating func removeAll() {
        self = StreamTable()
    }

    private mutating func grow() {
        let larger = (Int(mask) + 1) * 2
        let memory = UnsafeMutablePointer<StreamPointer?>.allocate(capacity: larger)
        memory.initialize(repeating: nil, count: larger)
        let largerMask = Int32(larger - 1)
        for index in 0...Int(mask) {
            var next = buckets[index]
            while let stream = next {
                next = stream.pointee.next
                let bucket = memory + Int((stream.pointee.id >> 1) & largerMask)
                stream.pointee.next = bucket.pointee
                bucket.pointee = stream
            }
        }
        buckets.deallocate()
        buckets = memory
        mask = largerMask
    }
}
