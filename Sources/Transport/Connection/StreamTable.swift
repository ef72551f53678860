/// The streams of a connection by their id.
///
/// Ids grow by two, so the low bits of half the id are a perfect place while few streams are open at once; a stream that
/// lives long enough for another to want its place sends that one to a dictionary. A probing table was measured to scan
/// whole clusters on such ids (research/dataplane.md, pitfall 7). An idle connection's table owns no memory.
///
/// The table holds each stream by one counted reference, and hands out uncounted ones: each frame of each call looks its
/// stream up, and whoever takes one out keeps it until the turn's end (`Loop.retire`).
struct StreamTable: ~Copyable {
    typealias Slot = Unmanaged<HTTP2Stream>?

    private var slots: UnsafeMutablePointer<Slot>?
    private var mask = -1
    private var overflow: [Int32: HTTP2Stream] = [:]
    private(set) var count = 0

    private static let minimumSlots = 8
    /// Slots grow up to this: more streams than that share the dictionary.
    private static let maximumSlots = 1024

    init() {}

    deinit {
        for index in 0..<mask + 1 { slots?[index]?.release() }
        slots?.deallocate()
    }

    /// The stream, good while it is in the table, and to the end of the turn in which it left.
    @inline(__always)
    func find(_ id: Int32) -> Unmanaged<HTTP2Stream>? {
        guard let slots else { return nil }
        if let stream = slots[Int(id >> 1) & mask], stream._withUnsafeGuaranteedRef({ $0.id == id }) { return stream }
        return overflow.isEmpty ? nil : overflow[id].map(Unmanaged.passUnretained)
    }

    subscript(id: Int32) -> HTTP2Stream? { find(id)?.takeUnretainedValue() }

    /// Every stream, in no order.
    var all: [HTTP2Stream] {
        (0..<mask + 1).compactMap { slots?[$0]?.takeUnretainedValue() } + overflow.values
    }

    /// Holds the stream from here on.
    mutating func insert(_ stream: consuming HTTP2Stream) {
        if count >= (mask + 1) / 2, mask + 1 < StreamTable.maximumSlots { grow() }
        count += 1
        place(stream)
    }

    mutating func remove(_ id: Int32) -> HTTP2Stream? {
        guard count > 0, let slots else { return nil }
        let slot = slots + (Int(id >> 1) & mask)
        if let stream = slot.pointee, stream._withUnsafeGuaranteedRef({ $0.id == id }) {
            slot.pointee = nil
            count -= 1
            return stream.takeRetainedValue()
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
        slots?.deallocate()
        slots = nil
        overflow = [:]
        mask = -1
    }

    private mutating func place(_ stream: consuming HTTP2Stream) {
        guard let slots else { preconditionFailure("a table with streams has slots") }
        let slot = slots + (Int(stream.id >> 1) & mask)
        if slot.pointee == nil {
            slot.pointee = .passRetained(stream)
        } else {
            overflow[stream.id] = stream
        }
    }

    private mutating func grow() {
        let all = self.all
        let larger = max(StreamTable.minimumSlots, (mask + 1) * 4)
        for index in 0..<mask + 1 { slots?[index]?.release() }
        slots?.deallocate()
        slots = .allocate(capacity: larger)
        slots?.initialize(repeating: nil, count: larger)
        overflow.removeAll()
        mask = larger - 1
        for stream in all { place(stream) }
    }
}
