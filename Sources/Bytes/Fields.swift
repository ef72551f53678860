public import Glibc

/// The header or trailer fields of a message, in order, in one block of memory that copies share until one changes.
///
/// Names are lower case (RFC 9113 §8.2.1). Pseudo-header fields (`:path`, `:status`, ...) stand first, as on the wire, so
/// that a proxied block is handed on as it came. Fields that the mesh itself reads have a `Name` other than `.other`, found
/// once when the field is added; looking one up compares a byte.
public struct Fields: @unchecked Sendable {  // a block is changed by its sole owner alone
    /// None while the list is empty, so that an empty list costs nothing.
    @usableFromInline var storage: Storage?

    @inlinable
    public init() {
        storage = nil
    }

    @inlinable
    init(_ storage: Storage) {
        self.storage = storage
    }

    @inlinable public var count: Int { block?.count ?? 0 }
    @inlinable public var isEmpty: Bool { count == 0 }

    /// What the fields weigh against a header-list limit: names, values and 32 bytes each (RFC 9113 §6.5.2).
    @inlinable
    public var listSize: Int { block?.extent.pointee.listSize ?? 0 }

    @inlinable
    public mutating func reserve(fields: Int, bytes count: Int) {
        _ = makeRoom(bytes: count, entries: fields)
    }

    // MARK: Adding

    /// Adds a field at the end. A sensitive one is never indexed by a compressor (RFC 7541 §7.1.3).
    @inlinable
    public mutating func append(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, isSensitive: Bool = false
    ) {
        append(Name(name), spelled: name, value, isSensitive: isSensitive, identity: 0)
    }

    /// Adds a field whose name was looked up before, and whose `identity` is known (see `identity(at:)`).
    @inlinable
    public mutating func append(
        _ known: Name, spelled name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, isSensitive: Bool,
        identity: UInt64
    ) {
        let storage = makeRoom(bytes: name.count + value.count, entries: 1)
        let start = Int(storage.extent.pointee.used)
        Fields.copy(name, to: storage.base + start)
        Fields.copy(value, to: storage.base + start + name.count)
        storage.extent.pointee.used += Int32(name.count + value.count)
        storage.add(
            Entry(
                identity: identity, start: start, nameLength: name.count, valueLength: value.count, name: known,
                isSensitive: isSensitive))
    }

    public mutating func append(_ name: String, _ value: String, isSensitive: Bool = false) {
        var name = name
        var value = value
        name.withUTF8 { nameBytes in
            value.withUTF8 { append(name: nameBytes, value: $0, isSensitive: isSensitive) }
        }
    }

    /// Adds a field that has a `Name` of its own.
    public mutating func append(_ name: Name, _ value: String) {
        var value = value
        value.withUTF8 { append(name, $0) }
    }

    /// Adds a field that has a `Name` of its own.
    public mutating func append(_ name: Name, _ value: UnsafeBufferPointer<UInt8>, isSensitive: Bool = false) {
        append(name, spelled: name.bytes, value, isSensitive: isSensitive, identity: 0)
    }

    /// Adds every field of `other`.
    public mutating func append(contentsOf other: Fields) {
        guard let theirs = other.storage, theirs.extent.pointee.count > 0 else { return }
        guard !isEmpty else {
            storage = theirs
            return
        }
        let count = Int(theirs.extent.pointee.count)
        let ours = makeRoom(bytes: Int(theirs.extent.pointee.used), entries: count)
        let shift = ours.extent.pointee.used
        (ours.base + Int(shift)).update(from: theirs.base, count: Int(theirs.extent.pointee.used))
        ours.extent.pointee.used += theirs.extent.pointee.used
        ours.extent.pointee.unused += theirs.extent.pointee.unused
        for index in 0..<count {
            var entry = theirs[index]
            entry.start += shift
            ours.add(entry)
        }
    }

    // MARK: Changing

    /// Removes every field for which `condition` holds.
    public mutating func removeAll(where condition: (Field) -> Bool) {
        let asked = self
        guard let first = asked.indices.first(where: { condition(asked[$0]) }) else { return }
        remove(from: first) { $0 == first || condition(asked[$0]) }
    }

    public mutating func removeAll(_ name: Name) {
        guard let first = firstIndex(of: name) else { return }
        let asked = self
        remove(from: first) { asked.name(at: $0) == name }
    }

    /// Closes the gaps between the entries that stay. Bytes of the others stay where they are, and count no more.
    private mutating func remove(from first: Int, where isRemoved: (Int) -> Bool) {
        guard let storage = ownBlock() else { return }
        var kept = first
        for index in first..<Int(storage.extent.pointee.count) {
            let entry = storage[index]
            if isRemoved(index) {
                storage.extent.pointee.unused += Int32(entry.length)
            } else {
                storage[kept] = entry
                kept += 1
            }
        }
        storage.extent.pointee.count = Int32(kept)
    }

    /// Replaces the field `name`, or adds it: at the front for a pseudo-header field, else at the end.
    public mutating func set(_ name: Name, _ value: String) {
        var value = value
        value.withUTF8 { set(name, $0) }
    }

    /// Replaces the field `name`, or adds it: at the front for a pseudo-header field, else at the end.
    public mutating func set(_ name: Name, _ value: UnsafeBufferPointer<UInt8>) {
        guard let index = firstIndex(of: name) else {
            append(name, value)
            if name.isPseudo { moveLastToFront() }
            return
        }
        let storage = makeRoom(bytes: value.count, entries: 0)
        var entry = storage[index]
        if value.count <= Int(entry.valueLength) {
            // A retry's timeout, say: it lies down where the last one was.
            Fields.copy(value, to: storage.base + Int(entry.start + entry.nameLength))
            storage.extent.pointee.unused += entry.valueLength - Int32(value.count)
        } else {
            let start = Int(storage.extent.pointee.used)
            let name = Int(entry.nameLength)
            guard storage.room >= name + value.count else { return replaceElsewhere(index, with: value) }
            Fields.copy(
                UnsafeBufferPointer(start: storage.base + Int(entry.start), count: name), to: storage.base + start)
            Fields.copy(value, to: storage.base + start + name)
            storage.extent.pointee.used += Int32(name + value.count)
            storage.extent.pointee.unused += Int32(entry.length)
            entry.start = Int32(start)
        }
        entry.valueLength = Int32(value.count)
        entry.identity = 0
        storage[index] = entry
    }

    /// Puts the field with its new value behind the others' bytes, after making room for it.
    private mutating func replaceElsewhere(_ index: Int, with value: UnsafeBufferPointer<UInt8>) {
        let name = name(at: index)
        _ = makeRoom(bytes: name.bytes.count + value.count, entries: 0)
        set(name, value)
    }

    mutating func setIdentity(_ identity: UInt64, at index: Int) {
        guard let storage = ownBlock() else { return }
        storage[index].identity = identity
    }

    private mutating func moveLastToFront() {
        guard let storage = ownBlock() else { return }
        let last = storage[count - 1]
        for index in stride(from: count - 1, to: 0, by: -1) { storage[index] = storage[index - 1] }
        storage[0] = last
    }

    @inlinable
    static func copy(_ bytes: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        memcpy(target, base, bytes.count)
    }
}
