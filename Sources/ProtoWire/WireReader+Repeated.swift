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
    /// Up to five bytes are told apart by branches: lengths in one field are alike or come in patterns, which processors
    /// learn. Finding the ends of 64 bytes at once, without branches, took three times as long.
    @inlinable
    mutating func fill<Coding: VarintCoding>(
        _ values: UnsafeMutableBufferPointer<Coding.Value>, _: Coding.Type
    ) -> Int {
        guard var target = values.baseAddress else { return 0 }
        let first = target
        var place = next
        while end - place >= 10 {
            // Each byte takes back the continuation bit of the one before it, which stands at its own lowest place.
            var last = UInt64(place.load(as: UInt8.self))
            var value = last
            var size = 1
            while last >= 0x80, size < 5 {
                last = UInt64(place.load(fromByteOffset: size, as: UInt8.self))
                value = value &+ (last &- 1) &<< UInt64(truncatingIfNeeded: 7 &* size)
                size &+= 1
            }
            if last >= 0x80 {
                (value, size) = WireReader.longVarint(place, end - place)
                guard size > 0 else { break }
            }
            target.initialize(to: Coding.value(value))
            target += 1
            place += size
        }
        next = place
        while next != end, let value = try? varint() {
            target.initialize(to: Coding.value(value))
            target += 1
        }
        return target - first
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
