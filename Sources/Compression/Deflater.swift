public import Bytes
import CZlib
import Glibc

/// Compresses messages, one after the other, each for itself.
///
/// One holds about 260 KiB for its window and hash chains whatever it is given, so it is kept and used again: RPC has one for
/// each encoding and loop, and only once something is compressed there. Messages share no history: each can be read alone,
/// which gRPC demands, and a secret in one cannot be guessed by the length of another (CRIME).
public struct Deflater: ~Copyable {
    /// zlib's own default: the knee of its curve of size against time.
    public static var defaultLevel: Int { 6 }

    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameters:
    ///   - encoding: `deflate` or `gzip`.
    ///   - level: 1 is the fastest, 9 the smallest.
    public init(_ encoding: MessageEncoding, level: Int = Deflater.defaultLevel) {
        precondition(1...9 ~= level, "zlib has levels from 1 to 9")
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let answer = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, encoding.windowBits, Deflater.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(answer == Z_OK, "zlib cannot begin: out of memory, or another version than the one compiled for")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// zlib's default: 128 KiB of hash chains.
    private static let memoryLevel: Int32 = 8

    /// The compressed form of `bytes`, with `headroom` free bytes in front of it for a frame's prefix.
    ///
    /// What does not shrink grows by a few bytes; whoever may send it as it is compares the counts.
    public mutating func compress(_ bytes: UnsafeRawBufferPointer, headroom: Int = 0) -> Chunk {
        precondition(bytes.count <= Int(UInt32.max), "a message of gRPC is at most 4 GiB long")
        precondition(deflateReset(stream) == Z_OK, "a deflater can always begin again")
        let capacity = headroom + Int(deflateBound(stream, UInt(bytes.count)))
        guard let memory = malloc(capacity) else { preconditionFailure("out of memory") }
        // zlib reads what it is given and no more; only its declaration does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = memory.assumingMemoryBound(to: UInt8.self) + headroom
        stream.pointee.avail_out = UInt32(clamping: capacity - headroom)
        let answer = deflate(stream, Z_FINISH)
        precondition(answer == Z_STREAM_END, "zlib ends within the bound that it gave itself")
        let end = headroom + Int(stream.pointee.total_out)
        // Most of the bound is unused, and the message may wait long for its peer's window.
        let kept = realloc(memory, max(end, 1)) ?? memory
        return Chunk(adopting: kept, capacity: max(end, 1), start: headroom, end: end)
    }

    /// The compressed form of a message.
    public mutating func compress(_ message: Chunk, headroom: Int = 0) -> Chunk {
        defer { withExtendedLifetime(message) {} }
        return compress(message.withUnsafeBytes { $0 }, headroom: headroom)
    }
}
