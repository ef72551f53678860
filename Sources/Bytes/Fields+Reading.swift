extension Fields {
    @inlinable
    public subscript(index: Int) -> Field { Field(fields: self, index: index) }

    /// The first field called `name`, as text.
    public subscript(name: Name) -> String? {
        withValue(name) { String(decoding: $0, as: UTF8.self) }
    }

    /// The first field called `name`, which must be lower case, as text.
    public subscript(name: String) -> String? {
        for index in 0..<count where self[index].nameEquals(name) {
            return self[index].value
        }
        return nil
    }

    /// Where the first field called `name` stands.
    @inlinable
    public func firstIndex(of name: Name) -> Int? {
        guard let block else { return nil }
        let top = block.top
        for index in 0..<block.count where top[-1 - index].name == name { return index }
        return nil
    }

    /// The bytes of the first field called `name`; nil if there is none.
    @inlinable
    public func withValue<Result>(_ name: Name, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        guard let index = firstIndex(of: name) else { return nil }
        return withBytes(at: index) { _, value in body(value) }
    }

    /// The name and value bytes of the field at `index`.
    @inlinable
    public func withBytes<Result>(
        at index: Int, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        guard let block else { preconditionFailure("there is no such field") }
        let entry = block[index]
        let name = block.base + Int(entry.start)
        defer { withExtendedLifetime(self) {} }
        return body(
            UnsafeBufferPointer(start: name, count: Int(entry.nameLength)),
            UnsafeBufferPointer(start: name + Int(entry.nameLength), count: Int(entry.valueLength)))
    }

    /// All the bytes at once, and for each field where its name and value lie in them: what a compressor wants.
    @inlinable
    public func withAllBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        guard let block else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
        defer { withExtendedLifetime(self) {} }
        return body(UnsafeBufferPointer(start: block.base, count: Int(block.extent.pointee.used)))
    }

    /// Where the field at `index` lies in the bytes of `withAllBytes`.
    @inlinable
    public func place(of index: Int) -> (start: Int, nameLength: Int, valueLength: Int, isSensitive: Bool) {
        let entry = entry(at: index)
        return (Int(entry.start), Int(entry.nameLength), Int(entry.valueLength), entry.isSensitive)
    }

    @inlinable public func name(at index: Int) -> Name { entry(at: index).name }

    /// A number that stands for this field's name and value together; `noIdentity` if none was given.
    ///
    /// Two fields with the same identity, other than the two that say nothing, have the same name and value, wherever in
    /// the process they came from: a decompressor gives one to each entry of its table, and hands it out with every field
    /// that it reads from there. So a compressor finds what it sent before without comparing texts. It stays with copies
    /// of the field and is taken away when the value changes.
    @inlinable public func identity(at index: Int) -> UInt64 { entry(at: index).identity }

    /// The field was made here: nothing is known about it.
    @inlinable public static var noIdentity: UInt64 { 0 }

    /// A peer sent the field as a literal that it keeps in no table: it will not come again, so hand it on likewise.
    @inlinable public static var literalIdentity: UInt64 { .max }

    @inlinable public func isSensitive(at index: Int) -> Bool { entry(at: index).isSensitive }

    @inlinable
    func entry(at index: Int) -> Entry {
        guard let block else { preconditionFailure("there is no such field") }
        return block[index]
    }
}

extension Fields: RandomAccessCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }
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
    public var isSensitive: Bool { fields.isSensitive(at: index) }

    public func nameEquals(_ other: String) -> Bool {
        fields.withBytes(at: index) { name, _ in name.count == other.utf8.count && name.elementsEqual(other.utf8) }
    }
}

extension Fields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements {
            append(name, value)
        }
    }
}
