/// A protobuf map: like `Dictionary`, but it keeps the order of insertion.
///
/// Entries lie in one array: up to 16 are searched one by one, which is faster than hashing; more get an index. The
/// order makes encoding reproducible, and it makes iteration as cheap as an array's.
public struct ProtoMap<Key: ProtoMapKey, Value: Sendable & Equatable>: Sendable {
    /// Nominal, because arrays of tuples are copied and destroyed through slow generic witnesses.
    public struct Entry: Sendable, Equatable {
        public var key: Key
        public var value: Value

        @inlinable
        public init(key: Key, value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// The most entries that are searched without an index.
    @usableFromInline static var linearLimit: Int { 16 }

    @usableFromInline var stored: [Entry] = []
    /// Open addressing, a power of two of slots: each 0 or the number of an entry plus one. Nil for few entries.
    @usableFromInline var index: [UInt32]?

    @inlinable
    public init() {}

    /// In the order of insertion.
    @inlinable public var entries: [Entry] { stored }
    @inlinable public var count: Int { stored.count }
    @inlinable public var isEmpty: Bool { entries.isEmpty }
    public var keys: some Sequence<Key> { entries.lazy.map(\.key) }
    public var values: some Sequence<Value> { entries.lazy.map(\.value) }

    /// The value of `key`; assigning nil removes it.
    @inlinable
    public subscript(key: Key) -> Value? {
        get { position(of: key).map { stored[$0].value } }
        set {
            if let newValue {
                set(key, newValue)
            } else {
                removeValue(forKey: key)
            }
        }
    }

    @inlinable
    public subscript(key: Key, default fallback: @autoclosure () -> Value) -> Value {
        get { self[key] ?? fallback() }
        set { set(key, newValue) }
    }

    /// Sets the value of `key`, which keeps its place if it has one.
    @inlinable
    public mutating func set(_ key: consuming Key, _ value: consuming Value) {
        if let position = position(of: key) {
            stored[position].value = value
            return
        }
        stored.append(Entry(key: consume key, value: consume value))
        if entries.count > Self.linearLimit { indexLast() }
    }

    @inlinable
    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        guard let position = position(of: key) else { return nil }
        let value = stored.remove(at: position).value
        index = nil
        if entries.count > Self.linearLimit { rebuildIndex() }
        return value
    }

    @inlinable
    public mutating func removeAll() {
        self = ProtoMap()
    }

    @inlinable
    mutating func reserve(_ more: Int) {
        let needed = entries.count + more
        if needed > entries.capacity {
            stored.reserveCapacity(entries.isEmpty ? needed : Swift.max(needed, 2 * entries.count))
        }
    }

    @inlinable
    func position(of key: Key) -> Int? {
        if let index { return indexedPosition(of: key, in: index) }
        return stored.withUnsafeBufferPointer { entries in
            for position in 0..<entries.count where Key.same(entries[position].key, key) { return position }
            return nil
        }
    }

    @inlinable
    func indexedPosition(of key: Key, in index: [UInt32]) -> Int? {
        let mask = index.count - 1
        var slot = Self.hash(key) & mask
        while index[slot] != 0 {
            let position = Int(index[slot]) - 1
            if Key.same(entries[position].key, key) { return position }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Hashed with the process's random seed, so that foreign keys cannot be chosen to collide.
    @inlinable
    static func hash(_ key: Key) -> Int {
        var hasher = Hasher()
        Key.feed(key, to: &hasher)
        return hasher.finalize()
    }

    @inlinable
    mutating func indexLast() {
        guard let slots = index?.count, entries.count * 2 <= slots else { return rebuildIndex() }
        Self.put(entries.count - 1, under: entries[entries.count - 1].key, in: &index!)  // `slots` proved it is there
    }

    @inlinable
    mutating func rebuildIndex() {
        var slots = 64
        while slots < entries.count * 4 { slots *= 2 }
        var fresh = [UInt32](repeating: 0, count: slots)
        for position in entries.indices { Self.put(position, under: entries[position].key, in: &fresh) }
        index = fresh
    }

    @inlinable
    static func put(_ position: Int, under key: Key, in index: inout [UInt32]) {
        let mask = index.count - 1
        var slot = hash(key) & mask
        while index[slot] != 0 { slot = (slot + 1) & mask }
        index[slot] = UInt32(position + 1)
    }
}

extension ProtoMap: Sequence {
    @inlinable
    public func makeIterator() -> IndexingIterator<[Entry]> {
        stored.makeIterator()
    }

    @inlinable public var underestimatedCount: Int { entries.count }
}

extension ProtoMap: Equatable {
    /// Maps are equal if they hold the same, in any order.
    public static func == (left: ProtoMap, right: ProtoMap) -> Bool {
        guard left.count == right.count else { return false }
        return left.entries.allSatisfy { entry in right[entry.key] == entry.value }
    }
}

extension ProtoMap: ExpressibleByDictionaryLiteral {
    @inlinable
    public init(dictionaryLiteral elements: (Key, Value)...) {
        self.init(elements)
    }

    /// Of pairs; a later one replaces an earlier one with the same key.
    @inlinable
    public init(_ pairs: some Sequence<(Key, Value)>) {
        self.init()
        for (key, value) in pairs { set(key, value) }
    }
}

extension Dictionary where Key: ProtoMapKey, Value: Sendable & Equatable {
    public init(_ map: ProtoMap<Key, Value>) {
        self.init(map.entries.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
