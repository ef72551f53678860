/// Bytes that lie together and wait: control frames to be sent, a frame that a read cut in two, a field block in parts.
///
/// Few connections have any most of the time, so the memory is taken with the first byte and given back when the run is
/// emptied. It grows as it is told: who appends has a bound.
struct ByteRun: ~Copyable {
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    private static let leastCapacity = 64

    init() {}

    deinit {
        memory?.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

    mutating func append(_ header: FrameHeader) {
        header.write(to: claim(FrameHeader.size))
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        claim(MemoryLayout<Number>.size).storeBytes(of: number.bigEndian, as: Number.self)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        claim(bytes.count).copyMemory(from: base, byteCount: bytes.count)
    }

    mutating func removeAll() {
        memory?.deallocate()
        memory = nil
        capacity = 0
        count = 0
    }

    /// Room for `size` bytes at the end, which count as written.
    private mutating func claim(_ size: Int) -> UnsafeMutableRawPointer {
        if count + size > capacity { grow(to: count + size) }
        defer { count += size }
        return memory.unsafelyUnwrapped + count  // there is memory where there is capacity
    }

    private mutating func grow(to least: Int) {
        let larger = max(Self.leastCapacity, least, 2 * capacity)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        if let memory {
            bytes.copyMemory(from: memory, byteCount: count)
            memory.deallocate()
        }
        memory = bytes
        capacity = larger
    }
}
