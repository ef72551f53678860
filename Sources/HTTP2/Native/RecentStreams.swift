/// The ids of streams that ended in a certain way, the latest of them.
///
/// What a peer may still send on a closed stream depends on how it was closed (RFC 9113 §5.1), and nobody can remember all.
/// A forgotten id is judged leniently: `mayHave` says for which ids that must be.
struct RecentStreams: ~Copyable {
    private var ids: UnsafeMutablePointer<Int32>?
    private let capacity: Int
    private var count = 0
    private var nextPlace = 0
    /// The highest id that had to be forgotten.
    private var forgotten: Int32 = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    deinit {
        ids?.deallocate()
    }

    mutating func insert(_ id: Int32) {
        if ids == nil {
            // Few connections ever need one of these lists.
            ids = .allocate(capacity: capacity)
        }
        guard let ids else { return }
        if count == capacity {
            forgotten = max(forgotten, ids[nextPlace])
        } else {
            count += 1
        }
        ids[nextPlace] = id
        nextPlace = nextPlace + 1 == capacity ? 0 : nextPlace + 1
    }

    func has(_ id: Int32) -> Bool {
        guard let ids else { return false }
        for index in 0..<count where ids[index] == id { return true }
        return false
    }

    /// The id is in the list, or may have been.
    func mayHave(_ id: Int32) -> Bool { id <= forgotten || has(id) }
}
