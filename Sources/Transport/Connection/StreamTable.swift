/// The streams of a connection by their id.
///
/// Ids grow by two, so the low bits of half the id are a perfect place while few streams are open at once; a stream that
/// lives long enough for another to want its place sends that one to a dictionary. A probing table was measured to scan
/// whole clusters on such ids (research/dataplane.md, pitfall 7). An idle connection's table owns no memory.
struct StreamTable {
    private var slots: [HTTP2Stream?] = []
    private var mask = 0
    private var overflow: [Int32: HTTP2Stream] = [:]
    private(set) var count = 0

    private static let minimumSlots = 8
    /// Slots grow up to this: more streams than that share the dictionary.
    private static let maximumSlots = 1024

    subscript(id: Int32) -> HTTP2Stream? {
        guard count > 0 else { return nil }
        if let stream = slots[Int(id >> 1) & mask], stream.id == id { return stream }
        return overflow.isEmpty ? nil : overflow[id]
    }

    /// Every stream, in no order.
    var all: [HTTP2Stream] { slots.compactMap { $0 } + overflow.values }

    mutating func insert(_ stream: HTTP2Stream) {
        if count >= slots.count / 2, slots.count < StreamTable.maximumSlots { grow() }
        count += 1
        place(stream)
    }

    mutating func remove(_ id: Int32) -> HTTP2Stream? {
        guard count > 0 else { return nil }
        let index = Int(id >> 1) & mask
        if let stream = slots[index], stream.id == id {
            slots[index] = nil
            count -= 1
            return stream
        }
        guard !overflow.isEmpty, let stream = overflow.removeValue(forKey: id) else { return nil }
        count -= 1
        return stream
    }

    /// Takes every stream out for which `condition` holds, the oldest first.
    mutating func takeAll(where condition: (HTTP2Stream) -> Bool = { _ in true }) -> [HTTP2Stream] {
        let taken = all.filter(condition).sorted { $0.id < $1.id }
        for stream in taken { _ = remove(stream.id) }
        return taken
    }

    /// Gives the memory of an empty table back.
    mutating func trim() {
        guard count == 0 else { return }
        slots = []
        overflow = [:]
        mask = 0
    }

    private mutating func place(_ stream: HTTP2Stream) {
        let index = Int(stream.id >> 1) & mask
        if slots[index] == nil {
            slots[index] = stream
        } else {
            overflow[stream.id] = stream
        }
    }

    private mutating func grow() {
        let all = self.all
        overflow.removeAll()
        slots = Array(repeating: nil, count: max(StreamTable.minimumSlots, slots.count * 4))
        mask = slots.count - 1
        for stream in all { place(stream) }
    }
}
