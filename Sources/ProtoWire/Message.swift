public import Bytes

/// A message of a contract: what generated structs conform to.
///
/// A conforming type says how to read its fields (`merge`) and how to write them (`encode`); everything else follows.
/// Absent fields hold their defaults. Encoding puts fields in the order of their numbers, so equal messages whose maps
/// were filled in the same order have equal bytes.
public protocol Message: Sendable, Equatable {
    init()

    /// The type's full name and the file that declares it, for JSON, reflection and dynamic access.
    static var descriptor: MessageDescriptor { get }

    /// Fields that this version of the contract does not know; they are kept and written back.
    var unknownFields: UnknownFields { get set }

    /// Reads fields until the reader's end; a field that is already set is replaced, extended or merged, as protobuf
    /// says.
    mutating func merge(from reader: inout WireReader) throws(DecodeError)

    /// Writes all fields *backwards*: the last field first, since the writer fills its buffer from the end.
    func encode(into writer: inout WireWriter)
}

extension Message {
    /// Decodes a message of exactly these bytes.
    @inlinable
    public init(decoding bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        self.init()
        var reader = WireReader(bytes)
        try merge(from: &reader)
    }

    /// Decodes a message of exactly these bytes.
    @inlinable
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
            try Self(decoding: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Decodes a message of exactly these bytes.
    @inlinable
    public init(decoding chunk: Chunk) throws(DecodeError) {
        self = try chunk.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(DecodeError) in
            try Self(decoding: buffer)
        }
    }

    /// The message in the binary format.
    ///
    /// Small messages are built on the stack, so the array is the only allocation.
    @inlinable
    public func encoded() -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: WireWriter.scratchSize, alignment: 8) { scratch in
            var writer = WireWriter(borrowing: scratch)
            encode(into: &writer)
            return writer.array()
        }
    }

    /// The message in the binary format, in the writer's own memory, with at least `headroom` free bytes in front of
    /// it.
    @inlinable
    public func encodedChunk(headroom: Int = 0) -> Chunk {
        var writer = WireWriter(headroom: headroom)
        encode(into: &writer)
        return writer.chunk()
    }
}
