/// The header or trailer fields of a message, in order, in one block of bytes.
///
/// Names are lower case (RFC 9113 §8.2.1). Pseudo-header fields (`:path`, `:status`, ...) stand first, as on the wire, so
/// that a proxied block is handed on as it came. Fields that the mesh itself reads have a `Name` other than `.other`, found
/// once when the field is added; looking one up compares a byte.
public struct Fields: Sendable {
    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var entries: [Entry] = []
    /// Bytes that belong to no field any more.
    @usableFromInline var unused = 0

    @inlinable public init() {}

    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline var start: Int32
        @usableFromInline var nameLength: UInt16
        @usableFromInline var name: Name
        @usableFromInline var isSensitive: Bool
        @usableFromInline var valueLength: Int32

        @inlinable
        init(start: Int32, nameLength: UInt16, name: Name, isSensitive: Bool, valueLength: Int32) {
            self.start = start
            self.nameLength = nameLength
            self.name = name
            self.isSensitive = isSensitive
            self.valueLength = valueLength
        }
    }

    @inlinable public var count: Int { entries.count }
    @inlinable public var isEmpty: Bool { entries.isEmpty }

    /// What the fields weigh against a header-list limit: names, values and 32 bytes each (RFC 9113 §6.5.2).
    public var listSize: Int { bytes.count - unused + 32 * entries.count }

    @inlinable
    public mutating func reserve(fields: Int, bytes count: Int) {
        entries.reserveCapacity(fields)
        bytes.reserveCapacity(count)
    }

    /// Adds a field at the end. A sensitive one is never indexed by a compressor (RFC 7541 §7.1.3).
    @inlinable
    public mutating func append(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, isSensitive: Bool = false
    ) {
        entries.append(
            Entry(
                start: Int32(bytes.count), nameLength: UInt16(name.count), name: Name(name), isSensitive: isSensitive,
                valueLength: Int32(value.count)))
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: value)
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
        append(name.text, value)
    }

    /// Adds every field of `other`.
    public mutating func append(contentsOf other: Fields) {
        let shift = Int32(bytes.count)
        unused += other.unused
        bytes.append(contentsOf: other.bytes)
        for var entry in other.entries {
            entry.start += shift
            entries.append(entry)
        }
    }

    /// Removes every field for which `condition` holds.
    public mutating func removeAll(where condition: (Field) -> Bool) {
        let kept = entries.indices.filter { !condition(self[$0]) }
        guard kept.count != entries.count else { return }
        keep(kept.map { entries[$0] })
    }

    public mutating func removeAll(_ name: Name) {
        guard entries.contains(where: { $0.name == name }) else { return }
        keep(entries.filter { $0.name != name })
    }

    /// Goes on with these entries alone. Bytes of the others stay where they are, and count no more.
    private mutating func keep(_ kept: [Entry]) {
        entries = kept
        unused = bytes.count - kept.reduce(0) { $0 + Int($1.nameLength) + Int($1.valueLength) }
    }

    /// Replaces the field `name`, or adds it: at the front for a pseudo-header field, else at the end.
    public mutating func set(_ name: Name, _ value: String) {
        guard let index = entries.firstIndex(where: { $0.name == name }) else {
            append(name, value)
            if name.isPseudo {
                entries.insert(entries.removeLast(), at: 0)
            }
            return
        }
        append(name, value)
        unused += Int(entries[index].nameLength) + Int(entries[index].valueLength)
        entries[index] = entries.removeLast()
    }

    @inlinable
    public subscript(index: Int) -> Field { Field(fields: self, index: index) }

    /// The first field called `name`, as text.
    public subscript(name: Name) -> String? {
        for (index, entry) in entries.enumerated() where entry.name == name {
            return self[index].value
        }
        return nil
    }

    /// The first field called `name`, which must be lower case, as text.
    public subscript(name: String) -> String? {
        for index in entries.indices where self[index].nameEquals(name) {
            return self[index].value
        }
        return nil
    }

    /// The bytes of the first field called `name`; nil if there is none.
    @inlinable
    public func withValue<Result>(_ name: Name, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        for index in 0..<entries.count where entries[index].name == name {
            return withBytes(at: index) { _, value in body(value) }
        }
        return nil
    }

    /// The name and value bytes of the field at `index`.
    @inlinable
    public func withBytes<Result>(
        at index: Int, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let entry = entries[index]
        let start = Int(entry.start)
        let middle = start + Int(entry.nameLength)
        return bytes.withUnsafeBufferPointer { all in
            body(
                UnsafeBufferPointer(rebasing: all[start..<middle]),
                UnsafeBufferPointer(rebasing: all[middle..<middle + Int(entry.valueLength)]))
        }
    }

    /// All the bytes at once, and for each field where its name and value lie in them: what a compressor wants.
    @inlinable
    public func withAllBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer(body)
    }

    /// Where the field at `index` lies in the bytes of `withAllBytes`.
    @inlinable
    public func place(of index: Int) -> (start: Int, nameLength: Int, valueLength: Int, isSensitive: Bool) {
        let entry = entries[index]
        return (Int(entry.start), Int(entry.nameLength), Int(entry.valueLength), entry.isSensitive)
    }

    @inlinable public func name(at index: Int) -> Name { entries[index].name }
}

/// One field of a `Fields`.
public struct Field: Sendable {
    @usableFromInline let fields: Fields
    public let index: Int

    @inlinable
    init(fields: Fields, index: Int) {
        self.fields = fields
        self.index = index
    }

    public var known: Fields.Name { fields.name(at: index) }
    public var name: String { fields.withBytes(at: index) { name, _ in String(decoding: name, as: UTF8.self) } }
    public var value: String { fields.withBytes(at: index) { _, value in String(decoding: value, as: UTF8.self) } }
    public var isSensitive: Bool { fields.place(of: index).isSensitive }

    public func nameEquals(_ other: String) -> Bool {
        fields.withBytes(at: index) { name, _ in name.count == other.utf8.count && name.elementsEqual(other.utf8) }
    }
}

extension Fields: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { entries.count }
}

extension Fields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements {
            append(name, value)
        }
    }
}
