public import Bytes
import Glibc

/// Bytes that grow at the end: JSON text on its way out, or the binary form that JSON is read into.
public struct JSONWriter: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    public internal(set) var count = 0
    private var capacity: Int
    /// Free bytes before the first one, for a prefix that a transport adds.
    private let headroom: Int

    public init(capacity: Int = 1024, headroom: Int = 0) {
        self.capacity = max(capacity, JSONWriter.leastCapacity)
        self.headroom = headroom
        base = JSONWriter.memory(self.capacity, headroom)
    }

    deinit { free(base - headroom) }

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
    public var array: [UInt8] { Array(bytes) }
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes in the writer's own memory, with its headroom in front; the writer is empty afterwards.
    public mutating func takeChunk() -> Chunk {
        let chunk = Chunk(
            adopting: base - headroom, capacity: headroom + capacity, start: headroom, end: headroom + count)
        // Not a new writer in this one's place: the end of the old one would free what the chunk has now.
        capacity = JSONWriter.leastCapacity
        base = JSONWriter.memory(capacity, headroom)
        count = 0
        return chunk
    }

    private static let leastCapacity = 64

    private static func memory(_ capacity: Int, _ headroom: Int) -> UnsafeMutablePointer<UInt8> {
        guard let memory = malloc(capacity + headroom) else { preconditionFailure("out of memory") }
        return memory.assumingMemoryBound(to: UInt8.self) + headroom
    }

    /// Forgets the bytes and keeps the memory.
    public mutating func removeAll() {
        count = 0
    }

    @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        guard let memory = realloc(base - headroom, headroom + capacity) else { preconditionFailure("out of memory") }
        base = memory.assumingMemoryBound(to: UInt8.self) + headroom
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    mutating func append(_ text: Text) {
        append(text.raw)
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Takes back everything after a place.
    @inline(__always)
    mutating func truncate(to place: Int) {
        count = place
    }

    /// Puts a comma, unless this is the first member of an object or a list.
    @inline(__always)
    mutating func separate() {
        let last = base[count - 1]
        if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { append(UInt8(ascii: ",")) }
    }

    // MARK: The binary form

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            base[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            count += 1
        }
        base[count] = UInt8(truncatingIfNeeded: rest)
        count += 1
    }

    @inline(__always)
    mutating func fixed32(_ value: UInt32) {
        reserve(4)
        UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: UInt32.self)
        count += 4
    }

    @inline(__always)
    mutating func fixed64(_ value: UInt64) {
        reserve(8)
        UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: UInt64.self)
        count += 8
    }

    /// Leaves one byte for a length that is not known yet.
    @inline(__always)
    mutating func openLength() -> Int {
        append(0)
        return count
    }

    /// Writes the length of what came after `start`, and says by how many bytes that moved it: a long one needs more
    /// room.
    @inline(__always)
    @discardableResult
    mutating func closeLength(_ start: Int) -> Int {
        let length = count - start
        if length < 0x80 {
            base[start - 1] = UInt8(truncatingIfNeeded: length)
            return 0
        }
        return closeLongLength(start, length)
    }

    private mutating func closeLongLength(_ start: Int, _ length: Int) -> Int {
        let extra = (64 - length.leadingZeroBitCount + 6) / 7 - 1
        reserve(extra)
        memmove(base + start + extra, base + start, length)
        let end = count + extra
        count = start - 1
        varint(UInt64(length))
        count = end
        return extra
    }
}
