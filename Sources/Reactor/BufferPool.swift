public import Bytes

/// Blocks of memory of one size, kept by a loop for its connections: an idle connection owns none.
///
/// Last in, first out, so that a busy loop uses the same warm block again and again. Touched on its loop alone.
public final class BufferPool: BlockSource {
    /// The size of a block: a flush of many small messages, or four full TLS records.
    public static let blockSize = 64 * 1024
    /// Blocks kept beyond use: 4 MiB a loop. More are given back to the system.
    private static let kept = 64

    private var free: [UnsafeMutableRawPointer] = []

    public init() {}

    deinit {
        for block in free { block.deallocate() }
    }

    public var blockSize: Int { BufferPool.blockSize }

    /// A block of `blockSize` bytes, not initialised.
    public func take() -> UnsafeMutableRawPointer {
        free.popLast() ?? .allocate(byteCount: BufferPool.blockSize, alignment: 64)
    }

    public func give(_ block: UnsafeMutableRawPointer) {
        if free.count < BufferPool.kept {
            free.append(block)
        } else {
            block.deallocate()
        }
    }
}
