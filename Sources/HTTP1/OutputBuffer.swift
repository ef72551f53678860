import Bytes

/// Bytes that wait to be written: small ones together, big chunks where they are.
struct OutputBuffer {
    private var chunks: [Chunk] = []
    private var tail: [UInt8] = []
    private(set) var count = 0

    /// Chunks of at least this many bytes are not copied.
    private static let borrowable = 4096

    var isEmpty: Bool { count == 0 }

    mutating func append(_ text: String) {
        append(text.utf8)
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        tail.append(contentsOf: bytes)
        count += bytes.count
    }

    mutating func append(_ chunk: Chunk) {
        count += chunk.count
        guard chunk.count >= Self.borrowable else {
            chunk.withUnsafeBytes { tail.append(contentsOf: $0) }
            return
        }
        closeTail()
        chunks.append(chunk)
    }

    /// Hands runs to `write` until there are none or `limit` bytes were handed out.
    mutating func take(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) {
        closeTail()
        var taken = 0
        var index = 0
        while index < chunks.count, taken < limit {
            let part = min(limit - taken, chunks[index].count)
            let run = chunks[index].takePrefix(part)
            run.withUnsafeBytes { write($0) }
            taken += part
            if chunks[index].isEmpty { index += 1 }
        }
        chunks.removeFirst(index)
        count -= taken
    }

    private mutating func closeTail() {
        guard !tail.isEmpty else { return }
        chunks.append(Chunk(tail))
        tail.removeAll(keepingCapacity: true)
    }
}
