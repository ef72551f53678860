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
        if size <= WireReader.few {
            // There are no more values than bytes, so these need no count.
            withUnsafeTemporaryAllocation(of: Coding.Value.self, capacity: WireReader.few) { values in
                let filled = fill(values, Coding.self)
                field.append(contentsOf: UnsafeBufferPointer(rebasing: values[..<filled]))
            }
        } else {
            let count = varintCount()
            guard count > 0 else { throw varintFailure(0) }
            let values = [Coding.Value](unsafeUninitializedCapacity: count) { values, filled in
                filled = fill(values, Coding.self)
            }
            if field.isEmpty { field = values } else { field += values }
        }
        guard next == end else { throw varintFailure(end - next < 10 ? 0 : -1) }
        end = outerEnd
    }

    /// Up to how many values go through the stack: an array's initializer for memory that is not initialized looks
    /// types up at run time, which costs more than the copy.
    @usableFromInline static var few: Int { 64 }

    /// Decodes varints until the end or a bad one, and says how many; the target holds as many as end in the bytes.
    ///
    /// Where they end is found for 64 bytes at once, so reading one does not wait for the length of the one before.
    @inlinable
    mutating func fill<Coding: VarintCoding>(
        _ values: UnsafeMutableBufferPointer<Coding.Value>, _: Coding.Type
    ) -> Int {
        guard var target = values.baseAddress else { return 0 }
        let first = target
        while limit - next >= 72, end - next >= 64 {
            var stops = WireReader.stops(next)
            var start = 0
            while stops != 0 {
                let stop = stops.trailingZeroBitCount
                stops &= stops &- 1
                let size = stop &- start &+ 1
                guard size <= 8 else {
                    let (value, count) = WireReader.longVarint(next + start, end - next - start)
                    guard count > 0 else {
                        next += start
                        return target - first
                    }
                    target.initialize(to: Coding.value(value))
                    target += 1
                    start = stop &+ 1
                    continue
                }
                let unused = UInt64(truncatingIfNeeded: 64 &- 8 &* size)
                let word = (next.loadUnaligned(fromByteOffset: start, as: UInt64.self) &<< unused) &>> unused
                target.initialize(to: Coding.value(WireReader.gather(word)))
                target += 1
                start = stop &+ 1
            }
            guard start > 0 else { break }  // no varint has 64 bytes
            next += start
        }
        while next != end, let value = try? varint() {
            target.initialize(to: Coding.value(value))
            target += 1
        }
        return target - first
    }

    /// Which of 64 bytes end a varint: those without the high bit.
    @inlinable @inline(__always)
    static func stops(_ bytes: UnsafeRawPointer) -> UInt64 {
        var stops: UInt64 = 0
        for index in 0..<8 {
            let word = ~bytes.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self) & 0x8080_8080_8080_8080
            // The product brings the eight bits side by side into the highest byte.
            stops |= (((word >> 7) &* 0x0102_0408_1020_4080) >> 56) << UInt64(truncatingIfNeeded: 8 &* index)
        }
        return stops
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
        if count <= WireReader.few {
            withUnsafeTemporaryAllocation(of: Coding.Value.self, capacity: WireReader.few) { values in
                UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
                field.append(contentsOf: UnsafeBufferPointer(rebasing: values[..<count]))
            }
        } else {
            let values = [Coding.Value](unsafeUninitializedCapacity: count) { values, filled in
                UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
                filled = count
            }
            if field.isEmpty { field = values } else { field += values }
        }
    }

    /// How many varints end before `end`: each has exactly one byte without the high bit.
    @usableFromInline
    func varintCount() -> Int {
        var position = next
        var count = 0
        while end - position >= 8 {
            // Each byte of a lane counts its own column; 31 words cannot overflow it.
            let words = min((end - position) / 8, 31)
            var lanes: UInt64 = 0
            for _ in 0..<words {
                lanes &+= (~position.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080) >> 7
                position += 8
            }
            count += Int(truncatingIfNeeded: (lanes &* 0x0101_0101_0101_0101) >> 56)
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
