extension WireReader {
    /// A varint: one and two bytes are read in line, since most are that short.
    @inlinable @inline(__always)
    public mutating func varint() throws(DecodeError) -> UInt64 {
        let left = end - next
        if left >= 2 {
            let low = next.load(as: UInt8.self)
            if low < 0x80 {
                next += 1
                return UInt64(low)
            }
            let high = next.load(fromByteOffset: 1, as: UInt8.self)
            if high < 0x80 {
                next += 2
                return UInt64(low & 0x7F) | UInt64(high) << 7
            }
        }
        let (value, count) = WireReader.longVarint(next, left)
        guard count > 0 else { throw varintFailure(count) }
        next += count
        return value
    }

    @usableFromInline
    func varintFailure(_ count: Int) -> DecodeError {
        failure(count == 0 ? .truncated : .malformedVarint)
    }

    /// A varint of any length and how many bytes it has: 0 if the bytes end before it does, -1 if it is too long.
    ///
    /// Values go in and out, not a pointer to the reader, so that the caller may keep its own in registers.
    @usableFromInline
    static func longVarint(_ bytes: UnsafeRawPointer, _ left: Int) -> (value: UInt64, count: Int) {
        if left >= 10 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            let stops = ~word & 0x8080_8080_8080_8080
            if stops != 0 {
                return (gather(word & (stops ^ (stops &- 1))), (stops.trailingZeroBitCount + 1) / 8)
            }
            // The ninth byte has seven bits, the tenth has the last one.
            let ninth = UInt64(bytes.load(fromByteOffset: 8, as: UInt8.self))
            let low = gather(word) | (ninth & 0x7F) << 56
            if ninth < 0x80 { return (low, 9) }
            let tenth = UInt64(bytes.load(fromByteOffset: 9, as: UInt8.self))
            return tenth < 0x80 ? (low | tenth << 63, 10) : (0, -1)
        }
        var value: UInt64 = 0
        var index = 0
        while index < left, index < 10 {
            let byte = bytes.load(fromByteOffset: index, as: UInt8.self)
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            index += 1
            if byte < 0x80 { return (value, index) }
        }
        return (0, index == 10 ? -1 : 0)
    }

    /// Closes the gaps that the eight continuation bits leave.
    @inlinable @inline(__always)
    static func gather(_ word: UInt64) -> UInt64 {
        var value = word & 0x7F7F_7F7F_7F7F_7F7F
        value = value & 0x007F_007F_007F_007F | (value & 0x7F00_7F00_7F00_7F00) >> 1
        value = value & 0x0000_3FFF_0000_3FFF | (value & 0x3FFF_0000_3FFF_0000) >> 2
        return value & 0x0000_0000_0FFF_FFFF | (value & 0x0FFF_FFFF_0000_0000) >> 4
    }

    /// A length that lies inside the current message.
    @inlinable @inline(__always)
    public mutating func length() throws(DecodeError) -> Int {
        let count = try varint()
        guard count <= UInt64(bitPattern: Int64(end - next)) else { throw failure(.truncated) }
        return Int(truncatingIfNeeded: count)
    }

    @inlinable @inline(__always)
    public mutating func int32() throws(DecodeError) -> Int32 {
        Int32(truncatingIfNeeded: try varint())
    }

    @inlinable @inline(__always)
    public mutating func int64() throws(DecodeError) -> Int64 {
        Int64(bitPattern: try varint())
    }

    @inlinable @inline(__always)
    public mutating func uint32() throws(DecodeError) -> UInt32 {
        UInt32(truncatingIfNeeded: try varint())
    }

    @inlinable @inline(__always)
    public mutating func uint64() throws(DecodeError) -> UInt64 {
        try varint()
    }

    @inlinable @inline(__always)
    public mutating func sint32() throws(DecodeError) -> Int32 {
        WireReader.unzigzag(UInt32(truncatingIfNeeded: try varint()))
    }

    @inlinable @inline(__always)
    public mutating func sint64() throws(DecodeError) -> Int64 {
        WireReader.unzigzag(try varint())
    }

    /// Small numbers of both signs come as small varints: 0, -1, 1, -2 are 0, 1, 2, 3.
    @inlinable @inline(__always)
    static func unzigzag(_ value: UInt32) -> Int32 {
        Int32(bitPattern: value >> 1 ^ (0 &- (value & 1)))
    }

    @inlinable @inline(__always)
    static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1 ^ (0 &- (value & 1)))
    }

    @inlinable @inline(__always)
    public mutating func fixed32() throws(DecodeError) -> UInt32 {
        guard end - next >= 4 else { throw failure(.truncated) }
        let value = UInt32(littleEndian: next.loadUnaligned(as: UInt32.self))
        next += 4
        return value
    }

    @inlinable @inline(__always)
    public mutating func fixed64() throws(DecodeError) -> UInt64 {
        guard end - next >= 8 else { throw failure(.truncated) }
        let value = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
        next += 8
        return value
    }

    @inlinable @inline(__always)
    public mutating func sfixed32() throws(DecodeError) -> Int32 {
        Int32(bitPattern: try fixed32())
    }

    @inlinable @inline(__always)
    public mutating func sfixed64() throws(DecodeError) -> Int64 {
        Int64(bitPattern: try fixed64())
    }

    @inlinable @inline(__always)
    public mutating func float() throws(DecodeError) -> Float {
        Float(bitPattern: try fixed32())
    }

    @inlinable @inline(__always)
    public mutating func double() throws(DecodeError) -> Double {
        Double(bitPattern: try fixed64())
    }

    @inlinable @inline(__always)
    public mutating func bool() throws(DecodeError) -> Bool {
        try varint() != 0
    }

    @inlinable @inline(__always)
    public mutating func enumeration<Value: ProtoEnum>(_: Value.Type = Value.self) throws(DecodeError) -> Value {
        Value(rawValue: try int32())
    }

    @inlinable
    public mutating func bytes() throws(DecodeError) -> [UInt8] {
        Array(try rawBytes())
    }

    /// The bytes of a length-delimited value where they lie: valid as long as the reader's memory.
    @inlinable @inline(__always)
    public mutating func rawBytes() throws(DecodeError) -> UnsafeRawBufferPointer {
        let count = try length()
        let bytes = UnsafeRawBufferPointer(start: next, count: count)
        next += count
        return bytes
    }

    /// Not in line: the call is small, and what it does is not.
    public mutating func string() throws(DecodeError) -> String {
        let bytes = try rawBytes()
        if bytes.count < 16, knowsShortStrings, let start = bytes.baseAddress,
            let text = UTF8Text.short(start, bytes.count, readable: limit - start)
        {
            return text
        }
        return try longString(bytes)
    }

    private func longString(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> String {
        if let text = UTF8Text.string(bytes) { return text }
        throw DecodeError(.invalidUTF8, at: offset - bytes.count)
    }
}
