extension WireReader {
    /// A repeated scalar field in the packed form: one length, then all values.
    @inlinable
    public mutating func packed<Coding: ScalarCoding>(
        _ field: inout [Coding.Value], _: Coding.Type
    ) throws(DecodeError) {
        let count = try length()
        let outerEnd = end
        end = next + count
        if Coding.fixedWidth > 0 {
            guard count % Coding.fixedWidth == 0 else { throw failure(.truncated) }
            reserve(count / Coding.fixedWidth, in: &field)
        } else {
            reserve(varintCount(), in: &field)
        }
        while next != end {
            field.append(try Coding.read(from: &self))
        }
        end = outerEnd
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
