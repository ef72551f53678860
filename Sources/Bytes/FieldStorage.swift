extension Fields {
    /// The one block of memory behind a list: bytes grow from its front, entries from its end, towards each other.
    ///
    ///     ┌────────┬──────────────┬────────┬───────────────────────┐
    ///     │ extent │ bytes ──▶    │  room  │    ◀── entries: 2 1 0  │
    ///     └────────┴──────────────┴────────┴───────────────────────┘
    ///
    /// One allocation a list instead of two, and none for an empty one; whichever of the two needs more takes the room.
    /// The extent lies in the block and not in the object, as Swift checks each access to a class's own properties for
    /// exclusivity while the program runs: measured, a fifth of the time of a decoder.
    @usableFromInline
    final class Storage: ManagedBuffer<Void, UInt64> {
        @inlinable
        static func holding(_ capacity: Int) -> Storage {
            let words = (capacity + 7) / 8
            let made = create(minimumCapacity: words + MemoryLayout<Extent>.stride / 8) { _ in }
            let storage = unsafeDowncast(made, to: Storage.self)
            storage.extent.initialize(to: Extent(capacity: Int32(words * 8)))
            return storage
        }

        @inlinable
        var extent: UnsafeMutablePointer<Extent> {
            withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Extent.self) }
        }

        @inlinable var block: Block { Block(extent: extent) }
        @inlinable var base: UnsafeMutablePointer<UInt8> { block.base }
        @inlinable var top: UnsafeMutablePointer<Entry> { block.top }
        @inlinable var room: Int { extent.pointee.room }

        @inlinable
        subscript(index: Int) -> Entry {
            get { block[index] }
            set { block[index] = newValue }
        }

        /// Puts an entry behind the others; there must be room.
        @inlinable
        func add(_ entry: Entry) {
            precondition(room >= MemoryLayout<Entry>.stride, "an entry needs room")
            extent.pointee.count += 1
            top[-Int(extent.pointee.count)] = entry
        }
    }

    /// A storage's memory without the storage: looking at it counts no references. Whoever looks holds the list.
    @usableFromInline
    struct Block {
        @usableFromInline let extent: UnsafeMutablePointer<Extent>

        @inlinable
        init(extent: UnsafeMutablePointer<Extent>) {
            self.extent = extent
        }

        @inlinable var count: Int { Int(extent.pointee.count) }

        @inlinable
        var base: UnsafeMutablePointer<UInt8> {
            UnsafeMutableRawPointer(extent + 1).assumingMemoryBound(to: UInt8.self)
        }

        /// One past the first entry: the entry at `index` lies `index + 1` before it.
        @inlinable
        var top: UnsafeMutablePointer<Entry> {
            UnsafeMutableRawPointer(base + Int(extent.pointee.capacity)).assumingMemoryBound(to: Entry.self)
        }

        @inlinable
        subscript(index: Int) -> Entry {
            get {
                precondition(index >= 0 && index < Int(extent.pointee.count), "there is no such field")
                return top[-1 - index]
            }
            nonmutating set {
                precondition(index >= 0 && index < Int(extent.pointee.count), "there is no such field")
                top[-1 - index] = newValue
            }
        }
    }

    @inlinable
    var block: Block? {
        guard let storage else { return nil }
        return Unmanaged.passUnretained(storage)._withUnsafeGuaranteedRef { $0.block }
    }

    /// How much of a block is in use.
    @usableFromInline
    struct Extent {
        @usableFromInline var count: Int32 = 0
        @usableFromInline var used: Int32 = 0
        /// Used bytes that belong to no field any more.
        @usableFromInline var unused: Int32 = 0
        @usableFromInline let capacity: Int32

        @inlinable
        init(capacity: Int32) {
            self.capacity = capacity
        }

        @inlinable
        var listSize: Int { Int(used) - Int(unused) + 32 * Int(count) }

        @inlinable
        var room: Int { Int(capacity) - Int(used) - Int(count) * MemoryLayout<Entry>.stride }
    }

    /// Where a field lies, and what is known about it.
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline var identity: UInt64
        @usableFromInline var start: Int32
        @usableFromInline var nameLength: Int32
        @usableFromInline var valueLength: Int32
        @usableFromInline var name: Name
        @usableFromInline var isSensitive: Bool

        @inlinable
        init(
            identity: UInt64 = 0, start: Int, nameLength: Int, valueLength: Int, name: Name, isSensitive: Bool = false
        ) {
            self.identity = identity
            self.start = Int32(start)
            self.nameLength = Int32(nameLength)
            self.valueLength = Int32(valueLength)
            self.name = name
            self.isSensitive = isSensitive
        }

        /// The bytes of name and value together.
        @inlinable var length: Int { Int(nameLength) + Int(valueLength) }
    }

    /// What a block holds at first: a call's head fits as a rule, trailers always.
    @usableFromInline static var smallestBlock: Int { 128 }

    /// Makes the block this list's own, with room for as many bytes and entries more. The `staged` bytes behind the used
    /// ones are kept as well.
    @inlinable
    mutating func makeRoom(bytes: Int, entries: Int, staged: Int = 0) -> Storage {
        let needed = bytes + entries * MemoryLayout<Entry>.stride
        // Asked before `storage` is held a second time by a name of ours.
        if isKnownUniquelyReferenced(&storage), let storage, storage.room >= needed { return storage }
        return moveToLarger(needed, staged: staged)
    }

    @usableFromInline
    mutating func moveToLarger(_ needed: Int, staged: Int) -> Storage {
        guard let old = storage else {
            let made = Storage.holding(Swift.max(Fields.smallestBlock, needed))
            storage = made
            return made
        }
        let occupied = Int(old.extent.pointee.capacity) - old.room
        // Twice what is held, so that adding one field after another costs a constant time each.
        let made = Storage.holding(Swift.max(occupied + needed, old.room < needed ? 2 * occupied : 0))
        let count = Int(old.extent.pointee.count)
        made.extent.pointee.count = old.extent.pointee.count
        made.extent.pointee.used = old.extent.pointee.used
        made.extent.pointee.unused = old.extent.pointee.unused
        made.base.update(from: old.base, count: Int(old.extent.pointee.used) + Swift.min(staged, old.room))
        (made.top - count).update(from: old.top - count, count: count)
        storage = made
        return made
    }

    /// The block for changes in place, this list's own; nil if the list is empty.
    @inlinable
    mutating func ownBlock() -> Storage? {
        storage == nil ? nil : makeRoom(bytes: 0, entries: 0)
    }
}
