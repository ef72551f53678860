public import Glibc

/// A run of bytes that is shared, not copied, when it is passed on.
///
/// A chunk is a window on a block of memory that its last user frees. The window may leave *headroom* in front of the
/// bytes: an encoder that writes backwards leaves it, and a framer puts a prefix there without a copy.
public struct Chunk: @unchecked Sendable {  // bytes are written before their block is shared, or by its sole owner
    @usableFromInline var block: Block
    @usableFromInline var start: Int
    @usableFromInline var end: Int

    @inlinable
    init(block: Block, start: Int, end: Int) {
        self.block = block
        self.start = start
        self.end = end
    }

    /// Copies `bytes`, leaving `headroom` free bytes in front of them.
    @inlinable
    public init(copying bytes: UnsafeRawBufferPointer, headroom: Int = 0) {
        block = Block.holding(headroom + bytes.count)
        start = headroom
        end = headroom + bytes.count
        if let base = bytes.baseAddress, !bytes.isEmpty {
            (block.base + headroom).copyMemory(from: base, byteCount: bytes.count)
        }
    }

    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Chunk(copying: $0) }
    }

    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Takes over memory that came from `malloc`: it is freed with the last chunk on it.
    @inlinable
    public init(adopting memory: UnsafeMutableRawPointer, capacity: Int, start: Int, end: Int) {
        precondition(0 <= start && start <= end && end <= capacity, "a chunk must lie inside its memory")
        self.init(block: Block.adopting(memory), start: start, end: end)
    }

    public static let empty = Chunk([])

    @inlinable public var count: Int { end - start }
    @inlinable public var isEmpty: Bool { end == start }
    /// The free bytes in front, which `claimPrefix` may use.
    @inlinable public var headroom: Int { start }

    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(block) {} }
        return try body(UnsafeRawBufferPointer(start: block.base + start, count: end - start))
    }

    /// Widens the chunk by `count` bytes in front and lets `fill` write them, if the memory is this chunk's alone.
    ///
    /// Answers false, and changes nothing, when there is too little headroom or somebody else holds the memory.
    @inlinable
    public mutating func claimPrefix(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        guard start >= count, isKnownUniquelyReferenced(&block) else { return false }
        start -= count
        fill(UnsafeMutableRawBufferPointer(start: block.base + start, count: count))
        return true
    }

    /// Takes the first `count` bytes off and returns them; both chunks share the memory.
    @inlinable
    public mutating func takePrefix(_ count: Int) -> Chunk {
        precondition(count <= self.count, "a chunk cannot give more than it holds")
        let taken = Chunk(block: block, start: start, end: start + count)
        start += count
        return taken
    }

    /// Drops the first `count` bytes.
    @inlinable
    public mutating func dropPrefix(_ count: Int) {
        precondition(count <= self.count, "a chunk cannot drop more than it holds")
        start += count
    }

    public var array: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The memory under one or more chunks: behind the object itself, which saves an allocation, or adopted.
    @usableFromInline
    final class Block: ManagedBuffer<Memory, UInt8> {
        @inlinable
        static func holding(_ capacity: Int) -> Block {
            let block = create(minimumCapacity: capacity) { buffer in
                buffer.withUnsafeMutablePointerToElements {
                    Memory(base: UnsafeMutableRawPointer($0), isAdopted: false)
                }
            }
            return unsafeDowncast(block, to: Block.self)
        }

        @inlinable
        static func adopting(_ memory: UnsafeMutableRawPointer) -> Block {
            let block = create(minimumCapacity: 0) { _ in Memory(base: memory, isAdopted: true) }
            return unsafeDowncast(block, to: Block.self)
        }

        // By pointer, and not as a property: a class's property is checked for exclusive access each time it is read.
        @inlinable var base: UnsafeMutableRawPointer { withUnsafeMutablePointerToHeader { $0.pointee.base } }

        @inlinable
        deinit {
            withUnsafeMutablePointerToHeader { header in
                if header.pointee.isAdopted { free(header.pointee.base) }
            }
        }
    }

    /// Where a block's bytes are.
    @usableFromInline
    struct Memory {
        @usableFromInline let base: UnsafeMutableRawPointer
        /// The bytes came from `malloc` and are freed with the block.
        @usableFromInline let isAdopted: Bool

        @inlinable
        init(base: UnsafeMutableRawPointer, isAdopted: Bool) {
            self.base = base
            self.isAdopted = isAdopted
        }
    }
}

extension Chunk: Equatable {
    public static func == (left: Chunk, right: Chunk) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard left.count == right.count else { return false }
                guard let one = left.baseAddress, let other = right.baseAddress else { return true }
                return memcmp(one, other, left.count) == 0
            }
        }
    }
}
