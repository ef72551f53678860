extension WireWriter {
    /// From this size on a value is not copied into a gathering writer, but once, into the array that comes out.
    @usableFromInline static var segmentSize: Int { 4096 }

    /// A value that stays where it is.
    @usableFromInline
    struct Segment {
        let bytes: UnsafeRawBufferPointer
        /// How much of the writer's own memory was written before it.
        let mark: Int
        /// Keeps the bytes alive.
        let owner: any Sendable
    }

    /// A length and the text.
    public mutating func string(_ value: String) {
        let mark = count
        text(value)
        varint(UInt64(truncatingIfNeeded: count - mark))
    }

    /// A length and the bytes.
    public mutating func bytes(_ value: [UInt8]) {
        let mark = count
        content(value)
        varint(UInt64(truncatingIfNeeded: count - mark))
    }

    /// A tag, a length and the text. Not in line: a call is small, and the string's form decides what is done.
    public mutating func string(_ value: String, tag: UInt32) {
        let mark = count
        text(value)
        length(since: mark, tag: tag)
    }

    public mutating func bytes(_ value: [UInt8], tag: UInt32) {
        let mark = count
        content(value)
        length(since: mark, tag: tag)
    }

    /// A field that is absent when empty.
    public mutating func nonEmpty(_ value: String, tag: UInt32) {
        if !value.isEmpty { string(value, tag: tag) }
    }

    /// A field that is absent when empty.
    @inlinable @inline(__always)
    public mutating func nonEmpty(_ value: [UInt8], tag: UInt32) {
        if !value.isEmpty { bytes(value, tag: tag) }
    }

    @inline(__always)
    private mutating func text(_ value: String) {
        let count = value.utf8.count
        guard count < WireWriter.segmentSize else { return longText(value) }
        room(count + WireWriter.fieldSize)  // and a length and a tag
        first -= count
        let target = first
        // Nothing but the copy happens inside: a call would make the compiler retain the string.
        let copied: Void? = value.utf8.withContiguousStorageIfAvailable { utf8 in
            WireWriter.copy(UnsafeRawBufferPointer(utf8), to: target)
        }
        if copied == nil { WireWriter.copyBytes(of: value, to: target) }
    }

    private mutating func longText(_ value: String) {
        let copied: Void? = value.utf8.withContiguousStorageIfAvailable { utf8 in
            long(UnsafeRawBufferPointer(utf8), of: value)
        }
        if copied == nil { content(Array(value.utf8)) }
    }

    /// For strings whose UTF-8 lies nowhere in one piece.
    private static func copyBytes(of value: String, to target: UnsafeMutableRawPointer) {
        var place = target
        for byte in value.utf8 {
            place.storeBytes(of: byte, as: UInt8.self)
            place += 1
        }
    }

    @usableFromInline
    mutating func content(_ value: [UInt8]) {
        let count = value.count
        guard count < WireWriter.segmentSize else { return value.withUnsafeBytes { long($0, of: value) } }
        room(count + WireWriter.fieldSize)  // and a length and a tag
        first -= count
        let target = first
        value.withUnsafeBytes { WireWriter.copy($0, to: target) }
    }

    /// Copies up to 32 bytes by two loads that may overlap; a call of `memcpy` costs more.
    @inline(__always)
    private static func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        let count = bytes.count
        guard let source = bytes.baseAddress else { return }
        if count > 32 {
            target.copyMemory(from: source, byteCount: count)
        } else if count >= 16 {
            copyEnds(source, count, to: target, SIMD2<UInt64>.self)
        } else if count >= 8 {
            copyEnds(source, count, to: target, UInt64.self)
        } else if count >= 4 {
            copyEnds(source, count, to: target, UInt32.self)
        } else if count > 0 {
            let middle = source.load(fromByteOffset: count >> 1, as: UInt8.self)
            let last = source.load(fromByteOffset: count - 1, as: UInt8.self)
            target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
            target.storeBytes(of: middle, toByteOffset: count >> 1, as: UInt8.self)
            target.storeBytes(of: last, toByteOffset: count - 1, as: UInt8.self)
        }
    }

    @inline(__always)
    private static func copyEnds<Word: BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer, _: Word.Type
    ) {
        let place = count - MemoryLayout<Word>.size
        let last = source.loadUnaligned(fromByteOffset: place, as: Word.self)
        target.storeBytes(of: source.loadUnaligned(as: Word.self), as: Word.self)
        target.storeBytes(of: last, toByteOffset: place, as: Word.self)
    }

    /// Copies a large value, or leaves it where it is.
    @usableFromInline
    mutating func long(_ bytes: UnsafeRawBufferPointer, of owner: some Sendable) {
        guard gathers else {
            room(bytes.count + WireWriter.fieldSize)  // or the memory would grow twice
            return prepend(bytes)
        }
        var all = segments.take() ?? []
        all.append(Segment(bytes: bytes, mark: count - segmented, owner: owner))
        segments = all
        segmented += bytes.count
        origin += bytes.count
    }

    /// A copy of the message, with the segments in their places.
    @usableFromInline
    func gathered() -> [UInt8] {
        let total = count
        return Array(unsafeUninitializedCapacity: total) { array, filled in
            let target = UnsafeMutableRawBufferPointer(array)
            var place = total
            var end = UnsafeRawPointer(origin - segmented)
            func put(_ bytes: UnsafeRawBufferPointer) {
                place -= bytes.count
                UnsafeMutableRawBufferPointer(rebasing: target[place..<(place + bytes.count)]).copyMemory(from: bytes)
            }
            for segment in segments ?? [] {
                let start = UnsafeRawPointer(origin - segmented - segment.mark)
                put(UnsafeRawBufferPointer(start: start, count: end - start))
                put(segment.bytes)
                end = start
            }
            put(UnsafeRawBufferPointer(start: first, count: end - UnsafeRawPointer(first)))
            filled = total
        }
    }
}
