extension WireWriter {
    /// A length and a sub-message.
    @inlinable
    public mutating func message(_ value: some Message) {
        let mark = count
        value.encode(into: &self)
        varint(UInt64(truncatingIfNeeded: count - mark))
    }

    @inlinable
    public mutating func message(_ value: some Message, tag: UInt32) {
        let mark = count
        value.encode(into: &self)
        length(since: mark, tag: tag)
    }

    @inlinable
    public mutating func message<Value: Message>(_ box: Box<Value>, tag: UInt32) {
        message(box.value, tag: tag)
    }

    /// A repeated sub-message field.
    @inlinable
    public mutating func messages<Value: Message>(_ field: [Value], tag: UInt32) {
        field.forEachBorrowedBackwards { value in
            let mark = count
            value.encode(into: &self)
            length(since: mark, tag: tag)
        }
    }

    /// A sub-message in the old group form.
    @inlinable
    public mutating func group(_ value: some Message, number: UInt32) {
        tag(number << 3 | 4)
        value.encode(into: &self)
        tag(number << 3 | 3)
    }

    /// A repeated field of fixed size in the packed form: the array's own bytes.
    @inlinable
    public mutating func packed<Coding: FixedCoding>(_ field: [Coding.Value], tag: UInt32, _: Coding.Type) {
        guard !field.isEmpty else { return }
        let mark = count
        field.withUnsafeBytes { values in
            if values.count < WireWriter.segmentSize {
                prepend(values)
            } else {
                long(values, of: field)
            }
        }
        length(since: mark, tag: tag)
    }

    /// How many packed varints are written without asking for room.
    @usableFromInline static var blockSize: Int { 32 }

    /// A repeated field of varints in the packed form.
    @inlinable
    public mutating func packed<Coding: VarintCoding>(_ field: [Coding.Value], tag: UInt32, _: Coding.Type) {
        guard !field.isEmpty else { return }
        let mark = count
        field.withUnsafeBufferPointer { values in
            var left = values.count
            while left > 0 {
                // Room is asked for once a block, and the place stays in a register meanwhile.
                room(10 * min(left, WireWriter.blockSize) + WireWriter.fieldSize)
                let next = max(0, left - WireWriter.blockSize)
                var place = first
                while left > next {
                    left -= 1
                    place = WireWriter.putVarintInline(Coding.varint(values[left]), before: place)
                }
                first = place
            }
        }
        length(since: mark, tag: tag)
    }

    /// A repeated field with a tag for each value.
    @inlinable
    public mutating func repeated<Coding: WireCoding>(_ field: [Coding.Value], tag: UInt32, _: Coding.Type) {
        field.forEachBorrowedBackwards { $0.write(tag: tag, Coding.self, into: &self) }
    }

    /// A map field, in the order of insertion or of the keys.
    @inlinable
    public mutating func map<Key: WireCoding, Value: WireCoding>(
        _ field: ProtoMap<Key.Value, Value.Value>, tag: UInt32, _: Key.Type, _: Value.Type
    ) where Key.Value: ProtoMapKey {
        if sortsMaps, field.count > 1 { return sortedMap(field, tag: tag, Key.self, Value.self) }
        field.stored.forEachBorrowedBackwards { entry in
            let mark = count
            entry.writeEntry(Key.self, Value.self, into: &self)
            length(since: mark, tag: tag)
        }
    }

    @inlinable
    mutating func sortedMap<Key: WireCoding, Value: WireCoding>(
        _ field: ProtoMap<Key.Value, Value.Value>, tag: UInt32, _: Key.Type, _: Value.Type
    ) where Key.Value: ProtoMapKey {
        for entry in field.stored.sorted(by: { Key.Value.precedes($1.key, $0.key) }) {
            let mark = count
            Value.write(entry.value, tag: 2 << 3 | Value.wireType, into: &self)
            Key.write(entry.key, tag: 1 << 3 | Key.wireType, into: &self)
            length(since: mark, tag: tag)
        }
    }

    /// The fields that the contract does not name.
    @inlinable @inline(__always)
    public mutating func unknown(_ fields: UnknownFields) {
        if let stored = fields.stored { content(stored) }
    }
}
