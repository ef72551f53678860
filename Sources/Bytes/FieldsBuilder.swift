public import Glibc

/// Fills a list without asking, at each field, whose its memory is: what a decompressor works with.
///
/// It holds the block's ends as pointers of its own and writes them back when it is finished. Every write is checked
/// against the room between them.
public struct FieldsBuilder: ~Copyable {
    @usableFromInline var storage: Fields.Storage
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var top: UnsafeMutablePointer<Fields.Entry>
    @usableFromInline var extent: Fields.Extent

    /// Goes on with a list; `reserving` is how much more it will hold, as a rule.
    @inlinable
    public init(_ fields: consuming Fields, reserving expected: (fields: Int, bytes: Int) = (0, 0)) {
        storage = fields.makeRoom(bytes: expected.bytes, entries: expected.fields)
        base = storage.base
        top = storage.top
        extent = storage.extent.pointee
    }

    /// Begins a list, which `expected` is how large, as a rule.
    @inlinable
    public init(expecting expected: (fields: Int, bytes: Int)) {
        storage = Fields.Storage.holding(
            max(Fields.smallestBlock, expected.bytes + expected.fields * MemoryLayout<Fields.Entry>.stride))
        base = storage.base
        top = storage.top
        extent = storage.extent.pointee
    }

    @inlinable
    public consuming func finish() -> Fields {
        storage.extent.pointee = extent
        return Fields(storage)
    }

    @inlinable public var count: Int { Int(extent.count) }

    /// See `Fields.listSize`.
    @inlinable public var listSize: Int { extent.listSize }

    /// Adds a field whose value follows its name in `bytes`.
    @inlinable
    public mutating func append(
        _ known: Fields.Name, _ bytes: UnsafeBufferPointer<UInt8>, nameLength: Int, identity: UInt64
    ) {
        makeRoom(bytes.count + MemoryLayout<Fields.Entry>.stride, staged: 0)
        if let source = bytes.baseAddress { memcpy(base + Int(extent.used), source, bytes.count) }
        add(known, nameLength, bytes.count - nameLength, false, identity)
    }

    // MARK: Staging

    /// Room for bytes that belong to no field until `commit` says so, behind the `staged` ones that are there already.
    ///
    /// A decompressor unpacks a name and a value right where they will stay; what is not committed is forgotten. The memory
    /// is good until the builder is used again.
    @inlinable
    public mutating func stage(room: Int, after staged: Int) -> UnsafeMutableBufferPointer<UInt8> {
        precondition(staged >= 0 && staged <= extent.room, "so much was not staged")
        makeRoom(staged + room + MemoryLayout<Fields.Entry>.stride, staged: staged)
        return UnsafeMutableBufferPointer(start: base + Int(extent.used) + staged, count: room)
    }

    /// The staged bytes, which are good until the builder is used again.
    @inlinable
    public func staged(_ count: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(count >= 0 && count <= extent.room, "so much was not staged")
        return UnsafeBufferPointer(start: base + Int(extent.used), count: count)
    }

    /// Makes a field of the staged bytes.
    @inlinable
    public mutating func commit(
        _ known: Fields.Name, nameLength: Int, valueLength: Int, isSensitive: Bool, identity: UInt64
    ) {
        makeRoom(nameLength + valueLength + MemoryLayout<Fields.Entry>.stride, staged: nameLength + valueLength)
        add(known, nameLength, valueLength, isSensitive, identity)
    }

    @inlinable
    mutating func add(
        _ known: Fields.Name, _ nameLength: Int, _ valueLength: Int, _ isSensitive: Bool, _ identity: UInt64
    ) {
        let entry = Fields.Entry(
            identity: identity, start: Int(extent.used), nameLength: nameLength, valueLength: valueLength, name: known,
            isSensitive: isSensitive)
        extent.used += Int32(nameLength + valueLength)
        extent.count += 1
        precondition(extent.room >= 0, "a field needs room")
        top[-Int(extent.count)] = entry
    }

    @inlinable
    mutating func makeRoom(_ needed: Int, staged: Int) {
        if extent.room < needed { grow(needed, staged) }
    }

    @usableFromInline
    mutating func grow(_ needed: Int, _ staged: Int) {
        storage.extent.pointee = extent
        var fields = Fields(storage)
        storage = fields.moveToLarger(needed, staged: staged)
        base = storage.base
        top = storage.top
        extent = storage.extent.pointee
    }
}

/// A list's fields while its memory is held: what a compressor reads, without asking at each field whose it is.
public struct FieldsView {
    @usableFromInline let base: UnsafePointer<UInt8>
    @usableFromInline let top: UnsafePointer<Fields.Entry>
    @usableFromInline let used: Int
    public let count: Int

    @inlinable
    init(_ block: Fields.Block) {
        base = UnsafePointer(block.base)
        top = UnsafePointer(block.top)
        used = Int(block.extent.pointee.used)
        count = block.count
    }

    /// One field of the list.
    public struct Entry {
        @usableFromInline let entry: Fields.Entry
        @usableFromInline let start: UnsafePointer<UInt8>

        @inlinable
        init(entry: Fields.Entry, start: UnsafePointer<UInt8>) {
            self.entry = entry
            self.start = start
        }

        @inlinable public var known: Fields.Name { entry.name }
        @inlinable public var identity: UInt64 { entry.identity }
        @inlinable public var isSensitive: Bool { entry.isSensitive }
        @inlinable public var nameLength: Int { Int(entry.nameLength) }
        @inlinable public var name: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: nameLength) }
        @inlinable public var value: UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(start: start + nameLength, count: Int(entry.valueLength))
        }
        /// The name and the value behind it.
        @inlinable public var bytes: UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(start: start, count: entry.length)
        }
    }

    @inlinable
    public subscript(index: Int) -> Entry {
        precondition(index >= 0 && index < count, "there is no such field")
        let entry = top[-1 - index]
        precondition(entry.start >= 0 && Int(entry.start) + entry.length <= used, "a field lies in its list")
        return Entry(entry: entry, start: base + Int(entry.start))
    }
}

extension Fields {
    /// Lets `body` read the fields; the view must not leave it. An empty list has none.
    @inlinable
    public func withView(_ body: (FieldsView) -> Void) {
        guard let block else { return }
        body(FieldsView(block))
        withExtendedLifetime(self) {}
    }

    /// A view that is good for ever: of a list which the program keeps until it ends, such as HPACK's static table.
    public func makeImmortalView() -> FieldsView {
        guard let storage else { preconditionFailure("an empty list needs no view") }
        return FieldsView(Unmanaged.passRetained(storage).takeUnretainedValue().block)
    }
}
