public import Bytes
import Exchange
import ProtoWire

/// The status of a call as it stands in trailers, or in a response that is a head alone ("Trailers-Only").
public struct StatusTrailers: Sendable {
    /// A `grpc-status` that is missing or no number between 0 and 16 is UNKNOWN.
    public var code: StatusCode
    public var message: String
    /// The fields hold a `grpc-status`, whatever it says.
    public let isPresent: Bool

    public init(_ fields: Fields) {
        let parsed = fields.withValue(.grpcStatus) { StatusTrailers.code($0) }
        isPresent = parsed != nil
        code = (parsed ?? nil) ?? .unknown
        message = code == .ok ? "" : fields.withValue(.grpcMessage) { PercentCoding.decode($0) } ?? ""
    }

    private static func code(_ digits: UnsafeBufferPointer<UInt8>) -> StatusCode? {
        guard 1...2 ~= digits.count else { return nil }
        var value = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return StatusCode(rawValue: value)
    }

    /// The trailers of a call that went well and says nothing more.
    static let ok = (["grpc-status": "0"] as Fields).identified()

    /// Appends a status to the fields of a head or of trailers. Details over the limit are left out, so that the status gets
    /// through.
    static func append(_ error: RPCError, to fields: inout Fields, detailLimit: Int = Int.max) {
        fields.append(.grpcStatus, String(error.code.rawValue))
        if !error.message.isEmpty {
            fields.append(.grpcMessage, PercentCoding.encode(bounded(error.message)))
        }
        if !error.details.isEmpty,
            Base64.encodedCount(error.details.count, padded: false) < detailLimit - fields.listSize
        {
            fields.append(.grpcStatusDetails, Base64.encode(error.details, padded: false))
        }
        if let why = error.why ?? error.cause.map({ Why($0) }) {
            fields.append(.weftWhy, Base64.encode(why.encoded(), padded: false))
        }
    }

    /// A message longer than this could make the trailers too large for the peer, and the status would be lost with it.
    static let messageLimit = 2048

    /// Counts scalars' bytes: a character may be as long as a peer likes.
    private static func bounded(_ message: String) -> String {
        guard message.utf8.count > messageLimit else { return message }
        var kept = ""
        for scalar in message.unicodeScalars {
            guard kept.utf8.count + UTF8.width(scalar) <= messageLimit else { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + "..."
    }

    /// The error that trailers tell, with everything that came with it. Nil if they say OK.
    static func error(in fields: Fields) -> RPCError? {
        let status = StatusTrailers(fields)
        guard status.code != .ok else { return nil }
        var error = RPCError(status.code, status.message, origin: .peer)
        error.metadata = Metadata(received: fields)
        if let details = fields[.grpcStatusDetails].flatMap({ Base64.decode($0) }) { error.details = details }
        if let why = fields[.weftWhy].flatMap({ Base64.decode($0) }) { error.why = Why(bytes: why) }
        return error
    }
}
