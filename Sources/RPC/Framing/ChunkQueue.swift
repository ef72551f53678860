import Bytes
import DequeModule

/// Chunks that wait, with small ones copied together.
///
/// A chunk costs some seventy bytes beside its own, and it may hold a whole read buffer alive: a peer that sends a byte in
/// each frame would make a window of 64 KiB cost megabytes. Copied together they cost what they are.
struct ChunkQueue {
    /// From here on a chunk's own cost is small beside its bytes, and copying them would not be.
    private static let copied = 1024
    /// A block of copied bytes is closed at this size.
    private static let blockSize = 16 * 1024

    private var chunks = Deque<Chunk>()
    private var block: [UInt8] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ chunk: Chunk) {
        byteCount += chunk.count
        if chunk.count >= Self.copied || block.count + chunk.count > Self.blockSize { close() }
        if chunk.count >= Self.copied {
            chunks.append(chunk)
        } else {
            chunk.withUnsafeBytes { block.append(contentsOf: $0) }
        }
    }

    mutating func next() -> Chunk? {
        if chunks.isEmpty { close() }
        guard let chunk = chunks.popFirst() else { return nil }
        byteCount -= chunk.count
        return chunk
    }

    private mutating func close() {
        guard !block.isEmpty else { return }
        chunks.append(Chunk(block))
        block.removeAll(keepingCapacity: true)
    }
}
