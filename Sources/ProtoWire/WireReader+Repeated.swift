extension WireReader {
    /// A repeated field of varints in the packed form: one length, then all values.
    ///
    /// The bytes say how many there are, so the array grows once; many values are decoded right into it.
    @inlinable
    public mutating func packed<Coding: VarintCoding>(
        _ field: inout [Coding.Value], _: Coding.Type
    ) throws(DecodeError) {
        let size = try length()
        let outerEnd = end
        end = next + size
        let count = varintCount()
        if field.isEmpty, count >= WireReader.many {
            var reader = self
            field = Array(unsafeUninitializedCapacity: count) { values, filled in
                reader.fill(values, count, &filled, Coding.self)
            }
            next = reader.next
            guard next == end else { throw varintFailure(end - next < 10 ? 0 : -1) }
        } else {
            reserve(count, in: &field)
            while next != end { field.append(Coding.value(try varint())) }
        }
        end = outerEnd
    }

    /// From how many values on an uninitialized array pays for its slow initializer.
    @usableFromInline static var many: Int { 24 }

    /// Decodes varints until the end or a bad one. Lengths come from one word each, so no branch depends on them.
    @inlinable
    mutating func fill<Coding: VarintCoding>(
        _ values: UnsafeMutableBufferPointer<Coding.Value>, _ count: Int, _ filled: inout Int, _: Coding.Type
    ) {
        var position = next
        while filled < count {
            var value: UInt64 = 0
            let stops =
                end - position >= 8 ? ~position.loadUnaligned(as: UInt64.self).littleEndian & 0x8080_8080_8080_8080 : 0
            if stops != 0 {
                value = WireReader.gather(position.loadUnaligned(as: UInt64.self).littleEndian & (stops ^ (stops &- 1)))
                position += (stops.trailingZeroBitCount + 1) / 8
            } else {
                let (long, size) = WireReader.longVarint(position, end - position)
                guard size > 0 else { break }
                value = long
                position += size
            }
            values.initializeElement(at: filled, to: Coding.value(value))
            filled += 1
        }
        next = position
    }

    /// A repeated field of fixed size in the packed form: the bytes are the array.
    @inlinable
    public mutating func packed<Coding: FixedCoding>(
        _ field: inout [Coding.Value], _: Coding.Type
    ) throws(DecodeError) {
        let bytes = try rawBytes()
        guard bytes.count % Coding.width == 0 else {
            next -= bytes.count
            throw failure(.truncated)
        }
        let count = bytes.count / Coding.width
        if field.isEmpty, count >= WireReader.many {
            field = Array(unsafeUninitializedCapacity: count) { values, filled in
                UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
                filled = count
            }
        } else {
            reserve(count, in: &field)
            for index in 0..<count {
                field.append(bytes.loadUnaligned(fromByteOffset: index * Coding.width, as: Coding.Value.self))
            }
        }
    }

    /// How many varints end before `end`: each has exactly one byte without the high bit.
    @usableFromInline
    func varintCount() -> Int {
        var position = next
        var count = 0
        while end - position >= 8 {
            count += (~position.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080).nonzeroBitCount
            position += 8
        }
        while position < end {
            count += position.load(as: UInt8.self) < 0x80 ? 1 : 0
            position += 1
        }
        return count
    }

    /// A repeated field that is not packed: this value and all that follow it at once.
    @inlinable
    public mutating func repeated<Coding: ScalarCoding>(
        _ field: inout [Coding.Value], tag: UInt32, _: Coding.Type
    ) throws(DecodeError) {
        if Coding.wireType == 2 { reserve(runLength(tag), in: &field) }
        repeat {
            field.append(try Coding.read(from: &self))
        } while takeTag(tag)
    }
}
