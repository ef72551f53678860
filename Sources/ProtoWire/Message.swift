public import Bytes

/// A message of a contract: what generated structs conform to.
///
/// A conforming type says how to read its fields (`merge`) and how to write them (`encode`); everything else follows.
/// Absent fields hold their defaults. Encoding puts fields in the order of their numbers and maps in the order in which
/// they were filled; deterministic encoding sorts maps by their keys, so equal messages without unknown fields have equal
/// bytes.
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

    /// The first required field that is missing, here or in a message below: `row[2].whole.id`. Names are the contract's.
    ///
    /// Types that reach no required field, which are nearly all, keep the default and answer nil at no cost. Messages in
    /// extensions are not looked at: no type knows its extensions.
    func missingField() -> String?
}

extension Message {
    @inlinable @inline(__always)
    public func missingField() -> String? { nil }

    /// Whether all required fields are set, here and in all messages below.
    @inlinable public var isInitialized: Bool { missingField() == nil }

    /// Decodes a message of exactly these bytes.
    @inlinable
    public init(decoding bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        self.init()
        var reader = WireReader(bytes)
        try merge(from: &reader)
        if let path = missingField() { throw DecodeError(missing: path, at: bytes.count) }
    }

    /// Decodes a message of exactly these bytes, as the options allow.
    @inlinable
    public init(decoding bytes: UnsafeRawBufferPointer, options: DecodeOptions) throws(DecodeError) {
        guard bytes.count <= options.maximumSize else { throw DecodeError(.tooLarge, at: options.maximumSize) }
        self.init()
        var reader = WireReader(bytes, depth: options.maximumDepth)
        try merge(from: &reader)
        if options.allowsPartial { return }
        if let path = missingField() { throw DecodeError(missing: path, at: bytes.count) }
    }

    /// Decodes a message of exactly these bytes, as the options allow.
    @inlinable
    public init(decoding bytes: [UInt8], options: DecodeOptions) throws(DecodeError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
            try Self(decoding: UnsafeRawBufferPointer(buffer), options: options)
        }
    }

    /// Decodes a message of exactly these bytes.
    @inlinable
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        self.init()
        if let failure = bytes.withUnsafeBytes({ merge(all: $0) }) { throw failure }
    }

    /// Decodes a message of exactly these bytes.
    @inlinable
    public init(decoding chunk: Chunk) throws(DecodeError) {
        self.init()
        if let failure = chunk.withUnsafeBytes({ merge(all: $0) }) { throw failure }
    }

    /// The message is changed where it lies: a closure that returned or threw would move all its fields.
    @inlinable @inline(__always)
    mutating func merge(all bytes: UnsafeRawBufferPointer) -> DecodeError? {
        do {
            var reader = WireReader(bytes)
            try merge(from: &reader)
            return missingField().map { DecodeError(missing: $0, at: bytes.count) }
        } catch {
            return error
        }
    }

    /// The message in the binary format.
    ///
    /// Small messages are built on the stack, so the array is the only allocation. Missing required fields are no error
    /// here: what is set is written, and `missingField()` tells who must know.
    ///
    /// - Parameter deterministic: Writes the entries of maps in the order of their keys, at every depth. It costs a sort
    ///   per map and makes equal messages equal bytes for this version of the code; it is no canonical form, because
    ///   unknown fields stay as they came.
    @inlinable
    public func encoded(deterministic: Bool = false) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: WireWriter.scratchSize, alignment: 8) { scratch in
            var writer = WireWriter(borrowing: scratch, gathers: true)
            writer.sortsMaps = deterministic
            encode(into: &writer)
            return writer.array()
        }
    }

    /// The message in the binary format, in the writer's own memory, with at least `headroom` free bytes in front of
    /// it.
    @inlinable
    public func encodedChunk(headroom: Int = 0, deterministic: Bool = false) -> Chunk {
        var writer = WireWriter(headroom: headroom)
        writer.sortsMaps = deterministic
        encode(into: &writer)
        return writer.chunk()
    }
}
