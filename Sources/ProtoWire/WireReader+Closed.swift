// Fields of closed enums. A number without a name goes to the message's unknown fields with the bytes that it came in, and
// the field keeps what it has. Source: protobuf.dev, "Enum Behavior".

extension WireReader {
    /// A singular field.
    @inlinable
    public mutating func enumeration<Value: ClosedProtoEnum>(
        _ field: inout Value?, tag: UInt32, _ unknown: inout UnknownFields
    ) throws(DecodeError) {
        if let value: Value = try enumeration(tag: tag, &unknown) { field = value }
    }

    /// A member of a oneof: nil if the number went to the unknown fields.
    @inlinable
    public mutating func enumeration<Value: ClosedProtoEnum>(
        tag: UInt32, _ unknown: inout UnknownFields
    ) throws(DecodeError) -> Value? {
        let start = next
        let number = try int32()
        if Value.isNamed(number) { return Value(rawValue: number) }
        unknown.append(tag, UnsafeRawBufferPointer(start: start, count: next - start))
        return nil
    }

    /// A repeated field that is not packed: this value and all that follow it at once.
    @inlinable
    public mutating func repeated<Value: ClosedProtoEnum>(
        _ field: inout [Value], tag: UInt32, _ unknown: inout UnknownFields
    ) throws(DecodeError) {
        repeat {
            if let value: Value = try enumeration(tag: tag, &unknown) { field.append(value) }
        } while takeTag(tag)
    }

    /// A repeated field in the packed form; each number without a name becomes an unknown field of its own.
    @inlinable
    public mutating func packed<Value: ClosedProtoEnum>(
        _ field: inout [Value], tag: UInt32, _ unknown: inout UnknownFields
    ) throws(DecodeError) {
        let size = try length()
        let outerEnd = end
        end = next + size
        reserve(varintCount(), in: &field)
        while next != end {
            if let value: Value = try enumeration(tag: tag & ~7, &unknown) { field.append(value) }
        }
        end = outerEnd
    }

    /// A map with a closed enum as its value: an entry whose value has no name is kept whole.
    public mutating func map<Key: WireCoding, Value: ClosedProtoEnum>(
        _ field: inout ProtoMap<Key.Value, Value>, tag: UInt32, _: Key.Type, _: Value.Type,
        _ unknown: inout UnknownFields
    ) throws(DecodeError) where Key.Value: ProtoMapKey {
        repeat {
            let start = next
            // The number is read as an open enum's, so that the last value of the entry decides.
            var entry = ProtoMap<Key.Value, Value>()
            try mapEntry(&entry, Key.self, ProtoEnumOf<Value>.self)
            guard let read = entry.entries.first else { continue }
            if Value.isNamed(read.value.rawValue) {
                field.set(read.key, read.value)
            } else {
                unknown.append(tag, UnsafeRawBufferPointer(start: start, count: next - start))
            }
        } while takeTag(tag)
    }
}
