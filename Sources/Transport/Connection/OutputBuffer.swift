import Reactor

/// What a connection has yet to write to its socket: one block of the loop's pool while there is something, none when idle.
///
/// Whoever fills it stays within a block or nearly so; a handshake, an alert or one large frame may make it grow. Touched on its loop alone.
final class OutputBuffer {
    private let pool: BufferPool
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var start = 0
    private var end = 0

    init(pool: BufferPool) {
        self.pool = pool
    }

    deinit {
        release()
    }

    var isEmpty: Bool { start == end }
    var count: Int { end - start }
    /// How many bytes more the block takes; a whole block's when there is none yet.
    var room: Int { (memory == nil ? BufferPool.blockSize : capacity) - end }

    /// What is to be written next.
    var pending: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory.map { $0 + start }, count: end - start) }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if bytes.count > room { grow(toHold: count + bytes.count) }
        (hold() + end).copyMemory(from: source, byteCount: bytes.count)
        end += bytes.count
    }

    /// `count` bytes went out.
    func consume(_ count: Int) {
        start += count
        if isEmpty { release() }
    }

    func release() {
        if let memory {
            if capacity == BufferPool.blockSize { pool.give(memory) } else { memory.deallocate() }
        }
        memory = nil
        capacity = 0
        start = 0
        end = 0
    }

    private func hold() -> UnsafeMutableRawPointer {
        if let memory { return memory }
        let taken = pool.take()
        memory = taken
        capacity = BufferPool.blockSize
        return taken
    }

    private func grow(toHold count: Int) {
        let wider = max(count, 2 * BufferPool.blockSize)
        let new = UnsafeMutableRawPointer.allocate(byteCount: wider, alignment: 64)
        let held = self.count
        if let memory { new.copyMemory(from: memory + start, byteCount: held) }
        release()
        memory = new
        capacity = wider
        end = held
    }
}
