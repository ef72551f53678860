public import Bytes
import Exchange
import Glibc

/// Cuts a body into messages: chunks in, whole messages out, in order.
///
///     prefix (5 bytes) ──▶ body ──▶ prefix ──▶ ...          a fault ends it
///
/// One message is cut at a time; what lies behind it stays as it came until the message is taken, so that a window full of
/// empty messages costs its bytes and not an entry for each. A message that lies whole in a chunk is a window on it. One
/// that is spread over chunks is gathered into memory of its own as it comes, and its chunks are let go: peers that send a
/// byte at a time cost no more than the bytes. Its memory grows with what has come, not with what the prefix promises.
public struct MessageDeframer: ~Copyable, @unchecked Sendable {  // the memory under way belongs to this value alone
    /// What a message may hold if nobody says otherwise: the default of the other gRPC runtimes.
    public static let defaultLimit = 4 * 1024 * 1024
    /// A message's memory begins no larger than this.
    private static let firstCapacity = 256 * 1024

    private let limit: Int
    private var first: FramedMessage?
    /// What lies behind `first`, uncut: the rest of its chunk, and then what came later.
    private var current: Chunk?
    private var later: ChunkQueue?
    private var fault: FramingFault?
    /// The bytes of a prefix that lies across chunks.
    private var prefix: UInt64 = 0
    private var prefixCount = 0
    /// The message under way: where it is gathered, how much of it has come, how long it will be.
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var gathered = 0
    private var length = 0
    private var isCompressed = false

    public init(maxMessageBytes limit: Int = MessageDeframer.defaultLimit) {
        self.limit = limit
    }

    deinit {
        free(memory)
    }

    /// A message, or the fault that ends the body, is there to be taken.
    public var isReady: Bool { first != nil || fault != nil }
    /// The body must not end here: behind all messages that were taken, one has begun and is not whole.
    public var isWithinMessage: Bool { prefixCount > 0 || memory != nil }
    /// Nothing more will be read.
    var isFaulty: Bool { fault != nil }
    /// Bytes that have come behind the message that is ready.
    var bytesBehind: Int { (current?.count ?? 0) + (later?.byteCount ?? 0) }

    /// The next whole message without its prefix, or nil until more has come. Messages before a fault come out first.
    ///
    /// For those who agreed on no compression: a compressed message is a fault.
    public mutating func next() throws(FramingFault) -> Chunk? {
        guard let message = try nextFramed() else { return nil }
        if message.isCompressed {
            fault = .compressed
            discard()
            throw .compressed
        }
        return message.bytes
    }

    /// The next whole message as it travelled.
    mutating func nextFramed() throws(FramingFault) -> FramedMessage? {
        if let message = first {
            first = nil
            if current != nil || later != nil { refill() }
            return message
        }
        if let fault { throw fault }
        return nil
    }

    public mutating func append(_ chunk: Chunk) {
        guard fault == nil, !chunk.isEmpty else { return }
        if first == nil { return cut(chunk) }
        if later == nil { later = ChunkQueue() }
        later?.append(chunk)
    }

    /// Forgets what was not taken.
    public mutating func discard() {
        first = nil
        current = nil
        later = nil
        free(memory)
        memory = nil
        prefixCount = 0
    }

    /// Cuts on until there is a message.
    private mutating func refill() {
        while first == nil, fault == nil {
            if let chunk = current {
                current = nil
                cut(chunk)
            } else if let chunk = later?.next() {
                cut(chunk)
            } else {
                later = nil
                return
            }
        }
    }

