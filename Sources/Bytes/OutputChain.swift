public import Glibc

/// Where an `OutputChain` gets its memory: blocks of one size, taken while there is output and given back when it went out.
///
/// A loop's pool is one, so that the connections of a loop use the same few warm blocks in turn and an idle one owns none.
public protocol BlockSource: AnyObject {
    /// Bytes in each block.
    var blockSize: Int { get }
    /// A block of `blockSize` bytes, not initialised.
    func take() -> UnsafeMutableRawPointer
    func give(_ block: UnsafeMutableRawPointer)
}

/// Bytes on their way to a socket: small ones gathered in blocks, large chunks by reference, in the order they came.
///
///     pieces:  [block ▒▒▒▒][chunk ▒▒▒▒▒▒▒▒][block ▒▒]      then the open run:  [block ▒▒▒▒······]
///               lent        shared          lent                                tail    room
///
/// Frame headers, HPACK and small messages are copied or written straight into the tail block, so that a batch of them is
/// one run; a large DATA payload stays where it is and becomes an entry of `writev` or the source of a TLS record. A
/// contiguous buffer was measured to spend 16-23 % of a bulk stream's time in `memmove`.
///
/// An empty chain holds no block and nearly no memory. Whoever fills it bounds it: by the limit of `takeOutput`. Touched
/// on one loop alone.
public final class OutputChain {
    /// A chunk of so many bytes is shared; a smaller one is copied, since an entry of its own costs as much as copying it,
    /// and would pin its whole block.
    public static let sharedFrom = 2048
    /// Entries handed to one `writev`: 64 frames of 16 KiB and their headers, more than a socket takes at once (the
    /// kernel's own bound is 1,024).
    public static let maximumVectors = 128

    /// Bytes that wait.
    @exclusivity(unchecked) public private(set) var count = 0

    private let blocks: any BlockSource
    /// What stands before the open run. Those before `head` are gone.
    @exclusivity(unchecked) private var pieces: [Piece] = []
    @exclusivity(unchecked) private var head = 0
    /// The block that is being filled.
    @exclusivity(unchecked) private var tail: UnsafeMutableRawPointer?
    @exclusivity(unchecked) private var tailCapacity = 0
    /// The bytes of the tail block that no piece covers yet.
    @exclusivity(unchecked) private var openStart = 0
    @exclusivity(unchecked) private var openEnd = 0

    private struct Piece {
        var base: UnsafeMutableRawPointer
        var count: Int
        var owner: Owner

        enum Owner {
            /// The block is still the tail, or a later piece gives it back.
            case lent
            /// The last piece on its block.
            case block(UnsafeMutableRawPointer, capacity: Int)
            case shared(Chunk.Block)
        }
    }

    public init(blocks: any BlockSource) {
        self.blocks = blocks
    }

    deinit {
        removeAll()
    }

    public var isEmpty: Bool { count == 0 }

    // MARK: Filling

    /// Copies `bytes` to the end.
    public func append(_ bytes: UnsafeRawBufferPointer) {
        var left = bytes
        while let source = left.baseAddress, !left.isEmpty {
            if tailRoom == 0 { openBlock(holding: 1) }
            let taken = min(left.count, tailRoom)
            (tail! + openEnd).copyMemory(from: source, byteCount: taken)  // a block with room was opened
            openEnd += taken
            count += taken
            left = UnsafeRawBufferPointer(rebasing: left[taken...])
        }
    }

    /// Puts a chunk at the end: by reference if it is large, else copied.
    public func append(_ chunk: Chunk) {
        guard chunk.count >= OutputChain.sharedFrom else {
            chunk.withUnsafeBytes { append($0) }
            return
        }
        closeRun()
        pieces.append(
            Piece(base: chunk.block.base + chunk.start, count: chunk.count, owner: .shared(chunk.block)))
        count += chunk.count
    }

    /// Lets `body` write up to `room` bytes that lie together at the end; it answers how many it wrote.
    ///
    /// For frame headers and header blocks, which then need no memory of their own. Ask for little: what the tail block
    /// has left is given up where it is less than `room`.
    @inlinable
    public func write(atMost room: Int, _ body: (UnsafeMutableRawPointer) -> Int) {
        commit(body(claim(room)))
    }

    /// The same in two steps: `room` bytes that lie together, not yet part of the chain. Nothing else may be called before
    /// `commit`.
    public func claim(_ room: Int) -> UnsafeMutableRawPointer {
        if tailRoom < room || tail == nil { openBlock(holding: room) }
        return tail! + openEnd  // a block with room was opened
    }

    /// The first `written` bytes of what `claim` gave are now part of the chain.
    public func commit(_ written: Int) {
        precondition(written >= 0 && written <= tailRoom, "no more may be written than was claimed")
        openEnd += written
        count += written
        if count == 0 { removeAll() }
    }

    // MARK: Emptying

    /// The first bytes that lie together; empty if the chain is. Good until the chain is changed.
    public var firstRun: UnsafeRawBufferPointer {
        for index in head..<pieces.count where pieces[index].count > 0 {
            return UnsafeRawBufferPointer(start: pieces[index].base, count: pieces[index].count)
        }
        return openRun
    }

