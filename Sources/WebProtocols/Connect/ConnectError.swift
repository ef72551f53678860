import Bytes
import ProtoWire
import RPC

/// An error as Connect writes it: JSON, with a word for the code (connectrpc.com, "Error codes", "Error end-stream").
struct ConnectError {
    let code: StatusCode
    let message: String
    /// The messages of `grpc-status-details-bin`.
    private let details: [Detail]
    /// More than this many details are no error that anybody reads.
    private static let maxDetails = 64

    private struct Detail {
        var type = ""
        var value: [UInt8] = []
    }

    init(_ error: RPCError) {
        code = error.code
        message = error.message
        details = ConnectError.details(in: error.details)
    }

    /// What the trailers of gRPC say.
    init(_ trailers: Fields, _ status: StatusTrailers) {
        code = status.code
        message = status.message
        details = ConnectError.details(in: trailers[.grpcStatusDetails].flatMap { Base64.decode($0) } ?? [])
    }

    /// `{"code":"not_found","message":"...","details":[{"type":"google.rpc.BadRequest","value":"..."}]}`
    var json: [UInt8] {
        var text = ConnectText()
        write(to: &text)
        return text.bytes
    }

    func write(to text: inout ConnectText) {
        text.open("{")
        text.member("code", code.connectName)
        if !message.isEmpty { text.member("message", message) }
        if !details.isEmpty {
            text.key("details")
            text.open("[")
            for detail in details {
                text.open("{")
                text.member("type", detail.type)
                text.member("value", Base64.encode(detail.value, padded: false))
                text.close("}")
            }
            text.close("]")
        }
        text.close("}")
    }

    /// The `Any`s of a `google.rpc.Status`, read by hand: its generated code stands above this target. What cannot be read
    /// is left out, since an error must not be lost to its decoration.
    private static func details(in status: [UInt8]) -> [Detail] {
        var found: [Detail] = []
        status.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let tag = try? reader.nextTag() {
                guard tag == 3 << 3 | 2 else {
                    guard (try? reader.skip(tag)) != nil else { return }
                    continue
                }
                guard let any = try? reader.rawBytes(), let detail = detail(any), found.count < maxDetails else {
                    return
                }
                found.append(detail)
            }
        }
        return found
    }

    private static func detail(_ any: UnsafeRawBufferPointer) -> Detail? {
        var reader = WireReader(any)
        var detail = Detail()
        do {
            while let tag = try reader.nextTag() {
                switch tag {
                case 1 << 3 | 2:
                    // The type without what stands before it: `type.googleapis.com/`.
                    let url = try reader.string()
                    detail.type = String(
                        url[(url.lastIndex(of: "/").map { url.index(after: $0) } ?? url.startIndex)...])
                case 2 << 3 | 2: detail.value = try reader.bytes()
                default: try reader.skip(tag)
                }
            }
        } catch {
            return nil
        }
        return detail
    }
}

extension StatusCode {
    /// Connect's word for the code: lower case, and one L.
    var connectName: String { self == .cancelled ? "canceled" : name.lowercased() }

    /// The status of a response that carries the error (connectrpc.com, "Error codes").
    var connectStatus: Int {
        switch self {
        case .ok: 200
        case .cancelled: 499
        case .unknown, .internal, .dataLoss: 500
        case .invalidArgument, .failedPrecondition, .outOfRange: 400
        case .deadlineExceeded: 504
        case .notFound: 404
        case .alreadyExists, .aborted: 409
        case .permissionDenied: 403
        case .resourceExhausted: 429
        case .unimplemented: 501
        case .unavailable: 503
        case .unauthenticated: 401
        }
    }
}
