/// What a `StreamTable` keeps.
protocol TabledStream: ~Copyable {
    init(id: Int32)
    var id: Int32 { get }
    /// The next stream in the same bucket.
    var next: UnsafeMutablePointer<Self>? { get set }
}

/// The streams of a connection by id: buckets of short chains.
///
/// Ids count up by two, so `id / 2` spreads them over the buckets without a collision until there are more streams than
/// buckets. Chains, and not probing: with sequential ids, removal by backward shift walks the whole cluster.
///
/// Streams live in memory of their own, so that reaching one costs no reference count and no exclusivity check. Memory of
/// ended ones is kept for the next ones in a list without their values: what they held is let go of at once.
struct StreamTable<Stream: TabledStream & ~Copyable>: ~Copyable {
    typealias Pointer = UnsafeMutablePointer<Stream>

    private var buckets: UnsafeMutablePointer<Pointer?>
    private var mask: Int32
    private(set) var count = 0
    /// Memory for streams; the first word of each is the address of the next.
    private var free: UnsafeMutableRawPointer?
    private var freeCount = 0

    /// Streams whose memory is kept for the next ones: a batch of calls as one read brings it.
    private static var keptFree: Int { 32 }
    private static var fewestBuckets: Int { 8 }

    init() {
        buckets = .allocate(capacity: Self.fewestBuckets)
        buckets.initialize(repeating: nil, count: Self.fewestBuckets)
        mask = Int32(Self.fewestBuckets - 1)
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
        while let memory = unused {
            unused = memory.load(as: UnsafeMutableRawPointer?.self)
            memory.deallocate()
        }
    }

    func find(_ id: Int32) -> Pointer? {
        var next = buckets[Int((id >> 1) & mask)]
        while let stream = next {
            if stream.pointee.id == id { return stream }
            next = stream.pointee.next
        }
        return nil
    }

    mutating func insert(_ id: Int32) -> Pointer {
        if count > Int(mask) { grow() }
        let stream: Pointer
        if let reused = free {
            free = reused.load(as: UnsafeMutableRawPointer?.self)
            freeCount -= 1
            stream = reused.assumingMemoryBound(to: Stream.self)
        } else {
            stream = .allocate(capacity: 1)
        }
        stream.initialize(to: Stream(id: id))
        let bucket = buckets + Int((id >> 1) & mask)
        stream.pointee.next = bucket.pointee
        bucket.pointee = stream
        count += 1
        return stream
    }

    mutating func remove(_ stream: Pointer) {
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
        stream.deinitialize(count: 1)
        guard freeCount < Self.keptFree else { return stream.deallocate() }
        let memory = UnsafeMutableRawPointer(stream)
        memory.storeBytes(of: free, as: UnsafeMutableRawPointer?.self)
        free = memory
        freeCount += 1
    }

    /// Runs `body` on every stream, in no order. It may not add or remove any.
    func forEach(_ body: (Pointer) -> Void) {
        for index in 0...Int(mask) {
            var next = buckets[index]
            while let stream = next {
                next = stream.pointee.next
                body(stream)
            }
        }
    }

    /// Gives the memory back that is kept for streams to come, if there are none now.
    mutating func trim() {
        if count == 0 { removeAll() }
    }

    mutating func removeAll() {
        self = StreamTable()
    }

    private mutating func grow() {
        let larger = (Int(mask) + 1) * 2
        let memory = UnsafeMutablePointer<Pointer?>.allocate(capacity: larger)
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
