import Bytes

/// Chunks of one stream that wait to be sent. Most streams have one at a time, which costs no array.
struct OutboundQueue {
    private var first: Chunk?
    private var rest: [Chunk] = []
    private var restStart = 0
    /// Bytes in all chunks.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// Bytes in the first chunk.
    var firstCount: Int { first?.count ?? 0 }

    mutating func append(_ chunk: Chunk) {
        guard !chunk.isEmpty else { return }
        count += chunk.count
        if first == nil {
            first = chunk
        } else {
            rest.append(chunk)
        }
    }

    /// Takes the first `wanted` bytes, which the first chunk must have.
    mutating func takeFromFirst(_ wanted: Int) -> Chunk {
        guard var chunk = first else { preconditionFailure("bytes were promised that are not queued") }
        count -= wanted
        if wanted == chunk.count {
            advance()
            return chunk
        }
        let taken = chunk.takePrefix(wanted)
        first = chunk
        return taken
    }

    /// Moves up to `room` bytes to `target`, but stops before a chunk of `borrowable` bytes or more.
    mutating func move(to target: UnsafeMutablePointer<UInt8>, room: Int, borrowable: Int) -> Int {
        var moved = 0
        while moved < room, let chunk = first, moved == 0 || chunk.count < borrowable {
            let part = min(room - moved, chunk.count)
            chunk.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress {
                    UnsafeMutableRawPointer(target + moved).copyMemory(from: base, byteCount: part)
                }
            }
            moved += part
            if part == chunk.count {
                advance()
            } else {
                first?.dropPrefix(part)
            }
        }
        count -= moved
        return moved
    }

    /// Moves the first `wanted` bytes, which must be there, to the end of `chain`.
    mutating func move(_ wanted: Int, to chain: OutputChain) {
        var left = wanted
        count -= wanted
        // Chunks are moved out and in, which counts no references.
        while left > 0, var chunk = first.take() {
            guard chunk.count > left else {
                left -= chunk.count
                chain.append(chunk)
                advance()
                continue
            }
            chain.append(chunk.takePrefix(left))
            first = consume chunk
            left = 0
        }
    }

    mutating func removeAll() {
        self = OutboundQueue()
    }

    private mutating func advance() {
        guard restStart < rest.count else {
            first = nil
            return
        }
        first = rest[restStart]
        rest[restStart] = .empty
        restStart += 1
        if restStart == rest.count {
            rest.removeAll(keepingCapacity: true)
            restStart = 0
        } else if restStart >= 64, restStart * 2 > rest.count {
            // A queue that never runs empty must not keep what it has sent.
            rest.removeFirst(restStart)
            restStart = 0
        }
    }
}