    /// Hands the runs to `body`, first to last, until it answers false. The chain may not change meanwhile.
    public func withRuns(_ body: (UnsafeRawBufferPointer) -> Bool) {
        for index in head..<pieces.count where pieces[index].count > 0 {
            guard body(UnsafeRawBufferPointer(start: pieces[index].base, count: pieces[index].count)) else { return }
        }
        if !openRun.isEmpty { _ = body(openRun) }
    }

    /// The first runs, for `writev`: `maximumVectors` at most. Empty if the chain is.
    public func withVectors<Result>(_ body: (UnsafeBufferPointer<iovec>) -> Result) -> Result {
        let most = min(pieces.count - head + 1, OutputChain.maximumVectors)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: most) { vectors in
            var filled = 0
            var index = head
            while filled < most, index < pieces.count {
                if pieces[index].count > 0 {
                    vectors[filled] = iovec(iov_base: pieces[index].base, iov_len: pieces[index].count)
                    filled += 1
                }
                index += 1
            }
            if filled < most, let tail, openEnd > openStart {
                vectors[filled] = iovec(iov_base: tail + openStart, iov_len: openEnd - openStart)
                filled += 1
            }
            return body(UnsafeBufferPointer(rebasing: vectors[..<filled]))
        }
    }

    /// Copies the first bytes to `space`, as many as it and the chain have, and answers how many. They stay in the chain.
    ///
    /// It stops before a run of `largeRun` bytes: whoever gathers small ones takes a large one where it lies.
    public func copyPrefix(into space: UnsafeMutableRawBufferPointer, stoppingAt largeRun: Int = .max) -> Int {
        var copied = 0
        withRuns { run in
            if run.count >= largeRun { return false }
            let part = UnsafeRawBufferPointer(rebasing: run.prefix(space.count - copied))
            UnsafeMutableRawBufferPointer(rebasing: space[copied...]).copyMemory(from: part)
            copied += part.count
            return copied < space.count
        }
        return copied
    }

    /// The first `gone` bytes went out. Memory that nothing waits in goes back at once.
    public func consume(_ gone: Int) {
        precondition(gone >= 0 && gone <= count, "no more can go out than waits")
        count -= gone
        if count == 0 {
            removeAll()
            return
        }
        var left = gone
        while head < pieces.count, pieces[head].count <= left {
            left -= pieces[head].count
            release(pieces[head].owner)
            pieces[head].owner = .lent
            pieces[head].count = 0
            head += 1
        }
        if head < pieces.count {
            pieces[head].base += left
            pieces[head].count -= left
        } else {
            openStart += left
        }
        // The gone ones leave the array when they are most of it: each is moved once on average.
        if head > 16, head * 2 > pieces.count {
            pieces.removeFirst(head)
            head = 0
        }
    }

    /// Throws everything away.
    public func removeAll() {
        count = 0
        for index in head..<pieces.count { release(pieces[index].owner) }
        if pieces.capacity > OutputChain.keptPieces {
            pieces = []
        } else if !pieces.isEmpty {
            pieces.removeAll(keepingCapacity: true)
        }
        head = 0
        if let tail { release(.block(tail, capacity: tailCapacity)) }
        tail = nil
        tailCapacity = 0
        openStart = 0
        openEnd = 0
    }

    /// Entries for pieces that an empty chain keeps: a flush with two large chunks needs no allocation.
    private static let keptPieces = 4

    // MARK: The tail

    private var tailRoom: Int { tailCapacity - openEnd }

    private var openRun: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: tail.map { UnsafeRawPointer($0 + openStart) }, count: openEnd - openStart)
    }

    /// What was written to the tail so far becomes a piece; the block goes on behind it.
    private func closeRun() {
        guard let tail, openEnd > openStart else { return }
        pieces.append(Piece(base: tail + openStart, count: openEnd - openStart, owner: .lent))
        openStart = openEnd
    }

    /// Replaces the tail by a fresh block of `room` bytes or more.
    private func openBlock(holding room: Int) {
        if let old = tail {
            // An empty piece too: pieces before it may lie on the same block.
            pieces.append(
                Piece(
                    base: old + openStart, count: openEnd - openStart, owner: .block(old, capacity: tailCapacity)))
        }
        let size = blocks.blockSize
        if room <= size {
            tail = blocks.take()
            tailCapacity = size
        } else {
            tail = .allocate(byteCount: room, alignment: 64)
            tailCapacity = room
        }
        openStart = 0
        openEnd = 0
    }

    private func release(_ owner: Piece.Owner) {
        guard case .block(let block, let capacity) = owner else { return }
        if capacity == blocks.blockSize { blocks.give(block) } else { block.deallocate() }
    }
}

/// Blocks from the allocator, for who has no loop: tests and tools.
public final class HeapBlocks: BlockSource {
    public let blockSize: Int
    /// Blocks that were taken and not given back.
    public private(set) var taken = 0

    public init(blockSize: Int = 16 * 1024) {
        self.blockSize = blockSize
    }

    public func take() -> UnsafeMutableRawPointer {
        taken += 1
        return .allocate(byteCount: blockSize, alignment: 64)
    }

    public func give(_ block: UnsafeMutableRawPointer) {
        taken -= 1
        block.deallocate()
    }
}