    private mutating func cut(_ chunk: Chunk) {
        var chunk = chunk
        while first == nil, fault == nil, !chunk.isEmpty {
            if memory != nil {
                gather(&chunk)
            } else if prefixCount == 0, chunk.count >= MessageFramer.prefixLength {
                begin(chunk.withUnsafeBytes { MessageDeframer.parse($0) }, &chunk)
            } else {
                gatherPrefix(&chunk)
            }
        }
        if !chunk.isEmpty, fault == nil { current = chunk }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> (flag: UInt8, length: Int) {
        (bytes[0], Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self))))
    }

    /// `chunk` begins with this prefix.
    private mutating func begin(_ prefix: (flag: UInt8, length: Int), _ chunk: inout Chunk) {
        guard accept(prefix) else { return }
        chunk.dropPrefix(MessageFramer.prefixLength)
        open(prefix.length, &chunk)
    }

    private mutating func gatherPrefix(_ chunk: inout Chunk) {
        let taken = chunk.takePrefix(min(MessageFramer.prefixLength - prefixCount, chunk.count))
        taken.withUnsafeBytes { bytes in
            for byte in bytes { prefix = prefix << 8 | UInt64(byte) }
        }
        prefixCount += taken.count
        guard prefixCount == MessageFramer.prefixLength else { return }
        let parsed = (flag: UInt8(truncatingIfNeeded: prefix >> 32), length: Int(prefix & 0xFFFF_FFFF))
        prefixCount = 0
        prefix = 0
        if accept(parsed) { open(parsed.length, &chunk) }
    }

    private mutating func accept(_ prefix: (flag: UInt8, length: Int)) -> Bool {
        if prefix.flag > 1 {
            fault = .unknownFlags(prefix.flag)
        } else if prefix.length > limit {
            fault = .tooLarge(prefix.length, limit: limit)
        }
        isCompressed = prefix.flag == 1
        return fault == nil
    }

    private mutating func open(_ length: Int, _ chunk: inout Chunk) {
        if chunk.count >= length {
            first = FramedMessage(bytes: chunk.takePrefix(length), isCompressed: isCompressed)
            return
        }
        self.length = length
        gathered = 0
        grow(to: min(length, max(chunk.count, MessageDeframer.firstCapacity)))
        if !chunk.isEmpty { gather(&chunk) }
    }

    private mutating func gather(_ chunk: inout Chunk) {
        let count = min(length - gathered, chunk.count)
        if gathered + count > capacity { grow(to: min(length, max(capacity * 4, gathered + count))) }
        guard let memory else { return }
        chunk.withUnsafeBytes { bytes in
            (memory + gathered).copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: count)  // not empty
        }
        chunk.dropPrefix(count)
        gathered += count
        guard gathered == length else { return }
        first = FramedMessage(
            bytes: Chunk(adopting: memory, capacity: capacity, start: 0, end: length), isCompressed: isCompressed)
        self.memory = nil
    }

    private mutating func grow(to capacity: Int) {
        guard let grown = realloc(memory, max(capacity, 1)) else { preconditionFailure("out of memory") }
        memory = grown
        self.capacity = capacity
    }
}

/// A message as it travels, without its prefix.
struct FramedMessage {
    var bytes: Chunk
    /// By the encoding that the head named.
    var isCompressed: Bool
}

/// Why a body is not a row of messages.
public enum FramingFault: Error, Equatable, Sendable {
    /// The peer compressed, though nothing was agreed.
    case compressed
    case unknownFlags(UInt8)
    case tooLarge(Int, limit: Int)
    /// The body ended within a message.
    case truncated
    /// A compressed message is not of its encoding.
    case notInflatable(String)
    /// A compressed message stands for more than a message may hold.
    case inflatesTooLarge(limit: Int)
}

extension RPCError {
    /// What a body that cannot be read is to the call (PROTOCOL-HTTP2, "Errors").
    init(_ fault: FramingFault, origin: Origin = .local) {
        let (code, cause, message): (StatusCode, Failure.Cause, String) =
            switch fault {
            case .compressed: (.internal, .protocolError, "a message is compressed, but no encoding was named")
            case .unknownFlags(let flags): (.internal, .protocolError, "a message has the unknown flags \(flags)")
            case .tooLarge(let length, let limit):
                (.resourceExhausted, .bodyTooLarge, "a message of \(length) bytes is over the limit of \(limit)")
            case .truncated: (.internal, .protocolError, "the body ended within a message")
            case .notInflatable(let what): (.internal, .protocolError, "a compressed message \(what)")
            case .inflatesTooLarge(let limit):
                (.resourceExhausted, .bodyTooLarge, "a compressed message inflates to more than the limit of \(limit)")
            }
        self.init(code, message, origin: origin, cause: Failure(.receive, cause, detail: message))
    }
}
