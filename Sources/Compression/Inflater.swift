public import Bytes
import CZlib
import Glibc

/// Reads compressed messages, one after the other, each for itself.
///
/// A compressed message says nothing true about its size: 4 MiB of zeros are 4 KiB on the wire. So memory grows with what
/// has come out, never past the limit, and reading ends where the limit is passed, before the rest is looked at.
public struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let encoding: MessageEncoding

    /// `encoding` is `deflate` or `gzip`.
    public init(_ encoding: MessageEncoding) {
        self.encoding = encoding
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let answer = inflateInit2_(stream, encoding.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(answer == Z_OK, "zlib cannot begin: out of memory, or another version than the one compiled for")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Memory begins with as much as a text of that length usually comes to, within these bounds.
    private static let firstCapacity = 512...256 * 1024
    private static let usualRatio = 4

    /// What `bytes` stand for, which must not be more than `limit` bytes.
    public mutating func inflate(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(InflateError) -> Chunk {
        // Some peers mark an empty message as compressed and send nothing.
        if bytes.isEmpty { return .empty }
        guard bytes.count <= Int(UInt32.max) else { throw .malformed }
        inflateReset(stream)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        let guess = min(max(bytes.count * Inflater.usualRatio, Inflater.firstCapacity.lowerBound), limit)
        var output = Output(min(guess, Inflater.firstCapacity.upperBound))
        do throws(InflateError) {
            try inflate(into: &output, limit: limit)
        } catch {
            free(output.memory)
            throw error
        }
        return Chunk(adopting: output.memory, capacity: output.capacity, start: 0, end: output.count)
    }

    /// What a message stands for, which must not be more than `limit` bytes.
    public mutating func inflate(_ message: Chunk, limit: Int) throws(InflateError) -> Chunk {
        defer { withExtendedLifetime(message) {} }
        return try inflate(message.withUnsafeBytes { $0 }, limit: limit)
    }

    /// Reads member after member: a file of gzip may have several (RFC 1952 §2.2), a stream of zlib is one.
    private mutating func inflate(into output: inout Output, limit: Int) throws(InflateError) {
        while true {
            // One byte more than the limit tells a message of exactly its size from a larger one.
            if output.count == output.capacity { output.grow(to: min(output.capacity * 2, limit + 1)) }
            let room = UInt32(clamping: output.capacity - output.count)
            stream.pointee.next_out = (output.memory + output.count).assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = room
            let answer = CZlib.inflate(stream, Z_NO_FLUSH)
            output.count += Int(room - stream.pointee.avail_out)
            if output.count > limit { throw .tooLarge(limit: limit) }
            switch answer {
            case Z_STREAM_END where stream.pointee.avail_in == 0:
                return
            case Z_STREAM_END where encoding == .gzip:
                inflateReset(stream)
            case Z_OK where stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0:
                break
            case Z_OK, Z_BUF_ERROR:
                // zlib wants more, and there is no more; with room left it is no question of room.
                guard stream.pointee.avail_out == 0 else { throw .truncated }
            case Z_MEM_ERROR:
                preconditionFailure("out of memory")
            default:
                throw .malformed
            }
        }
    }

    /// Memory that grows while a message comes out.
    private struct Output {
        var memory: UnsafeMutableRawPointer
        var capacity: Int
        var count = 0

        init(_ capacity: Int) {
            self.capacity = max(capacity, 1)
            guard let memory = malloc(self.capacity) else { preconditionFailure("out of memory") }
            self.memory = memory
        }

        mutating func grow(to capacity: Int) {
            guard let grown = realloc(memory, capacity) else { preconditionFailure("out of memory") }
            memory = grown
            self.capacity = capacity
        }
    }
}

/// Why a compressed message cannot be read.
public enum InflateError: Error, Equatable, Sendable {
    /// It is not of its format, or its checksum is wrong, or something follows it.
    case malformed
    /// It ends too early.
    case truncated
    /// It stands for more bytes than are allowed here.
    case tooLarge(limit: Int)
}
