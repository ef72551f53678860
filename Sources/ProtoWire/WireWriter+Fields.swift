extension WireWriter {
    /// A length and a sub-message.
    @inlinable
    public mutating func message(_ value: some Message) {
        let mark = count
        value.encode(into: &self)
        varint(UInt64(count - mark))
    }

    @inlinable
    public mutating func message(_ value: some Message, tag: UInt32) {
        message(value)
        self.tag(tag)
    }

    @inlinable
    public mutating func message<Value: Message>(_ box: Box<Value>, tag: UInt32) {
        message(box.value)
        self.tag(tag)
    }

    /// A repeated sub-message field.
    @inlinable
    public mutating func messages<Value: Message>(_ field: [Value], tag: UInt32) {
        guard !field.isEmpty else { return }
        field.withUnsafeBufferPointer { values in
            var index = values.count
            while index > 0 {
                index -= 1
                message(values[index])
                self.tag(tag)
            }
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
        field.withUnsafeBytes { values in
            room(values.count + 16)  // and a length and a tag
            prepend(values)
            varint(UInt64(values.count))
        }
        self.tag(tag)
    }

    /// A repeated field of varints in the packed form.
    @inlinable
    public mutating func packed<Coding: VarintCoding>(_ field: [Coding.Value], tag: UInt32, _: Coding.Type) {
        guard !field.isEmpty else { return }
        let mark = count
        field.withUnsafeBufferPointer { values in
            var index = values.count
            while index > 0 {
                index -= 1
                Coding.write(values[index], into: &self)
            }
        }
        varint(UInt64(count - mark))
        self.tag(tag)
    }

    /// A repeated field with a tag for each value.
    @inlinable
    public mutating func repeated<Coding: WireCoding>(_ field: [Coding.Value], tag: UInt32, _: Coding.Type) {
        guard !field.isEmpty else { return }
        field.withUnsafeBufferPointer { values in
            var index = values.count
            while index > 0 {
                index -= 1
                Coding.write(values[index], into: &self)
                self.tag(tag)
            }
        }
    }

    /// A map field, in the order of insertion or of the keys.
    @inlinable
    public mutating func map<Key: WireCoding, Value: WireCoding>(
        _ field: ProtoMap<Key.Value, Value.Value>, tag: UInt32, _: Key.Type, _: Value.Type
    ) where Key.Value: ProtoMapKey {
        guard !field.isEmpty else { return }
        if sortsMaps { return sortedMap(field, tag: tag, Key.self, Value.self) }
        field.entries.withUnsafeBufferPointer { entries in
            var index = entries.count
            while index > 0 {
                index -= 1
                mapEntry(entries[index].key, entries[index].value, tag: tag, Key.self, Value.self)
            }
        }
    }

    @inlinable
    mutating func sortedMap<Key: WireCoding, Value: WireCoding>(
        _ field: ProtoMap<Key.Value, Value.Value>, tag: UInt32, _: Key.Type, _: Value.Type
    ) where Key.Value: ProtoMapKey {
        for entry in field.entries.sorted(by: { Key.Value.precedes($1.key, $0.key) }) {
            mapEntry(entry.key, entry.value, tag: tag, Key.self, Value.self)
        }
    }

    @inlinable @inline(__always)
    mutating func mapEntry<Key: WireCoding, Value: WireCoding>(
        _ key: Key.Value, _ value: Value.Value, tag: UInt32, _: Key.Type, _: Value.Type
    ) {
        let mark = count
        Value.write(value, into: &self)
        self.tag(2 << 3 | Value.wireType)
        Key.write(key, into: &self)
        self.tag(1 << 3 | Key.wireType)
        varint(UInt64(count - mark))
        self.tag(tag)
    }

    /// The fields that the contract does not name.
    @inlinable
    public mutating func unknown(_ fields: UnknownFields) {
        guard let stored = fields.stored else { return }
        stored.withUnsafeBytes { prepend($0) }
    }
}
