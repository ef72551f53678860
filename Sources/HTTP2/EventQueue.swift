/// Events between the engine and whoever takes them: a ring that is reused, so that an event costs no allocation.
struct EventQueue: ~Copyable {
    private var slots: UnsafeMutablePointer<HTTP2Event>?
    private var capacity = 0
    private var head = 0
    private(set) var count = 0

    /// Up to this many slots are kept when the queue runs empty: what a batch of some thirty calls makes. More goes back.
    private static let keptCapacity = 128

    init() {}

    deinit {
        for offset in 0..<count {
            (slots! + ((head + offset) & (capacity - 1))).deinitialize(count: 1)
        }
        slots?.deallocate()
    }

    mutating func append(_ event: consuming HTTP2Event) {
        if count == capacity { grow() }
        (slots! + ((head + count) & (capacity - 1))).initialize(to: event)
        count += 1
    }

    mutating func popFirst() -> HTTP2Event? {
        guard count > 0 else { return nil }
        let event = (slots! + head).move()
        head = (head + 1) & (capacity - 1)
        count -= 1
        if count == 0, capacity > Self.keptCapacity { trim() }
        return event
    }

    /// Gives the memory back, if there are no events.
    mutating func trim() {
        guard count == 0 else { return }
        slots?.deallocate()
        slots = nil
        capacity = 0
        head = 0
    }

    /// Marks the last event as the end of `stream`, if it is a chunk of it; answers whether it was.
    mutating func endLastChunk(of stream: Int32) -> Bool {
        guard count > 0 else { return false }
        let last = slots! + ((head + count - 1) & (capacity - 1))
        guard case .chunk(stream, let chunk, end: false) = last.pointee else { return false }
        last.pointee = .chunk(stream, chunk, end: true)
        return true
    }

    /// The slots exist wherever `count` or `capacity` is above 0, which is what the `!` of this type rest on.
    private mutating func grow() {
        let larger = max(16, capacity * 2)
        let memory = UnsafeMutablePointer<HTTP2Event>.allocate(capacity: larger)
        if let slots {
            let upper = min(count, capacity - head)
            memory.moveInitialize(from: slots + head, count: upper)
            (memory + upper).moveInitialize(from: slots, count: count - upper)
            slots.deallocate()
        }
        slots = memory
        capacity = larger
        head = 0
    }
}
