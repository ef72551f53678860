/// Bytes in order: written at one end, read at the other.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var head = 0

    var count: Int { bytes.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: [UInt8]) {
        // What was read is thrown away once it is most of what is kept: each byte is moved about once.
        if head > 64 * 1024, head > bytes.count / 2 {
            bytes.removeFirst(head)
            head = 0
        }
        bytes.append(contentsOf: more)
    }

    mutating func read(into place: UnsafeMutableRawBufferPointer, atMost limit: Int) -> Int {
        let taken = min(place.count, limit, count)
        bytes.withUnsafeBytes { place.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[head..<head + taken])) }
        head += taken
        if head == bytes.count { removeAll() }
        return taken
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 64 * 1024)
        head = 0
    }
}
