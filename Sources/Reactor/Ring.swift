/// A queue in a ring of memory that doubles when it is full: what a loop runs next.
///
/// Elements that the caller bounds: a task is at most once in the queue, a flusher says itself whether it is in.
struct Ring<Element> {
    private var slots: UnsafeMutablePointer<Element>
    private var capacity: Int
    private var head = 0
    private(set) var count = 0

    init(capacity: Int = 256) {
        precondition(capacity & (capacity - 1) == 0, "the ring's capacity must be a power of two")
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
    }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: consuming Element) {
        if count == capacity { grow() }
        (slots + ((head &+ count) & (capacity &- 1))).initialize(to: element)
        count &+= 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = (slots + head).move()
        head = (head &+ 1) & (capacity &- 1)
        count &-= 1
        return element
    }

    /// Frees the memory; the ring must be thrown away after.
    mutating func discard() {
        while popFirst() != nil {}
        slots.deallocate()
    }

    private mutating func grow() {
        let wider = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        let tail = capacity - head
        wider.moveInitialize(from: slots + head, count: min(tail, count))
        if count > tail {
            (wider + tail).moveInitialize(from: slots, count: count - tail)
        }
        slots.deallocate()
        slots = wider
        capacity *= 2
        head = 0
    }
}
