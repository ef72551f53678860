extension WireReader {
    /// A sub-message, merged into what the field already holds.
    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) throws(DecodeError) {
        let count = try length()
        let outerEnd = end
        let outerGroup = openGroup
        guard levelsLeft > 0 else { throw failure(.tooDeep) }
        levelsLeft -= 1
        end = next + count
        openGroup = 0
        try value.merge(from: &self)
        end = outerEnd
        openGroup = outerGroup
        levelsLeft += 1
    }

    /// A singular sub-message field.
    @inlinable
    public mutating func message<Value: Message>(_ field: inout Value?) throws(DecodeError) {
        var value = field.take() ?? Value()
        try message(&value)
        field = consume value
    }

    /// A singular sub-message field of a type that contains itself.
    @inlinable
    public mutating func message<Value: Message>(_ field: inout Box<Value>?) throws(DecodeError) {
        var box = field.take() ?? Box(Value())
        try box.update { (value: inout Value) throws(DecodeError) in try message(&value) }
        field = box
    }

    /// A sub-message in the old group form (`TYPE_GROUP`, or delimited encoding of editions).
    @inlinable
    public mutating func group<Value: Message>(_ value: inout Value, number: UInt32) throws(DecodeError) {
        let outerEnd = end
        let outerGroup = openGroup
        guard levelsLeft > 0 else { throw failure(.tooDeep) }
        levelsLeft -= 1
        openGroup = number << 3 | 4
        try value.merge(from: &self)
        guard openGroup == 0 else { throw failure(.unmatchedGroup) }
        end = outerEnd
        openGroup = outerGroup
        levelsLeft += 1
    }

    /// A repeated sub-message field: this value and all that follow it at once.
    ///
    /// Looking ahead over lengths gives the count, so the array grows once; it allocates nothing for elements that the
    /// bytes do not hold, because each costs at least two bytes of input.
    @inlinable
    public mutating func messages<Value: Message>(_ field: inout [Value], tag: UInt32) throws(DecodeError) {
        let run = runLength(tag)
        reserve(run, in: &field)
        repeat {
            var value = Value()
            try message(&value)
            field.append(consume value)
        } while takeTag(tag)
    }

    /// Makes room for `count` more elements without losing the array's geometric growth.
    @inlinable
    func reserve<Element>(_ count: Int, in array: inout [Element]) {
        let needed = array.count + count
        if needed > array.capacity { array.reserveCapacity(array.isEmpty ? needed : max(needed, 2 * array.count)) }
    }

    /// How many length-delimited values with this tag follow at once; `next` is at the first one's length.
    @usableFromInline
    func runLength(_ tag: UInt32) -> Int {
        var ahead = self
        var count = 0
        repeat {
            guard (try? ahead.rawBytes()) != nil else { break }
            count += 1
        } while ahead.takeTag(tag)
        return count
    }

    /// A map field: this entry and all that follow it at once.
    @inlinable
    public mutating func map<Key: WireCoding, Value: WireCoding>(
        _ field: inout ProtoMap<Key.Value, Value.Value>, tag: UInt32, _: Key.Type, _: Value.Type
    ) throws(DecodeError) where Key.Value: ProtoMapKey {
        field.reserve(runLength(tag))
        repeat { try mapEntry(&field, Key.self, Value.self) } while takeTag(tag)
    }

    @inlinable
    mutating func mapEntry<Key: WireCoding, Value: WireCoding>(
        _ field: inout ProtoMap<Key.Value, Value.Value>, _: Key.Type, _: Value.Type
    ) throws(DecodeError) where Key.Value: ProtoMapKey {
        let count = try length()
        let outerEnd = end
        let outerGroup = openGroup
        guard levelsLeft > 0 else { throw failure(.tooDeep) }
        levelsLeft -= 1
        openGroup = 0
        end = next + count
        var key = Key.initial
        var value = Value.initial
        while let tag = try nextTag() {
            if tag == 1 << 3 | Key.wireType {
                try Key.read(into: &key, from: &self)
            } else if tag == 2 << 3 | Value.wireType {
                try Value.read(into: &value, from: &self)
            } else {
                try skip(tag)
            }
        }
        field.set(consume key, consume value)
        end = outerEnd
        openGroup = outerGroup
        levelsLeft += 1
    }
}
