import Bytes

/// Cuts a body into envelopes: a byte of flags, four of length, and so many bytes. gRPC, gRPC-Web and Connect share the
/// form; only the flags differ.
struct EnvelopeReader {
    static let prefixLength = 5
    /// What was read is thrown away once it is so much: a copy of the rest for each envelope would be quadratic.
    private static let compaction = 64 * 1024

    private let limit: Int
    private var held: [UInt8] = []
    private var start = 0

    struct Envelope {
        let flags: UInt8
        let body: Chunk
    }

    /// An envelope promises more than is allowed.
    struct TooLarge: Error, Equatable {
        let length: Int
        let limit: Int
    }

    init(limit: Int) {
        self.limit = limit
    }

    /// The body must not end here.
    var isWithin: Bool { start < held.count }

    mutating func append(_ chunk: Chunk) {
        chunk.withUnsafeBytes { held.append(contentsOf: $0) }
    }

    /// The next whole envelope, or nil until more has come. What is held is never more than one envelope within the limit
    /// and one chunk, as long as envelopes are taken until there are none.
    mutating func next() throws(TooLarge) -> Envelope? {
        let count = held.count - start
        guard count >= EnvelopeReader.prefixLength else { return nil }
        let length = held[start + 1..<start + 5].reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else { throw TooLarge(length: length, limit: limit) }
        guard count >= EnvelopeReader.prefixLength + length else { return nil }
        let flags = held[start]
        let first = start + EnvelopeReader.prefixLength
        let body = held[first..<first + length].withUnsafeBytes { Chunk(copying: $0, headroom: 5) }
        start = first + length
        if start == held.count {
            held.removeAll(keepingCapacity: held.capacity <= EnvelopeReader.compaction)
            start = 0
        } else if start >= EnvelopeReader.compaction {
            held.removeSubrange(..<start)
            start = 0
        }
        return Envelope(flags: flags, body: body)
    }

    /// Puts a prefix before a body, in its own memory if there is room.
    static func frame(_ body: consuming Chunk, flags: UInt8) -> Chunk {
        let length = body.count
        if body.claimPrefix(prefixLength, { write(flags, length, to: $0) }) { return body }
        var copy = body.withUnsafeBytes { Chunk(copying: $0, headroom: prefixLength) }
        _ = copy.claimPrefix(prefixLength) { write(flags, length, to: $0) }
        return copy
    }

    private static func write(_ flags: UInt8, _ length: Int, to space: UnsafeMutableRawBufferPointer) {
        precondition(length <= Int(UInt32.max), "an envelope holds at most 4 GiB")
        space[0] = flags
        space.storeBytes(of: UInt32(length).bigEndian, toByteOffset: 1, as: UInt32.self)
    }
}
