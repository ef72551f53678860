public import ProtoWire

/// A detail of an error as it travels: a `google.protobuf.Any`.
public struct ErrorDetail: Sendable, Equatable {
    /// `type.googleapis.com/google.rpc.BadRequest`
    public var typeURL: String
    /// The serialized message.
    public var value: [UInt8]

    public init(typeURL: String, value: [UInt8]) {
        self.typeURL = typeURL
        self.value = value
    }

    /// The message's full name: what stands behind the last slash.
    public var typeName: Substring {
        typeURL[(typeURL.lastIndex(of: "/").map(typeURL.index(after:)) ?? typeURL.startIndex)...]
    }
}

/// Details: messages of any contract beside an error's code, in `google.rpc.Status` (`grpc-status-details-bin`).
///
///     throw RPCError(.resourceExhausted, "too many courses").adding(quota)      // at the service
///     if let quota = error.detail(GoogleRpc.QuotaFailure.self) { ... }          // at the caller
///
/// The two messages around them are written and read by hand here, since generated code stands above this target.
extension RPCError {
    /// Details past this many are not looked at: whoever sends more, sends no details.
    private static let detailLimit = 64
    private static let typePrefix = "type.googleapis.com/"

    /// All details, as they travel; empty if what came is no `google.rpc.Status`.
    public var packedDetails: [ErrorDetail] {
        details.withUnsafeBufferPointer { buffer in
            do {
                return try RPCError.details(in: UnsafeRawBufferPointer(buffer))
            } catch {
                return []
            }
        }
    }

    /// Each detail that is an `M` and can be read.
    public func details<M: Message>(_ type: M.Type) -> [M] {
        packedDetails.compactMap { detail in
            detail.typeName == M.descriptor.fullName ? try? M(decoding: detail.value) : nil
        }
    }

    /// The first detail that is an `M`.
    public func detail<M: Message>(_ type: M.Type) -> M? { details(type).first }

    /// Adds a detail. Set the code and the message first: the status that travels with the details repeats them.
    ///
    /// Peers refuse trailers of 8 KiB, and the status is lost with them: details are for hundreds of bytes.
    public mutating func add<M: Message>(_ detail: M) {
        add(ErrorDetail(typeURL: RPCError.typePrefix + M.descriptor.fullName, value: detail.encoded()))
    }

    /// Adds a detail that is serialized already.
    public mutating func add(_ detail: ErrorDetail) {
        // Fields of a message may follow each other in any number of pieces, so that what is there needs not be read.
        if details.isEmpty {
            var status = WireWriter()
            if !message.isEmpty { status.string(message, tag: 0x12) }
            status.int64(Int64(code.rawValue), tag: 0x08)
            details = status.array()
        }
        var entry = WireWriter()
        entry.bytes(detail.value, tag: 0x12)
        entry.string(detail.typeURL, tag: 0x0A)
        entry.varint(UInt64(entry.count))
        entry.tag(0x1A)
        details += entry.array()
    }

    /// The same error with one more detail.
    public func adding<M: Message>(_ detail: M) -> RPCError {
        var error = self
        error.add(detail)
        return error
    }

    private static func details(in bytes: UnsafeRawBufferPointer) throws(DecodeError) -> [ErrorDetail] {
        var reader = WireReader(bytes)
        var details: [ErrorDetail] = []
        while let tag = try reader.nextTag() {
            guard tag == 0x1A, details.count < detailLimit else {
                try reader.skip(tag)
                continue
            }
            var inner = WireReader(try reader.rawBytes())
            var detail = ErrorDetail(typeURL: "", value: [])
            while let tag = try inner.nextTag() {
                switch tag {
                case 0x0A: detail.typeURL = try inner.string()
                case 0x12: detail.value = Array(try inner.rawBytes())
                default: try inner.skip(tag)
                }
            }
            details.append(detail)
        }
        return details
    }
}
